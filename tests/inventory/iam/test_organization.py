"""Organization policies: every level must allow, the management account is not bound, resources have their own."""

from __future__ import annotations

from typing import Any

from inventory.iam.context import Principal, Request
from inventory.iam.language import statements
from inventory.iam.layers import Crowd
from inventory.iam.organization import RESOURCES, SERVICES, Attached, controls
from inventory.iam.population import Access, Held, Population, layer
from tests.inventory.iam.asking import ACCOUNT, ELSEWHERE, MODEL, allow, deny, policy

ROOT, UNIT, OTHER = "r-1", "ou-1-data", "ou-1-web"
PATH = [ROOT, UNIT, ACCOUNT]
ALL = policy(allow("*"))
ROLE = f"arn:aws:iam::{ACCOUNT}:role/one"


def people(*found: Attached, exempt: int = 0, identity: Any = ALL) -> Population:
    crowd = Crowd([Principal(arn=ROLE, account=ACCOUNT, name="role/one")])
    held = Held(identity=layer(crowd, [(identity, 1)]), boundary=layer(crowd, []))
    return Population(crowd, held, controls(found, PATH, crowd, exempt=exempt))


def service(document: dict[str, Any], *targets: str) -> Attached:
    return Attached(SERVICES, document, frozenset(targets))


INVOKE = Request(action="bedrock:invokemodel", resource=MODEL, account="", region="eu-west-1")


def test_a_level_that_does_not_allow_refuses() -> None:
    everywhere = service(ALL, ROOT, UNIT, ACCOUNT)
    only_storage = service(policy(allow("s3:*")), UNIT)
    assert people(everywhere).decide(INVOKE).access is Access.ALLOWED
    assert people(service(ALL, ROOT, ACCOUNT), only_storage).decide(INVOKE).access is Access.DENIED


def test_a_deny_at_any_level_wins_and_other_units_do_not_matter() -> None:
    everywhere, refuse = service(ALL, ROOT, UNIT, ACCOUNT), policy(deny("bedrock:*"))
    assert people(everywhere, service(refuse, ROOT)).decide(INVOKE).access is Access.DENIED
    assert people(everywhere, service(refuse, OTHER)).decide(INVOKE).access is Access.ALLOWED


def test_a_control_policy_never_grants() -> None:
    nothing = policy(allow("s3:GetObject"))
    assert people(service(ALL, ROOT, UNIT, ACCOUNT), identity=nothing).decide(INVOKE).access is Access.DENIED


def test_those_whom_nothing_binds_are_left_alone() -> None:
    refuse = service(policy(allow("*"), deny("bedrock:*")), ROOT)
    assert people(refuse, exempt=1).decide(INVOKE).access is Access.ALLOWED


def test_an_exception_for_named_roles_is_understood() -> None:
    spared = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{ROLE.rpartition('/')[2]}"}}
    others = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/administrator"}}
    assert (
        people(service(policy(allow("*"), deny("*", Condition=spared)), ROOT)).decide(INVOKE).access is Access.ALLOWED
    )
    assert people(service(policy(allow("*"), deny("*", Condition=others)), ROOT)).decide(INVOKE).access is Access.DENIED


def test_a_region_that_is_refused_is_refused_only_there() -> None:
    abroad = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}
    bound = people(service(policy(allow("*"), deny("*", Condition=abroad)), ROOT))
    assert bound.decide(INVOKE).access is Access.ALLOWED
    there = Request(action=INVOKE.action, resource=MODEL.replace("eu-west-1", "us-east-1"), region="us-east-1")
    assert bound.decide(there).access is Access.DENIED


def test_a_resource_control_policy_refuses_only_where_such_policies_apply() -> None:
    refuse = Attached(RESOURCES, policy(deny("*")), frozenset({ROOT}))
    read = Request(action="s3:getobject", resource="arn:aws:s3:::data/x", account=ACCOUNT)
    assert people(refuse).decide(read).access is Access.DENIED
    assert people(refuse).decide(INVOKE).access is Access.ALLOWED


def test_another_accounts_bucket_needs_both_sides() -> None:
    read = Request(action="s3:getobject", resource="arn:aws:s3:::theirs/x", account=ELSEWHERE)
    opened = list(statements(policy(allow("s3:GetObject") | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}})))
    assert people().decide(read).access is Access.DENIED
    assert people().decide(read, opened).access is Access.ALLOWED
    assert people(identity=policy(allow("sqs:*"))).decide(read, opened).access is Access.DENIED
