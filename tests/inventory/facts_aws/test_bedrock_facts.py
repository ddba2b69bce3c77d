"""Bedrock facts: which guardrails are in force, how many tools there are, what was evaluated. Unread is never clean."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, Problem, ScopeState, ScopeView, Unknown, Unread
from inventory.facts.aws_bedrock import (
    bucket_outside,
    copied_from_outside,
    evaluated,
    guardrail_enforced,
    guardrail_there,
    in_use,
    protection,
    source_named,
    tool_count,
    unguarded_steps,
    usage_attributed,
)
from inventory.facts.estate import Edge, Estate, Node

REGION, ACCOUNT = "eu-central-1", "111122223333"
PREFIX = "aws.bedrock."
KINDS = ("agent", "agent_version", "enforced_guardrail", "flow", "flow_version", "action_group", "evaluation_job",
         "inference_profile", "guardrail")  # fmt: skip
COMPLETE = [ScopeView(REGION, f"{PREFIX}{kind}", ScopeState.COMPLETE) for kind in KINDS]
BUCKETS = [ScopeView("-", "aws.s3.bucket", ScopeState.COMPLETE)]


def node(kind: str, name: str, **config: Any) -> Node:
    return Node(kind=f"{PREFIX}{kind}", external_id=f"arn:{kind}/{name}", name=name, place=REGION, config=config)


def link(origin: Node, type: str, target: Node) -> Edge:
    return Edge(origin.identity, LinkTo(type, target.kind, target.external_id))


def region() -> Node:
    return Node(kind="aws.region", external_id=REGION, name=REGION, place=REGION)


def step(kind: str, guardrail: str = "", version: str = "1") -> dict[str, Any]:
    guard = {"guardrailConfiguration": {"guardrailIdentifier": guardrail, "guardrailVersion": version}}
    part = "prompt" if kind == "Prompt" else "knowledgeBase"
    return {"name": kind, "type": kind, "configuration": {part: guard if guardrail else {}}}


VERSION = Node(kind=f"{PREFIX}guardrail_version", external_id="arn:guardrail/gr1/version/1", name="g", place=REGION)


def test_a_guardrail_is_in_use_where_an_agent_or_a_step_of_a_flow_names_it() -> None:
    agent = node("agent_version", "a")
    assert in_use(VERSION, Estate([VERSION, agent], [link(agent, "guarded_by", VERSION)], COMPLETE)) is True
    for name in ("gr1", "arn:aws:bedrock:eu-central-1:111122223333:guardrail/gr1"):
        flow = node("flow", "f", definition={"nodes": [step("Prompt", name)]})
        assert in_use(VERSION, Estate([VERSION, flow], (), COMPLETE)) is True
    other = node("flow", "f", definition={"nodes": [step("Prompt", "gr1", "2")]})
    assert in_use(VERSION, Estate([VERSION, other], (), COMPLETE)) is False
    assert isinstance(in_use(VERSION, Estate([VERSION])), Unknown)
    hidden = Node(kind=f"{PREFIX}flow", external_id="h", unread=(Unread("definition", Problem.DENIED, "no"),))
    assert isinstance(in_use(VERSION, Estate([VERSION, hidden], (), COMPLETE)), Unknown)


def test_the_steps_that_ask_a_model_unguarded_are_named() -> None:
    nodes = [step("Prompt"), step("KnowledgeBase", "gr1"), {"name": "Input", "type": "Input"}]
    flow = node("flow", "f", definition={"nodes": nodes})
    assert unguarded_steps(flow, Estate([flow])) == ["Prompt"]
    hidden = Node(kind=f"{PREFIX}flow", external_id="h", unread=(Unread("", Problem.DENIED, "no"),))
    assert isinstance(unguarded_steps(hidden, Estate([hidden])), Unknown)


def test_only_enabled_tools_of_the_draft_count() -> None:
    agent = node("agent", "a", agentKnowledgeBases=[{}], agentCollaborators=[{}, {}])
    groups = [
        node("action_group", "1", agentVersion="DRAFT", actionGroupState="ENABLED"),
        node("action_group", "2", agentVersion="DRAFT", actionGroupState="DISABLED"),
        node("action_group", "3", agentVersion="1", actionGroupState="ENABLED"),
    ]
    edges = [link(group, "part_of", agent) for group in groups]
    assert tool_count(agent, Estate([agent, *groups], edges, COMPLETE)) == 4
    assert isinstance(tool_count(agent, Estate([agent, *groups], edges)), Unknown)


@pytest.mark.parametrize(
    ("job", "found"),
    [
        ({"status": "Completed", "modelIdentifiers": ["arn:custom_model/m"]}, True),
        ({"status": "Completed", "ragIdentifiers": ["m"]}, True),
        ({"status": "Failed", "modelIdentifiers": ["arn:custom_model/m"]}, False),
        ({"status": "Completed", "modelIdentifiers": ["other"]}, False),
    ],
)
def test_a_model_is_evaluated_by_a_job_that_ended_well_and_names_it(job: dict[str, Any], found: bool) -> None:
    model = node("custom_model", "m")
    assert evaluated(model, Estate([model, node("evaluation_job", "j", **job)], (), COMPLETE)) is found
    assert isinstance(evaluated(model, Estate([model])), Unknown)


def test_regions_are_judged_by_what_stands_in_them() -> None:
    assert guardrail_there(region(), Estate([node("guardrail", "g")], (), COMPLETE)) is True
    assert guardrail_there(region(), Estate([], (), COMPLETE)) is False
    assert isinstance(guardrail_enforced(region(), Estate([])), Unknown)
    ours, theirs = (
        node("inference_profile", "o", type="APPLICATION"),
        node("inference_profile", "t", type="SYSTEM_DEFINED"),
    )
    assert usage_attributed(region(), Estate([ours, theirs], (), COMPLETE)) is True
    assert usage_attributed(region(), Estate([theirs], (), COMPLETE)) is False
    assert isinstance(usage_attributed(region(), Estate([theirs])), Unknown)


def source(**s3: Any) -> Node:
    return node("data_source", "d", dataSource={"dataSourceConfiguration": {"s3Configuration": s3}})


def test_a_source_is_outside_by_its_owner_or_because_the_bucket_is_not_ours() -> None:
    assert bucket_outside(source(bucketOwnerAccountId="444455556666"), Estate([], account=ACCOUNT)) is True
    assert bucket_outside(source(bucketOwnerAccountId=ACCOUNT), Estate([], account=ACCOUNT)) is False
    lost = source(bucketArn="arn:aws:s3:::theirs")
    edge = Edge(lost.identity, LinkTo("reads_data", "aws.s3.bucket", "arn:aws:s3:::theirs"))
    assert bucket_outside(lost, Estate([lost], [edge], BUCKETS, account=ACCOUNT)) is True
    assert isinstance(bucket_outside(lost, Estate([lost], [edge], account=ACCOUNT)), Unknown)


def test_a_source_may_read_a_bucket_of_a_member_that_is_not_connected() -> None:
    lost = source(bucketArn="arn:aws:s3:::theirs")
    edge = Edge(lost.identity, LinkTo("reads_data", "aws.s3.bucket", "arn:aws:s3:::theirs"))
    member = Node(kind="aws.organizations.account", external_id="m", config={"Id": "444455556666"})
    found = Estate([lost, member], [edge], BUCKETS, account=ACCOUNT)
    assert isinstance(bucket_outside(lost, found), Unknown)
    found.connected = frozenset({"444455556666"})
    assert bucket_outside(lost, found) is True


def test_a_copy_is_from_outside_when_its_source_account_is_another() -> None:
    estate = Estate([], account=ACCOUNT)
    assert copied_from_outside(node("model_copy_job", "c", sourceAccountId="444455556666"), estate) is True
    assert copied_from_outside(node("model_copy_job", "c", sourceAccountId=ACCOUNT), estate) is False


def test_a_source_is_named_by_a_tag_with_a_value() -> None:
    def model(**more: Any) -> Node:
        return Node(kind=f"{PREFIX}imported_model", external_id="m", **more)

    assert source_named(model(tags={"model-source": "in house"}), Estate([])) is True
    assert source_named(model(tags={"owner": "ana"}), Estate([])) is False
    assert isinstance(source_named(model(unread=(Unread("Tags", Problem.DENIED, "no"),)), Estate([])), Unknown)


WATCHING = {"inputStrength": "HIGH", "outputStrength": "NONE", "inputAction": "NONE"}
HARM = {"type": "HATE", "inputStrength": "HIGH", "outputStrength": "HIGH"}


@pytest.mark.parametrize(
    ("policies", "acting"),
    [
        ({"contentPolicy": {"filters": [HARM]}}, ["content"]),
        ({"contentPolicy": {"filters": [{"type": "PROMPT_ATTACK", **WATCHING}]}}, []),
        ({"contentPolicy": {"filters": [{**HARM, "inputEnabled": False, "outputEnabled": False}]}}, []),
        ({"contentPolicy": {"filters": [{**HARM, "inputAction": "NONE"}]}}, ["content"]),
        ({"wordPolicy": {"managedWordLists": [{"type": "PROFANITY"}]}}, ["words"]),
        ({"sensitiveInformationPolicy": {"piiEntities": [{"type": "EMAIL", "action": "NONE"}]}}, []),
        ({"contextualGroundingPolicy": {"filters": [{"type": "GROUNDING", "threshold": 0.7}]}}, ["grounding"]),
    ],
)
def test_a_policy_acts_unless_all_of_it_only_watches(policies: dict[str, Any], acting: list[str]) -> None:
    found = protection(node("guardrail", "g", **policies), Estate([]))
    assert not isinstance(found, Unknown)
    assert found["acting"] == acting
    assert len(found["configured"]) == 1


@pytest.mark.parametrize(
    ("entity", "ways"),
    [
        ({"action": "BLOCK"}, ["input", "output"]),
        ({"action": "BLOCK", "inputAction": "NONE"}, ["output"]),
        ({"action": "BLOCK", "outputEnabled": False}, ["input"]),
        ({"action": "BLOCK", "inputAction": "NONE", "outputAction": "NONE"}, []),
    ],
)
def test_a_policy_acts_on_what_is_asked_and_answered_each_for_itself(entity: dict[str, Any], ways: list[str]) -> None:
    guardrail = node("guardrail", "g", sensitiveInformationPolicy={"piiEntities": [{"type": "EMAIL", **entity}]})
    found = protection(guardrail, Estate([]))
    assert not isinstance(found, Unknown)
    assert [way for way in ("input", "output") if found[way]] == ways


def test_grounding_holds_for_answers_only() -> None:
    grounding = {"filters": [{"type": "GROUNDING", "threshold": 0.7}]}
    found = protection(node("guardrail", "g", contextualGroundingPolicy=grounding), Estate([]))
    assert not isinstance(found, Unknown)
    assert (found["input"], found["output"]) == ([], ["grounding"])


def test_a_guardrail_that_was_not_described_may_act() -> None:
    hidden = Node(kind=f"{PREFIX}guardrail", external_id="h", unread=(Unread("", Problem.DENIED, "no"),))
    assert isinstance(protection(hidden, Estate([])), Unknown)
