"""What principals may do, from inline, managed and group policies."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import Unknown
from inventory.facts.aws_everywhere import SORTS, everywhere_may
from inventory.facts.aws_identity import (
    administrator,
    assumable_from_outside,
    calls_models,
    escalates_through,
    invokes_unguarded,
    unconfined_services,
    wide_ai_services,
)
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import FACTS
from inventory.iam.actions import known

ACCOUNT = "111122223333"


def allow(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"Statement": [statement | ({"Condition": condition} if condition else {})]}


def role(*documents: dict[str, Any], attached: tuple[str, ...] = (), trust: Any = None) -> Node:
    config = {
        "RolePolicyList": [{"PolicyName": "inline", "PolicyDocument": document} for document in documents],
        "AttachedManagedPolicies": [{"PolicyName": n, "PolicyArn": f"arn:aws:iam::aws:policy/{n}"} for n in attached],
        "AssumeRolePolicyDocument": trust or {"Statement": []},
    }
    return Node(kind="aws.iam.role", external_id=f"arn:aws:iam::{ACCOUNT}:role/r", name="r", config=config)


def trust(principal: Any, **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Statement": [statement | ({"Condition": condition} if condition else {})]}


NOBODY = Estate([], account=ACCOUNT)


def test_a_star_on_everything_is_an_administrator() -> None:
    assert administrator(role(allow("*")), NOBODY) is True
    assert administrator(role(attached=("AdministratorAccess",)), NOBODY) is True
    assert administrator(role(allow("*", "arn:aws:s3:::data/*")), NOBODY) is False


def test_what_leaves_one_principal_open_is_no_reason_of_another() -> None:
    region = role(allow("*", StringEquals={"aws:RequestedRegion": "eu-central-1"}))
    factor = role(allow("*", Bool={"aws:MultiFactorAuthPresent": "true"}))
    factor = Node(kind=factor.kind, external_id=f"{factor.external_id}2", name="r2", config=factor.config)
    together = Estate([region, factor], account=ACCOUNT)
    for node in (region, factor):
        assert administrator(node, together) == administrator(node, Estate([node], account=ACCOUNT))


def test_a_managed_policy_that_was_not_read_leaves_the_answer_open() -> None:
    assert isinstance(administrator(role(attached=("TeamPolicy",)), NOBODY), Unknown)


def test_a_managed_policy_counts_with_its_default_version() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/team"
    versions = [
        {"IsDefaultVersion": False, "Document": allow("*")},
        {"IsDefaultVersion": True, "Document": allow("bedrock:*")},
    ]
    stored = Node(kind="aws.iam.policy", external_id=arn, config={"PolicyVersionList": versions})
    node = role()
    node.config["AttachedManagedPolicies"] = [{"PolicyName": "team", "PolicyArn": arn}]
    found = Estate([node, stored], account=ACCOUNT)
    assert administrator(node, found) is False
    assert wide_ai_services(node, found) == ["bedrock"]


def test_a_user_has_what_its_groups_have() -> None:
    group = {"GroupName": "ml", "GroupPolicyList": [{"PolicyDocument": allow("sagemaker:*")}]}
    user = Node(kind="aws.iam.user", external_id=f"arn:aws:iam::{ACCOUNT}:user/u", config={"Groups": [group]})
    assert wide_ai_services(user, NOBODY) == ["sagemaker"]


def test_everything_but_a_few_actions_is_as_wide_as_everything() -> None:
    document = {"Statement": [{"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}]}
    assert "s3:GetObject" in everywhere_may(role(document), NOBODY)
    assert "iam:PassRole" not in everywhere_may(role(document), NOBODY)


@pytest.mark.parametrize(
    ("documents", "through"),
    [
        ((allow(["iam:PassRole", "sagemaker:CreateTrainingJob"]),), ["sagemaker"]),
        ((allow("iam:PassRole"), allow("bedrock:*")), ["bedrock"]),
        ((allow("iam:PassRole", StringEquals={"iam:PassedToService": "lambda.amazonaws.com"}), allow("bedrock:*")), []),
        ((allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/training"), allow("sagemaker:*")), []),
        ((allow("sagemaker:*"),), []),
        (
            (allow("iam:PassRole"), allow("sagemaker:*", StringEquals={"aws:ResourceAccount": ACCOUNT})),
            ["sagemaker"],
        ),
        (
            (
                allow("iam:PassRole"),
                allow("sagemaker:CreateTrainingJob", f"arn:aws:sagemaker:*:{ACCOUNT}:training-job/dev-*"),
            ),
            ["sagemaker"],
        ),
    ],
)
def test_passing_any_role_into_an_ai_service_escalates(documents: Any, through: list[str]) -> None:
    assert escalates_through(role(*documents), NOBODY) == through


def of_sort(name: str, *documents: dict[str, Any]) -> Any:
    return next(fact for fact in FACTS if fact.name == f"everywhere_{name}").compute(role(*documents), NOBODY)


def test_every_watched_action_exists() -> None:
    assert [action for sort in SORTS.values() for action in sort.actions if not known(action)] == []


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringEquals": {"aws:ResourceAccount": ACCOUNT}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"aws:RequestedRegion": ["eu-central-1", "us-east-1"]}},
        {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
    ],
)
def test_a_condition_that_every_thing_of_the_account_meets_limits_nothing(condition: dict[str, Any]) -> None:
    assert of_sort("buckets", allow("s3:GetObject", **condition)) == ["s3:GetObject"]
    assert wide_ai_services(role(allow("bedrock:*", **condition)), NOBODY) == ["bedrock"]


@pytest.mark.parametrize(
    ("sort", "action", "condition"),
    [
        ("secrets", "secretsmanager:GetSecretValue", {"StringEquals": {"aws:ResourceTag/team": "ml"}}),
        ("secrets", "kms:Decrypt", {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
        ("notebooks", "sagemaker:CreatePresignedDomainUrl", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        ("products", "aws-marketplace:Subscribe", {"StringEquals": {"aws-marketplace:ProductId": "p-1"}}),
    ],
)
def test_a_condition_that_only_some_things_meet_takes_an_action_off_the_list(
    sort: str, action: str, condition: dict[str, Any]
) -> None:
    assert of_sort(sort, allow(action)) == [action]
    assert of_sort(sort, allow(action, **condition)) == []


def test_a_condition_on_the_call_leaves_its_sort_open_and_no_other() -> None:
    factor = allow("kms:Decrypt", Bool={"aws:MultiFactorAuthPresent": "true"})
    assert isinstance(of_sort("secrets", factor), Unknown)
    assert of_sort("buckets", factor, allow("s3:GetObject")) == ["s3:GetObject"]
    assert everywhere_may(role(factor, allow("s3:GetObject")), NOBODY) == ["s3:GetObject"]


@pytest.mark.parametrize(
    ("sort", "action", "resource"),
    [
        ("secrets", "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:*"),
        ("secrets", "kms:Decrypt", "arn:aws:kms:*:*:key/*"),
        ("secrets", "ssm:GetParameter", f"arn:aws:ssm:*:{ACCOUNT}:parameter/*"),
        ("functions", "lambda:InvokeFunction", f"arn:aws:lambda:*:{ACCOUNT}:function:*"),
        ("models", "bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*"),
        ("defences", "bedrock:DeleteGuardrail", f"arn:aws:bedrock:*:{ACCOUNT}:guardrail/*"),
        ("defences", "cloudtrail:StopLogging", f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"),
        ("notebooks", "sagemaker:CreatePresignedDomainUrl", f"arn:aws:sagemaker:*:{ACCOUNT}:user-profile/*"),
        ("buckets", "s3:GetObject", "arn:aws:s3:::*"),
    ],
)
def test_every_thing_of_a_type_is_everywhere_and_one_of_them_is_not(sort: str, action: str, resource: str) -> None:
    assert of_sort(sort, allow(action, resource)) == [action]
    assert of_sort(sort, allow(action, resource.removesuffix("*") + "one")) == []


def test_trust_without_a_condition_lets_outsiders_in() -> None:
    other = "arn:aws:iam::444455556666:root"
    assert assumable_from_outside(role(trust=trust({"AWS": other})), NOBODY) == ["444455556666"]
    assert assumable_from_outside(role(trust=trust({"AWS": "*"})), NOBODY) == ["*"]
    assert assumable_from_outside(role(trust=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})), NOBODY) == []
    guarded = trust({"AWS": other}, StringEquals={"sts:ExternalId": "x"})
    assert assumable_from_outside(role(trust=guarded), NOBODY) == []


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ("*", {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}, ["444455556666"]),
        ("444455556666", {"StringEquals": {"aws:PrincipalOrgID": "o-other"}}, ["444455556666"]),
        ("444455556666", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, ["444455556666"]),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-other"}}, ["o-other"]),
        ("444455556666", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, []),
        ("*", {"StringEquals": {"aws:PrincipalAccount": "444455556666", "sts:ExternalId": "x"}}, []),
    ],
)
def test_trust_in_others_needs_an_agreed_word_or_the_own_organization(
    principal: str, condition: dict[str, Any], expected: list[str]
) -> None:
    own = Node(kind="aws.organizations.organization", external_id="o", config={"Organization": {"Id": "o-1"}})
    itself = Node(kind="aws.organizations.account", external_id=ACCOUNT, config={"Id": ACCOUNT})
    node = role(trust=trust({"AWS": principal}, **condition))
    assert assumable_from_outside(node, Estate([node, own, itself], account=ACCOUNT)) == expected


def test_trust_in_a_star_from_any_address_lets_outsiders_in_and_a_deny_keeps_them_out() -> None:
    anywhere = trust({"AWS": "*"}, IpAddress={"aws:SourceIp": "0.0.0.0/0"})
    assert assumable_from_outside(role(trust=anywhere), NOBODY) == ["*"]
    deny = trust({"AWS": "*"}, StringNotEquals={"aws:PrincipalOrgID": "o-1"})["Statement"][0] | {"Effect": "Deny"}
    shut = {"Statement": [*trust({"AWS": "*"})["Statement"], deny]}
    assert assumable_from_outside(role(trust=shut), NOBODY) == []


@pytest.mark.parametrize(
    ("issuer", "subject", "expected"),
    [
        ("token.actions.githubusercontent.com", None, ["*"]),
        ("token.actions.githubusercontent.com", "repo:*", ["*"]),
        ("token.actions.githubusercontent.com", "repo:example/shop:*", []),
        ("gitlab.com", None, ["*"]),
        ("oidc.eks.eu-west-1.amazonaws.com/id/1", None, []),
    ],
)
def test_a_public_issuer_without_a_subject_is_everybody(issuer: str, subject: str | None, expected: list[str]) -> None:
    provider = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}
    conditions = {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"}}
    document = trust(provider, **conditions, **({"StringLike": {f"{issuer}:sub": subject}} if subject else {}))
    document["Statement"][0]["Action"] = "sts:AssumeRoleWithWebIdentity"
    assert assumable_from_outside(role(trust=document), NOBODY) == expected


def test_an_ai_service_is_confined_by_source_account_or_arn() -> None:
    bedrock = {"Service": "bedrock.amazonaws.com"}
    assert unconfined_services(role(trust=trust(bedrock)), NOBODY) == ["bedrock.amazonaws.com"]
    confined = trust(bedrock, StringEquals={"aws:SourceAccount": ACCOUNT})
    assert unconfined_services(role(trust=confined), NOBODY) == []
    assert unconfined_services(role(trust=trust({"Service": "ec2.amazonaws.com"})), NOBODY) == []


@pytest.mark.parametrize(
    ("condition", "confined"),
    [
        ({"ArnLike": {"aws:SourceArn": "arn:aws:bedrock:*:*:*"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}, False),
        ({"StringLike": {"aws:SourceAccount": "*"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "999988887777"}}, False),
        ({"StringEquals": {"aws:SourceAccount": [ACCOUNT, "999988887777"]}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:bedrock:*:{ACCOUNT}:agent/*"}}, True),
    ],
)
def test_a_condition_that_every_source_meets_confines_no_service(condition: dict[str, Any], confined: bool) -> None:
    service = "bedrock.amazonaws.com"
    node = role(trust=trust({"Service": service}, **condition))
    assert unconfined_services(node, NOBODY) == ([] if confined else [service])


@pytest.mark.parametrize(
    "action",
    [
        "bedrock-mantle:CreateInference", "bedrock:InvokeAgent", "bedrock:InvokeFlow",
        "bedrock-agentcore:InvokeAgentRuntime", "bedrock:CreateModelInvocationJob", "sagemaker:InvokeEndpoint",
    ],
)  # fmt: skip
def test_every_way_to_have_a_model_answer_counts(action: str) -> None:
    assert calls_models(role(allow(action)), NOBODY) is True
    assert calls_models(role(allow("bedrock:List*")), NOBODY) is False


def test_models_in_some_regions_are_models_too() -> None:
    tied = allow("bedrock:InvokeModel", StringEquals={"aws:RequestedRegion": "eu-central-1"})
    assert calls_models(role(tied), NOBODY) is True
    assert invokes_unguarded(role(tied), NOBODY) is True


def test_a_way_to_models_that_knows_no_guardrails_is_unguarded() -> None:
    demanded = allow("bedrock:InvokeModel", StringEquals={"bedrock:GuardrailIdentifier": "arn:guardrail"})
    assert invokes_unguarded(role(demanded), NOBODY) is False
    assert invokes_unguarded(role(demanded, allow("bedrock-mantle:CreateInference")), NOBODY) is True


@pytest.mark.parametrize(
    ("service", "through"), [("sagemaker.amazonaws.com", ["sagemaker"]), ("ec2.amazonaws.com", [])]
)
def test_passing_an_administrators_role_into_a_service_that_it_trusts_escalates(
    service: str, through: list[str]
) -> None:
    strong = role(allow("*"), trust=trust({"Service": service}))
    weak = role(allow("iam:PassRole", strong.external_id), allow("sagemaker:CreateNotebookInstance"))
    weak = Node(kind=weak.kind, external_id=f"{weak.external_id}2", name="r2", config=weak.config)
    assert escalates_through(weak, Estate([strong, weak], account=ACCOUNT)) == through


def test_a_harness_takes_a_role_too() -> None:
    node = role(allow(["iam:PassRole", "bedrock-agentcore:CreateHarness"]))
    assert escalates_through(node, NOBODY) == ["bedrock-agentcore"]


@pytest.mark.parametrize(
    ("sort", "action"),
    [
        ("defences", "cloudtrail:PutEventSelectors"),
        ("defences", "bedrock:DeleteEnforcedGuardrailConfiguration"),
        ("defences", "bedrock-agentcore:UpdateGateway"),
        ("notebooks", "sagemaker:CreatePresignedMlflowTrackingServerUrl"),
        ("models", "bedrock-mantle:CreateInference"),
        ("secrets", "ssm:GetParametersByPath"),
    ],
)
def test_every_call_of_a_sort_is_watched(sort: str, action: str) -> None:
    assert of_sort(sort, allow(action)) == [action]
