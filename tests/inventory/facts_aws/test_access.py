"""Who can do what to AI assets, from the documents of a whole account."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inventory.documents import LinkTo, Problem, ScopeState, ScopeView, Unknown, Unread
from inventory.facts import Edge, Estate, Node
from inventory.facts.aws_access import ASKED, NO_ORGANIZATION, NO_SESSIONS, who_can
from inventory.facts.aws_everywhere import everywhere_may
from inventory.facts.aws_identity import administrator, escalates_through, invokes_unguarded
from inventory.facts.registry import FACTS
from inventory.iam.actions import known
from inventory.iam.questions import QUESTIONS

ACCOUNT, VENDOR = "111122223333", "999988887777"
BUCKET = "arn:aws:s3:::data"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k"
READ = ("aws.iam.role", "aws.iam.user", "aws.iam.policy", "aws.s3.bucket", "aws.s3.account", "aws.kms.key")
MODEL = "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"


def allow(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def person(name: str, *statements: dict[str, Any], kind: str = "role", **more: Any) -> Node:
    inline = [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else []
    config = {f"{kind.title()}Name": name, f"{kind.title()}PolicyList": inline, **more}
    return Node(kind=f"aws.iam.{kind}", external_id=f"arn:aws:iam::{ACCOUNT}:{kind}/{name}", name=name, config=config)


def bucket(*statements: dict[str, Any], **more: Any) -> Node:
    config = {"Policy": document(*statements)} if statements else {}
    return Node(
        kind="aws.s3.bucket",
        external_id=BUCKET,
        name="data",
        place="eu-west-1",
        config=config,
        ai_role="dataset",
        **more,
    )


def grant(principal: Any, action: Any, resource: Any = f"{BUCKET}/*") -> dict[str, Any]:
    return allow(action, resource) | {"Principal": principal}


def estate(*nodes: Node, edges: tuple[Edge, ...] = (), unread: tuple[str, ...] = ()) -> Estate:
    kinds = {*READ, *(node.kind for node in nodes)}
    scopes = [
        ScopeView("-", kind, ScopeState.INCOMPLETE if kind in unread else ScopeState.COMPLETE) for kind in sorted(kinds)
    ]
    return Estate(nodes, edges, scopes, account=ACCOUNT)


def names(node: Node, found: Estate, verb: str) -> list[str]:
    said = who_can(node, found)
    assert isinstance(said, dict)
    return list(said["answers"][verb]["names"])


def fact_of(name: str, node: Node, found: Estate) -> Any:
    declared = next(fact for fact in FACTS if fact.name == name and node.kind in fact.kinds)
    return declared.compute(node, found)


def test_every_question_is_about_actions_that_exist() -> None:
    asked = {action for questions in QUESTIONS.values() for question in questions for action in question.actions}
    assert [action for action in sorted(asked) if not known(action)] == []
    assert set(ASKED) == set(QUESTIONS)


def test_the_identity_policy_or_the_bucket_policy_is_enough_within_the_account() -> None:
    data = bucket(grant({"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"}, "s3:PutObject"))
    found = estate(data, person("ann", kind="user"), person("loader", allow("s3:*", f"{BUCKET}/raw/*")), person("idle"))
    assert names(data, found, "write") == ["role/loader", "user/ann"]
    assert names(data, found, "delete") == ["role/loader"]


def test_a_deny_in_the_bucket_policy_wins_over_every_allow() -> None:
    refuse = grant("*", "s3:DeleteObject*") | {"Effect": "Deny"}
    data = bucket(refuse)
    found = estate(data, person("loader", allow("s3:*")))
    assert names(data, found, "write") == ["role/loader"]
    assert names(data, found, "delete") == []


def test_refusing_plain_http_takes_nothing_from_callers_that_use_tls() -> None:
    refuse = grant("*", "s3:*", [BUCKET, f"{BUCKET}/*"]) | {
        "Effect": "Deny",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    data = bucket(refuse)
    assert names(data, estate(data, person("loader", allow("s3:*"))), "write") == ["role/loader"]


def test_a_pattern_that_reaches_only_some_objects_counts() -> None:
    data = bucket()
    found = estate(data, person("studio", allow("s3:PutObject", "arn:aws:s3:::*sagemaker*")))
    assert names(data, found, "write") == ["role/studio"]


def test_another_account_is_named_and_the_world_too() -> None:
    data = bucket(grant({"AWS": f"arn:aws:iam::{VENDOR}:root"}, "s3:PutObject"), grant("*", "s3:GetObject"))
    said = who_can(data, estate(data))
    assert isinstance(said, dict)
    assert said["answers"]["write"]["outside"] == [VENDOR]
    assert said["answers"]["read"]["outside"] == ["anybody"]
    blocked = bucket(grant({"AWS": VENDOR}, "s3:GetObject"), grant("*", "s3:GetObject"))
    blocked.config["PublicAccessBlock"] = {"RestrictPublicBuckets": True}
    kept = who_can(blocked, estate(blocked))
    assert isinstance(kept, dict)
    assert kept["answers"]["read"]["outside"] == []


def test_reading_encrypted_data_also_needs_the_key() -> None:
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    key = Node(kind="aws.kms.key", external_id=KEY, name="k", config={"Policy": document(grant(root, "kms:*", "*"))})
    data = bucket()
    edges = (Edge(data.identity, LinkTo("encrypted_by", "aws.kms.key", KEY)),)
    reader, both = allow("s3:GetObject"), allow(["s3:GetObject", "kms:Decrypt"])
    found = estate(data, key, person("half", reader), person("whole", both), edges=edges)
    assert names(data, found, "read") == ["role/whole"]


def test_without_the_key_policy_an_identity_policy_opens_no_key() -> None:
    key = Node(
        kind="aws.kms.key",
        external_id=KEY,
        ai_role="dataset",
        config={"Policy": document(grant({"AWS": f"arn:aws:iam::{ACCOUNT}:role/keeper"}, "kms:*", "*"))},
    )
    found = estate(key, person("keeper"), person("greedy", allow("kms:*")))
    assert names(key, found, "use") == ["role/keeper"]


def test_a_boundary_limits_a_role_but_not_what_a_bucket_gives_a_user_by_name() -> None:
    policy = Node(
        kind="aws.iam.policy",
        external_id=BOUNDARY,
        config={"PolicyVersionList": [{"IsDefaultVersion": True, "Document": document(allow("s3:GetObject"))}]},
    )
    bound = {"PermissionsBoundary": {"PermissionsBoundaryArn": BOUNDARY}}
    people = [f"arn:aws:iam::{ACCOUNT}:role/job", f"arn:aws:iam::{ACCOUNT}:user/ann"]
    data = bucket(grant({"AWS": people}, "s3:PutObject"))
    found = estate(data, policy, person("job", allow("s3:*"), **bound), person("ann", kind="user", **bound))
    assert names(data, found, "write") == ["user/ann"]
    assert names(data, found, "read") == ["role/job"]


def test_a_condition_that_nobody_can_decide_is_shown_with_its_reason() -> None:
    data = bucket()
    found = estate(data, person("office", allow("s3:PutObject", "*", IpAddress={"aws:SourceIp": "192.0.2.0/24"})))
    said = who_can(data, found)
    assert isinstance(said, dict)
    answer = said["answers"]["write"]
    assert (answer["count"], answer["unsure"], answer["unsure_names"]) == (0, 1, ["role/office"])
    assert answer["because"] == ["It depends on the address that the call comes from."]
    assert isinstance(fact_of("may_write", data, found), Unknown)


def test_administrators_are_counted_apart() -> None:
    data = bucket()
    found = estate(data, person("root", allow("*")), person("loader", allow("s3:PutObject")))
    said = who_can(data, found)
    assert isinstance(said, dict)
    answer = said["answers"]["write"]
    assert (answer["count"], answer["administrators"], answer["names"]) == (2, 1, ["role/loader"])
    assert fact_of("may_write", data, found) == ["role/loader"]


def test_more_holders_than_are_shown_are_still_counted() -> None:
    data = bucket()
    found = estate(data, *(person(f"r{number:03}", allow("s3:*")) for number in range(137)))
    said = who_can(data, found)
    assert isinstance(said, dict)
    assert said["answers"]["write"]["count"] == 137
    assert said["answers"]["write"]["names"] == [f"role/r{number:03}" for number in range(100)]


@pytest.mark.parametrize("kind", ["aws.iam.role", "aws.iam.user"])
def test_principals_that_were_not_all_read_leave_it_open(kind: str) -> None:
    data = bucket()
    assert isinstance(who_can(data, estate(data, unread=(kind,))), Unknown)
    assert isinstance(fact_of("may_write", data, estate(data, unread=(kind,))), Unknown)
    known_writer = estate(data, person("loader", allow("s3:PutObject")), unread=(kind,))
    assert fact_of("may_write", data, known_writer) == ["role/loader"]


def test_a_bucket_policy_that_was_not_read_leaves_it_open_with_its_reason() -> None:
    data = bucket(unread=(Unread("Policy", Problem.DENIED, "No permission."),))
    found = estate(data, person("loader", allow("s3:*")))
    assert who_can(data, found) == Unknown("Policy was not read: No permission.")
    assert fact_of("may_write", data, found) == Unknown("Policy was not read: No permission.")


def test_a_bucket_that_serves_no_ai_is_not_asked_about() -> None:
    other = Node(kind="aws.s3.bucket", external_id="arn:aws:s3:::logs", name="logs")
    assert who_can(other, estate(other, person("loader", allow("s3:*")))) == {}


@pytest.mark.parametrize(
    ("link", "named"), [("writes_data", ["role/stranger"]), ("reads_data", ["role/stranger", "role/training"])]
)
def test_the_pipelines_that_write_to_a_bucket_are_expected_to(link: str, named: list[str]) -> None:
    data = bucket()
    job = Node(kind="aws.sagemaker.training_job", external_id=f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:training-job/j")
    role = person("training", allow("s3:*", f"{BUCKET}/*"))
    edges = (
        Edge(job.identity, LinkTo(link, "aws.s3.bucket", BUCKET)),
        Edge(job.identity, LinkTo("uses_role", "aws.iam.role", role.external_id)),
    )
    found = estate(data, job, role, person("stranger", allow("s3:PutObject")), edges=edges)
    assert fact_of("may_write", data, found) == named


def test_the_artifact_of_a_model_is_found_in_its_document_and_in_its_package() -> None:
    package = Node(
        kind="aws.sagemaker.model_package",
        external_id=f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model-package/p/1",
        config={"InferenceSpecification": {"Containers": [{"ModelDataUrl": "s3://data/out/model.tar.gz"}]}},
    )
    model = Node(
        kind="aws.sagemaker.model",
        external_id=f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/m",
        config={"PrimaryContainer": {"ModelPackageName": package.external_id}},
    )
    edges = (Edge(model.identity, LinkTo("loads", package.kind, package.external_id)),)
    exact, beside = f"{BUCKET}/out/model.tar.gz", f"{BUCKET}/out/other/*"
    people = person("exact", allow("s3:PutObject", exact)), person("beside", allow("s3:PutObject", beside))
    found = estate(bucket(), package, model, *people, edges=edges)
    assert fact_of("may_write_artifact", model, found) == ["role/exact"]


def test_an_agent_is_called_through_its_aliases() -> None:
    agent = Node(kind="aws.bedrock.agent", external_id=f"arn:aws:bedrock:eu-west-1:{ACCOUNT}:agent/A1")
    alias = f"arn:aws:bedrock:eu-west-1:{ACCOUNT}:agent-alias/A1/LIVE"
    people = person("caller", allow("bedrock:InvokeAgent", alias)), person("other", allow("bedrock:InvokeAgent", MODEL))
    assert names(agent, estate(agent, *people), "invoke") == ["role/caller"]


def test_a_role_is_handed_only_to_services_that_it_trusts() -> None:
    trust = document(
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    )
    strong = person("strong", allow("s3:*"), AssumeRolePolicyDocument=trust)
    object.__setattr__(strong, "ai_role", "model")

    def passer(name: str, service: str) -> Node:
        return person(name, allow("iam:PassRole", "*", StringEquals={"iam:PassedToService": service}))

    found = estate(strong, passer("ml", "sagemaker.amazonaws.com"), passer("web", "lambda.amazonaws.com"))
    assert names(strong, found, "pass") == ["role/ml"]
    assert names(strong, found, "assume") == []


def test_logging_is_changed_by_whoever_may_do_it_to_the_account() -> None:
    logging = Node(kind="aws.bedrock.logging_configuration", external_id=f"arn:aws:bedrock:eu-west-1:{ACCOUNT}:logging")
    narrow = allow("bedrock:PutModelInvocationLoggingConfiguration", "arn:aws:bedrock:*:*:guardrail/*")
    found = estate(logging, person("wide", allow("bedrock:*")), person("narrow", narrow))
    assert fact_of("may_change", logging, found) == ["role/wide"]


def test_the_roles_of_aws_itself_are_nobodys() -> None:
    own = person("AWSServiceRoleForX", allow("s3:*"))
    object.__setattr__(
        own, "external_id", f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    )
    data = bucket()
    assert names(data, estate(data, own), "write") == []


def test_a_boundary_takes_away_administration() -> None:
    policy = Node(
        kind="aws.iam.policy",
        external_id=BOUNDARY,
        config={"PolicyVersionList": [{"IsDefaultVersion": True, "Document": document(allow("bedrock:*"))}]},
    )
    bound = person("bound", allow("*"), PermissionsBoundary={"PermissionsBoundaryArn": BOUNDARY})
    found = estate(policy, bound)
    assert administrator(bound, found) is False
    assert "bedrock:InvokeModel" in everywhere_may(bound, found)
    assert "s3:GetObject" not in everywhere_may(bound, found)


def test_a_deny_closes_the_way_up_through_ai_services() -> None:
    role = person("ml", allow(["iam:PassRole", "sagemaker:*"]), allow("iam:PassRole") | {"Effect": "Deny"})
    assert escalates_through(role, estate(role)) == []


def test_a_model_call_without_a_guardrail_is_told_from_one_with() -> None:
    free = person("free", allow("bedrock:InvokeModel", MODEL))
    demanded = person(
        "demanded", allow("bedrock:InvokeModel", "*", StringEquals={"bedrock:GuardrailIdentifier": "arn:guardrail"})
    )
    refused = person(
        "refused",
        allow("bedrock:*"),
        allow("bedrock:Invoke*", "*", StringNotEquals={"bedrock:GuardrailIdentifier": "arn:guardrail"})
        | {"Effect": "Deny"},
    )
    found = estate(free, demanded, refused)
    assert [invokes_unguarded(role, found) for role in (free, demanded, refused)] == [True, False, False]
    model = Node(kind="aws.bedrock.foundation_model", external_id=MODEL, place="eu-west-1")
    asked = estate(free, demanded, refused, model)
    assert names(model, asked, "invoke") == ["role/demanded", "role/free", "role/refused"]


ORGANIZATION = {"Id": "o-halden", "MasterAccountId": "222233334444"}


def organization(**more: Any) -> Node:
    described = {"Organization": ORGANIZATION | more}
    return Node(kind="aws.organizations.organization", external_id="o", config=described)


def control(*statements: dict[str, Any], target: str = "r-1", sort: str = "ROOT", kind: str = "service") -> Node:
    content = {
        "Policy": {"Content": json.dumps(document(*statements))},
        "Targets": [{"TargetId": target, "Type": sort}],
    }
    return Node(kind=f"aws.organizations.{kind}_control_policy", external_id=f"p-{target}-{sort}", config=content)


def test_the_organizations_own_principals_are_told_from_strangers() -> None:
    opened = grant("*", "s3:GetObject") | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-halden"}}}
    data = bucket(opened)
    said = who_can(data, estate(data, organization(), person("idle")))
    assert isinstance(said, dict)
    assert said["answers"]["read"]["names"] == ["role/idle"]
    assert said["answers"]["read"]["outside"] == []
    doubtful = who_can(data, estate(data, person("idle")))
    assert isinstance(doubtful, dict)
    assert doubtful["answers"]["read"]["unsure_names"] == ["role/idle"]


def test_a_control_policy_takes_away_and_then_nothing_is_taken_for_granted() -> None:
    data = bucket()
    keep = control(allow("*"), allow("s3:PutObject") | {"Effect": "Deny"})
    resources = control(kind="resource")
    found = estate(data, organization(), keep, resources, person("loader", allow("s3:*")))
    said = who_can(data, found)
    assert isinstance(said, dict)
    assert said["answers"]["write"]["names"] == []
    assert said["answers"]["delete"]["names"] == ["role/loader"]
    assert said["assumes"] == [NO_SESSIONS]


UNIT_POLICY = control(allow("*"), target="ou-1", sort="ORGANIZATIONAL_UNIT")


def test_a_resource_control_policy_keeps_strangers_out() -> None:
    stay_inside = {"StringNotEquals": {"aws:PrincipalOrgID": "o-halden"}}
    refuse = grant("*", "s3:*", "*") | {"Effect": "Deny", "Condition": stay_inside}
    data = bucket(grant("*", "s3:GetObject"))
    found = estate(data, organization(), control(refuse, kind="resource"), person("idle"))
    said = who_can(data, found)
    assert isinstance(said, dict)
    assert said["answers"]["read"]["outside"] == []
    assert said["answers"]["read"]["names"] == ["role/idle"]


@pytest.mark.parametrize(
    ("nodes", "assumes"),
    [
        ((), True),
        ((organization(),), True),
        ((organization(MasterAccountId=ACCOUNT),), False),
        (
            (organization(), control(allow("*"), target="ou-1", sort="ORGANIZATIONAL_UNIT"), control(kind="resource")),
            True,
        ),
    ],
)
def test_policies_that_were_not_read_are_said_to_be_taken_for_granted(nodes: tuple[Node, ...], assumes: bool) -> None:
    data = bucket()
    said = who_can(data, estate(data, *nodes, person("loader", allow("s3:*"))))
    assert isinstance(said, dict)
    assert said["answers"]["write"]["names"] == ["role/loader"]
    assert (NO_ORGANIZATION in said["assumes"]) is assumes


def test_an_account_without_an_organization_is_bound_by_none() -> None:
    data = bucket()
    scopes = [ScopeView("-", kind, ScopeState.COMPLETE) for kind in (*READ, "aws.organizations.organization")]
    said = who_can(data, Estate([data], (), scopes, account=ACCOUNT))
    assert isinstance(said, dict)
    assert said["assumes"] == [NO_SESSIONS]
