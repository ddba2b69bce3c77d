"""Who outside may use a resource: open, tied by a condition, blocked, or not known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inventory.documents import Problem, ScopeState, ScopeView, Unknown, Unread
from inventory.facts.aws_policies import (
    anyone_may,
    anyone_reads,
    anyone_writes,
    only_tls,
    outsiders_may,
    outsiders_write,
    public_access_blocked,
)
from inventory.facts.estate import Estate, Node
from inventory.iam.language import open_actions, outside_grants

ACCOUNT = "111122223333"
ALL = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


def policy(
    principal: Any = "*", action: Any = "s3:GetObject", effect: str = "Allow", **condition: Any
) -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"}
    return {"Statement": [statement | ({"Condition": condition} if condition else {})]}


def bucket(**config: Any) -> Node:
    return Node(kind="aws.s3.bucket", external_id="arn:aws:s3:::data", name="data", config=config)


def estate(*nodes: Node, state: ScopeState = ScopeState.COMPLETE, **account: Any) -> Estate:
    settings = Node(kind="aws.s3.account", external_id=ACCOUNT, config=account)
    return Estate([*nodes, settings], (), [ScopeView("-", "aws.s3.account", state)], account=ACCOUNT)


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
def test_a_star_is_everybody_however_it_is_written(principal: Any) -> None:
    assert open_actions(policy(principal)) == ["s3:getobject"]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::x"}},
        {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
    ],
)
def test_a_condition_on_the_caller_closes_a_star(condition: dict[str, Any]) -> None:
    assert open_actions(policy(**condition)) == []


def test_a_condition_on_something_else_leaves_a_star_open() -> None:
    assert open_actions(policy(StringLike={"aws:UserAgent": "curl*"})) == ["s3:getobject"]


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "::/0"]}},
        {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}},
        {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/reader"}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
        {"Null": {"aws:SourceVpce": "false"}},
    ],
)
def test_a_condition_that_strangers_meet_leaves_a_star_open(condition: dict[str, Any]) -> None:
    assert open_actions(policy(**condition)) == ["s3:getobject"]


def denied_again(action: Any = "s3:*", principal: Any = "*", **condition: Any) -> dict[str, Any]:
    deny = policy(principal, action, "Deny", **condition)
    return {"Statement": [*policy()["Statement"], *deny["Statement"]]}


OTHER_ORGANIZATIONS = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}


def test_a_deny_of_all_strangers_closes_a_star() -> None:
    assert open_actions(denied_again(**OTHER_ORGANIZATIONS)) == []
    people = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    assert open_actions(denied_again(**OTHER_ORGANIZATIONS, **people)) == []


@pytest.mark.parametrize(
    "denied",
    [
        denied_again(IpAddress={"aws:SourceIp": "203.0.113.7/32"}),
        denied_again(NotIpAddress={"aws:SourceIp": "0.0.0.0/0"}),
        denied_again("s3:PutObject", **OTHER_ORGANIZATIONS),
        denied_again(principal={"AWS": "444455556666"}),
        denied_again(Bool={"aws:SecureTransport": "false"}),
    ],
)
def test_a_deny_of_something_else_leaves_a_star_open(denied: dict[str, Any]) -> None:
    assert open_actions(denied) == ["s3:getobject"]


def test_a_deny_of_another_part_leaves_a_star_open() -> None:
    denied = denied_again(**OTHER_ORGANIZATIONS)
    denied["Statement"][1]["Resource"] = "arn:aws:s3:::data/private/*"
    assert open_actions(denied) == ["s3:getobject"]


def test_a_deny_of_other_organizations_takes_away_what_an_account_got() -> None:
    allowed = policy({"AWS": "444455556666"})["Statement"]
    shut = {"Statement": [*allowed, *denied_again(**OTHER_ORGANIZATIONS)["Statement"][1:]]}
    assert outside_grants(shut, ACCOUNT) == []
    partner = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1", "aws:PrincipalAccount": "444455556666"}}
    spared = {"Statement": [*allowed, *denied_again(**partner)["Statement"][1:]]}
    assert outside_grants(spared, ACCOUNT) == [{"account": "444455556666", "action": "s3:getobject"}]


STRANGER = "444455556666"
THEIRS = {"StringEquals": {"aws:PrincipalAccount": STRANGER}}
OTHERS = {"StringEquals": {"aws:PrincipalOrgID": "o-other"}}


def told(organization: str = "o-1") -> list[Node]:
    itself = Node(kind="aws.organizations.account", config={"Id": ACCOUNT}, external_id=ACCOUNT)
    described = {"Organization": {"Id": organization}}
    return [Node(kind="aws.organizations.organization", config=described, external_id="o"), itself]


@pytest.mark.parametrize(
    ("condition", "account"),
    [
        (THEIRS, STRANGER),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{STRANGER}:role/*"}}, STRANGER),
        ({"StringEquals": {"kms:CallerAccount": [ACCOUNT, STRANGER]}}, STRANGER),
        (OTHERS, "o-other"),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-other/r-1/*"}}, "o-other"),
    ],
)
def test_a_condition_may_name_who_outside_a_star_is_for(condition: dict[str, Any], account: str) -> None:
    node = bucket(Policy=policy(**condition))
    assert anyone_may(node, estate(node)) == []
    assert outsiders_may(node, estate(node, *told())) == [{"account": account, "action": "s3:getobject"}]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}},
        THEIRS | {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}},
    ],
)
def test_a_condition_that_only_our_own_meet_lets_nobody_else_in(condition: dict[str, Any]) -> None:
    node = bucket(Policy=policy(**condition))
    assert outsiders_may(node, estate(node, *told())) == []


def test_the_condition_of_another_organization_keeps_no_outsider_out() -> None:
    node = bucket(Policy=policy({"AWS": STRANGER}, **OTHERS))
    assert outsiders_may(node, estate(node, *told())) == [{"account": STRANGER, "action": "s3:getobject"}]
    deny = {"StringNotEquals": {"aws:PrincipalOrgID": "o-other"}}
    shut = policy({"AWS": STRANGER})["Statement"] + denied_again(**deny)["Statement"][1:]
    node = bucket(Policy={"Statement": shut})
    assert outsiders_may(node, estate(node, *told())) == [{"account": STRANGER, "action": "s3:getobject"}]


def test_whose_an_organization_is_stays_open_while_the_own_one_is_not_read() -> None:
    for principal in ("*", {"AWS": STRANGER}):
        node = bucket(Policy=policy(principal, **OTHERS))
        assert isinstance(outsiders_may(node, estate(node)), Unknown)


def test_a_sister_account_is_no_outsider_while_the_members_are_not_listed() -> None:
    organization, _itself = told()
    node = bucket(Policy=policy({"AWS": STRANGER}))
    assert isinstance(outsiders_may(node, estate(node, organization)), Unknown)
    elsewhere = bucket(Policy=policy("*", **OTHERS))
    assert outsiders_may(elsewhere, estate(elsewhere, organization)) == [
        {"account": "o-other", "action": "s3:getobject"}
    ]


def test_whose_a_canonical_user_is_cannot_be_told() -> None:
    node = bucket(Policy=policy({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}))
    assert isinstance(outsiders_may(node, estate(node)), Unknown)
    assert outsiders_write(node, estate(node)) == []


def test_a_signed_call_to_a_functions_address_may_come_from_any_account() -> None:
    signed = policy(action="lambda:InvokeFunctionUrl", StringEquals={"lambda:FunctionUrlAuthType": "AWS_IAM"})
    assert open_actions(signed) == ["lambda:invokefunctionurl"]


def test_a_principal_that_is_excluded_means_everybody_else() -> None:
    document = {"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "s3:*", "Resource": "*"}]}
    assert open_actions(document) == ["s3:*"]


def test_a_deny_opens_nothing() -> None:
    assert open_actions(policy(effect="Deny")) == []


@pytest.mark.parametrize("broken", [None, [], "text", {"Statement": "x"}, {"Statement": [1]}])
def test_what_is_no_policy_grants_nothing(broken: Any) -> None:
    assert open_actions(broken) == []


def test_an_open_bucket_is_open_until_its_account_blocks_it() -> None:
    node = bucket(Policy=policy())
    assert anyone_may(node, estate(node)) == ["s3:getobject"]
    assert anyone_may(node, estate(node, PublicAccessBlock=ALL)) == []


def test_an_unread_policy_is_not_a_closed_one() -> None:
    node = Node(
        kind="aws.s3.bucket", external_id="arn:aws:s3:::data", unread=[Unread("Policy", Problem.DENIED, "AccessDenied")]
    )
    assert isinstance(anyone_may(node, estate(node)), Unknown)
    assert isinstance(outsiders_may(node, estate(node)), Unknown)
    assert isinstance(only_tls(node, estate(node)), Unknown)


def test_an_unread_account_setting_leaves_an_open_bucket_unknown() -> None:
    node = bucket(Policy=policy())
    nothing = Estate([node], (), [ScopeView("-", "aws.s3.account", ScopeState.DENIED)], account=ACCOUNT)
    assert isinstance(anyone_may(node, nothing), Unknown)
    assert isinstance(public_access_blocked(node, nothing), Unknown)


def test_blocks_of_bucket_and_account_add_up() -> None:
    half = {"BlockPublicAcls": True, "IgnorePublicAcls": True}
    rest = {"BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    node = bucket(PublicAccessBlock=half)
    assert public_access_blocked(node, estate(node)) is False
    assert public_access_blocked(node, estate(node, PublicAccessBlock=rest)) is True


def test_other_accounts_are_named_and_ones_own_is_not() -> None:
    own, other = f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::444455556666:role/loader"
    node = bucket(Policy=policy({"AWS": [own, other, "777788889999"]}, ["s3:PutObject"]))
    assert outsiders_may(node, estate(node)) == [
        {"account": "444455556666", "action": "s3:putobject"},
        {"account": "777788889999", "action": "s3:putobject"},
    ]


def test_only_a_deny_of_plain_requests_counts_as_tls_only() -> None:
    deny = policy("*", "s3:*", "Deny", Bool={"aws:SecureTransport": "false"})
    assert only_tls(bucket(Policy=deny), estate()) is True
    assert only_tls(bucket(Policy=policy()), estate()) is False


@pytest.mark.parametrize(
    "deny",
    [
        policy("*", "s3:*", "Deny", Bool={"aws:SecureTransport": "true"}),
        policy("*", "s3:GetObject", "Deny", Bool={"aws:SecureTransport": "false"}),
        policy({"AWS": ACCOUNT}, "s3:*", "Deny", Bool={"aws:SecureTransport": "false"}),
        policy("*", "s3:*", "Deny", Bool={"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}),
    ],
)
def test_a_deny_of_some_plain_requests_is_not_tls_only(deny: dict[str, Any]) -> None:
    assert only_tls(bucket(Policy=deny), estate()) is False


def test_a_deny_of_plain_requests_in_one_folder_is_not_tls_only() -> None:
    deny = policy("*", "s3:*", "Deny", Bool={"aws:SecureTransport": "false"})
    deny["Statement"][0]["Resource"] = ["arn:aws:s3:::data", "arn:aws:s3:::data/private/*"]
    assert only_tls(bucket(Policy=deny), estate()) is False


EVERYBODY = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}
OWN = {"Grantee": {"Type": "CanonicalUser", "ID": "us"}, "Permission": "FULL_CONTROL"}


def listing(*grants: dict[str, Any], **more: Any) -> Node:
    return bucket(Acl={"Owner": {"ID": "us"}, "Grants": [OWN, *grants]}, **more)


def test_an_access_list_opens_a_bucket_until_public_lists_are_ignored() -> None:
    node = listing(EVERYBODY | {"Permission": "WRITE"})
    assert anyone_may(node, estate(node)) == ["s3:deleteobject", "s3:putobject"]
    assert anyone_may(node, estate(node, PublicAccessBlock={"IgnorePublicAcls": True})) == []


def test_an_access_list_lets_other_accounts_in_but_its_owner_is_no_outsider() -> None:
    node = listing({"Grantee": {"Type": "CanonicalUser", "ID": "them"}, "Permission": "READ"})
    assert outsiders_may(node, estate(node)) == [{"account": "canonical user them", "action": "s3:listbucket"}]
    assert outsiders_may(listing(), estate(listing())) == []


def test_the_service_that_writes_access_logs_is_no_outsider() -> None:
    writer = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}}
    node = listing(writer | {"Permission": "WRITE"})
    assert (anyone_may(node, estate(node)), outsiders_may(node, estate(node))) == ([], [])


def test_an_unread_access_list_is_not_an_empty_one() -> None:
    node = Node(kind="aws.s3.bucket", external_id="arn:aws:s3:::data", unread=[Unread("Acl", Problem.DENIED, "no")])
    assert isinstance(anyone_may(node, estate(node)), Unknown)
    assert isinstance(outsiders_may(node, estate(node)), Unknown)


def test_a_secret_that_was_not_asked_for_its_policy_is_not_closed() -> None:
    secret = Node(kind="aws.secretsmanager.secret", external_id="arn:aws:secretsmanager:eu-west-1:1:secret:x")
    assert isinstance(anyone_may(secret, estate(secret)), Unknown)


def test_the_policy_of_a_secret_comes_as_text() -> None:
    answer = {"ARN": "arn", "ResourcePolicy": json.dumps(policy(action="secretsmanager:GetSecretValue"))}
    secret = Node(kind="aws.secretsmanager.secret", external_id="arn", config={"ResourcePolicy": answer})
    assert anyone_may(secret, estate(secret)) == ["secretsmanager:getsecretvalue"]


@pytest.mark.parametrize("action", ["s3:GetObject*", "s3:GetObjectVersion", "s3:G*", "s3:*Object", "S3:ListBucket*"])
def test_a_bucket_is_read_by_anybody_however_the_policy_writes_it(action: str) -> None:
    node = bucket(Policy=policy(action=action))
    assert anyone_reads(node, estate(node))
    assert anyone_reads(node, estate(node, PublicAccessBlock=ALL)) == []


@pytest.mark.parametrize(
    "action", ["s3:PutObject*", "s3:P*", "s3:*Object", "s3:DeleteObject*", "s3:PutBucketAcl", "s3:DeleteBucketPolicy"]
)
def test_a_bucket_is_changed_by_anybody_and_by_others_however_the_policy_writes_it(action: str) -> None:
    node = bucket(Policy=policy(action=action))
    assert anyone_writes(node, estate(node))
    theirs = bucket(Policy=policy({"AWS": "444455556666"}, action))
    written = outsiders_write(theirs, estate(theirs))
    assert isinstance(written, list)
    assert {grant["account"] for grant in written} == {"444455556666"}


def test_reading_is_no_writing_and_writing_no_reading() -> None:
    node = bucket(Policy=policy(action="s3:Get*"))
    assert (anyone_writes(node, estate(node)), outsiders_write(node, estate(node))) == ([], [])
    assert anyone_reads(bucket(Policy=policy(action="s3:Put*")), estate()) == []


def test_what_is_denied_again_is_not_among_the_ways_to_change_a_bucket() -> None:
    shut = policy(action="s3:*")
    shut["Statement"] += policy(action=["s3:Put*", "s3:Delete*", "s3:Replicate*"], effect="Deny")["Statement"]
    node = bucket(Policy=shut)
    assert anyone_writes(node, estate(node)) == []
    assert "s3:getobject" in anyone_reads(node, estate(node))


def test_an_access_list_counts_as_reading_or_as_changing() -> None:
    node = listing(EVERYBODY | {"Permission": "READ"})
    assert (anyone_reads(node, estate(node)), anyone_writes(node, estate(node))) == (["s3:listbucket"], [])
    theirs = listing({"Grantee": {"Type": "CanonicalUser", "ID": "them"}, "Permission": "READ"})
    assert outsiders_write(theirs, estate(theirs)) == []


def test_another_account_pushes_to_a_repository_by_any_pattern() -> None:
    pushing = Node(
        kind="aws.ecr.repository", external_id="arn", config={"Policy": policy({"AWS": "444455556666"}, "ecr:*Layer*")}
    )
    pulling = Node(
        kind="aws.ecr.repository", external_id="arn", config={"Policy": policy({"AWS": "444455556666"}, "ecr:Batch*")}
    )
    assert outsiders_write(pushing, estate(pushing))
    assert outsiders_write(pulling, estate(pulling)) == []
