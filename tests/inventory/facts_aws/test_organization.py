"""What binds every account of an organization, and what only looks as if it did."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from inventory.documents import ScopeState, ScopeView, Unknown
from inventory.facts.aws_organization import models_limited, opted_out_of_ai, unprotected_defences
from inventory.facts.estate import Estate, Node

ACCOUNT, MEMBERS = "111122223333", ("444455556666", "777788889999")
READ = ("account", "service_control_policy", "ai_opt_out_policy", "bedrock_policy")
ROOT, UNIT, ONE = (
    {"TargetId": "r-1", "Type": "ROOT"},
    {"TargetId": "ou-1", "Type": "ORGANIZATIONAL_UNIT"},
    {"TargetId": MEMBERS[0], "Type": "ACCOUNT"},
)


def node(kind: str, name: str = "", **config: Any) -> Node:
    return Node(kind=f"aws.organizations.{kind}", external_id=f"arn:{name or kind}", name=name or kind, config=config)


def organization(account: str = ACCOUNT) -> Node:
    return node("organization", Organization={"MasterAccountId": account})


def policy(kind: str, content: Any, *targets: dict[str, str]) -> Node:
    return node(kind, f"{kind}{targets}", Policy={"Content": json.dumps(content)}, Targets=list(targets))


def estate(*nodes: Node, read: Iterable[str] = READ) -> Estate:
    """Of the management account; both members are in the unit."""
    members = [node("account", one, Id=one, Paths=[f"o-1/r-1/ou-1/{one}/"]) for one in MEMBERS]
    own = node("account", ACCOUNT, Id=ACCOUNT, Paths=[f"o-1/r-1/{ACCOUNT}/"])
    views = [ScopeView("-", f"aws.organizations.{kind}", ScopeState.COMPLETE) for kind in read]
    return Estate([own, *members, *nodes], (), views, account=ACCOUNT)


OPT_OUT = {"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}}
OPT_IN = {"services": {"lex": {"opt_out_policy": {"@@assign": "optIn"}}}}
DEFENCES = ["bedrock:Delete*", "cloudtrail:StopLogging", "guardduty:*"]


def deny(actions: Any = DEFENCES, **more: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Deny", "Action": actions, "Resource": "*"} | more]}


@pytest.mark.parametrize(
    ("targets", "expected"), [([ROOT], True), ([], False), ([ONE], False), ([UNIT], False), ([UNIT, ONE], False)]
)
def test_an_opt_out_holds_when_the_management_account_is_bound_too(targets: list[Any], expected: bool) -> None:
    own = organization()
    assert opted_out_of_ai(own, estate(own, policy("ai_opt_out_policy", OPT_OUT, *targets))) is expected


def test_one_service_opted_in_is_not_out_of_every_service() -> None:
    own, out = organization(), policy("ai_opt_out_policy", OPT_OUT, ROOT)
    assert opted_out_of_ai(own, estate(own, out, policy("ai_opt_out_policy", OPT_IN, ONE))) is False
    assert opted_out_of_ai(own, estate(own, out, policy("ai_opt_out_policy", OPT_IN))) is True


def test_a_member_account_does_not_know_what_binds_it() -> None:
    other = organization("999988887777")
    assert isinstance(opted_out_of_ai(other, estate(other)), Unknown)
    assert isinstance(unprotected_defences(other, estate(other)), Unknown)


def test_a_denial_protects_the_actions_that_it_covers() -> None:
    own, refuse = organization(), policy("service_control_policy", deny(["bedrock:Delete*", "guardduty:*"]), ROOT)
    assert unprotected_defences(own, estate(own, refuse)) == ["cloudtrail:stoplogging"]


@pytest.mark.parametrize(("targets", "protected"), [([ROOT], True), ([UNIT], True), ([ONE], False), ([], False)])
def test_a_denial_protects_when_it_reaches_every_member(targets: list[Any], protected: bool) -> None:
    own = organization()
    found = unprotected_defences(own, estate(own, policy("service_control_policy", deny(), *targets)))
    assert isinstance(found, list)
    assert (found == []) is protected


def test_policies_of_several_members_protect_together() -> None:
    own, two = organization(), {"TargetId": MEMBERS[1], "Type": "ACCOUNT"}
    each = [policy("service_control_policy", deny(), target) for target in (ONE, two)]
    assert unprotected_defences(own, estate(own, *each)) == []


def test_a_unit_reaches_every_member_only_when_all_members_were_read() -> None:
    own, refuse = organization(), policy("service_control_policy", deny(), UNIT)
    assert isinstance(unprotected_defences(own, estate(own, refuse, read=READ[1:])), Unknown)
    moving = node("account", "moving", Id="222211110000")
    assert isinstance(unprotected_defences(own, estate(own, refuse, moving)), Unknown)


SPARED = "arn:aws:iam::*:role/security-team"


@pytest.mark.parametrize(
    ("more", "protected"),
    [
        ({"Condition": {"StringEquals": {"aws:RequestedRegion": "ap-east-1"}}}, False),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": SPARED}}}, True),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}}, False),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": SPARED}}}, False),
        ({"Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}}}, True),
        ({"Resource": "arn:aws:bedrock:*:*:guardrail/g1"}, False),
        ({"Resource": "arn:aws:bedrock:*:*:guardrail/*"}, True),
    ],
)
def test_a_denial_protects_when_it_spares_nobody_but_those_it_names(more: dict[str, Any], protected: bool) -> None:
    own, refuse = organization(), policy("service_control_policy", deny(**more), ROOT)
    found = unprotected_defences(own, estate(own, refuse))
    assert isinstance(found, list)
    assert ("bedrock:deleteguardrail" not in found) is protected


@pytest.mark.parametrize(
    ("target", "more", "limited"),
    [
        (ROOT, {"Resource": "arn:aws:bedrock:*::foundation-model/deepseek*"}, True),
        (ONE, {"Resource": "arn:aws:bedrock:*::foundation-model/deepseek*"}, False),
        (ROOT, {"Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}}, False),
        (ROOT, {"Condition": {"Null": {"bedrock:GuardrailIdentifier": "true"}}}, False),
    ],
)
def test_models_are_limited_by_what_binds_every_member(target: Any, more: dict[str, Any], limited: bool) -> None:
    own, refuse = organization(), policy("service_control_policy", deny("bedrock:InvokeModel*", **more), target)
    assert models_limited(own, estate(own, refuse)) is limited


def test_a_bedrock_policy_limits_models_where_it_binds_every_member() -> None:
    own = organization()
    assert models_limited(own, estate(own, policy("bedrock_policy", {}, ROOT))) is True
    assert models_limited(own, estate(own, policy("bedrock_policy", {}, ONE))) is False
