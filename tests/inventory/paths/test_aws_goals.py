"""Goals of attack paths on AWS: models by region, keys wherever they are kept."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, ScopeState, ScopeView, Unknown
from inventory.facts import Edge, Estate, Node
from inventory.facts.paths.aws import LOOKS_AT
from inventory.facts.paths.aws_goals import ENFORCED, Goal
from tests.inventory.facts_aws.test_access import ACCOUNT, allow, person
from tests.inventory.paths.test_aws_paths import account, function, node, path, runs_as

GUARDRAIL, HERE, THERE = "aws.bedrock.guardrail", "eu-central-1", "us-east-1"


def to_models(*guards: Node, regions: tuple[str, ...] = (HERE, THERE), state: str = "complete", on: str = "*") -> Any:
    """The path to models of an open function, where these regions were read for what they enforce."""
    scopes = [ScopeView("-", kind, ScopeState.COMPLETE) for kind in sorted({*LOOKS_AT} - {ENFORCED})]
    scopes += [ScopeView(region, ENFORCED, ScopeState(state)) for region in regions]
    shop, role = function(), person("worker", allow("bedrock:InvokeModel", on))
    edges = [Edge(one.identity, LinkTo("guarded_by", GUARDRAIL, "g")) for one in guards if one.kind == ENFORCED]
    estate = Estate([shop, role, *guards], [runs_as(shop, "worker"), *edges], scopes, account=ACCOUNT)
    return path(Goal.MODELS, shop, estate)


@pytest.mark.parametrize(("does", "way"), [("BLOCK", False), ("NONE", True)])
def test_models_are_no_goal_only_where_every_region_enforces_a_guardrail_that_acts(does: str, way: bool) -> None:
    filters = {"type": "HATE", "inputStrength": "HIGH", "outputStrength": "HIGH"}
    filters |= {"inputAction": does, "outputAction": does}
    guard = node(GUARDRAIL, "g", "g", config={"contentPolicy": {"filters": [filters]}})
    here, there = (node(ENFORCED, region, place=region) for region in (HERE, THERE))
    assert to_models(guard, here), "the other region enforces none"
    assert bool(to_models(guard, here, there)) is way
    assert bool(to_models(guard, here, on=f"arn:aws:bedrock:{HERE}::foundation-model/*")) is way
    assert to_models(guard, here, on=f"arn:aws:bedrock:{THERE}::foundation-model/*")


def test_what_regions_enforce_is_unknown_where_it_was_not_read() -> None:
    assert isinstance(to_models(state="denied"), Unknown)
    assert isinstance(to_models(regions=()), Unknown)
    assert to_models(regions=(THERE,))


def test_a_region_without_bedrock_is_not_asked() -> None:
    assert to_models(state="not-offered") is None


def test_a_key_of_a_provider_in_a_parameter_is_a_goal() -> None:
    shop = function()
    ref = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/openai-api-key"
    key = node("aws.ssm.parameter", "openai-api-key", ref, config={"Type": "SecureString"})
    for action, found in (("ssm:GetParametersByPath", True), ("ssm:PutParameter", False)):
        estate = account(shop, key, person("worker", allow(action)), edges=(runs_as(shop, "worker"),))
        assert bool(path(Goal.KEYS, shop, estate)) is found, action
    unread = account(shop, person("worker"), edges=(runs_as(shop, "worker"),), unread=(key.kind,))
    assert isinstance(path(Goal.KEYS, shop, unread), Unknown)
