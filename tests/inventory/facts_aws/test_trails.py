"""Which calls are recorded: in which region, of which resources, reads and writes. Unread is never recorded."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import Problem, ScopeState, ScopeView, Unknown, Unread
from inventory.facts.aws_trails import (
    BEDROCK,
    TRAILS,
    bedrock_calls,
    management_calls_recorded,
    object_access_recorded,
    object_calls,
)
from inventory.facts.estate import Estate, Node

REGION, ON = "eu-central-1", {"IsLogging": True}
OBJECTS, GUARDRAIL = "AWS::S3::Object", "AWS::Bedrock::Guardrail"


def node(kind: str, name: str, place: str = REGION, **config: Any) -> Node:
    return Node(kind=kind, external_id=f"arn:aws:x:::{name}", name=name, place=place, config=config)


def estate(*nodes: Node) -> Estate:
    views = [ScopeView(REGION, kind, ScopeState.COMPLETE) for kind in (*TRAILS, *BEDROCK, "aws.s3.bucket")]
    return Estate(nodes, (), views)


def trail(selectors: dict[str, Any], **config: Any) -> Node:
    return node("aws.cloudtrail.trail", "t", Selectors=selectors, **({"IsMultiRegionTrail": True} | config))


@pytest.mark.parametrize(
    ("candidate", "recorded"),
    [
        (trail({"EventSelectors": [{"IncludeManagementEvents": True}]}, Status=ON), True),
        (trail({"EventSelectors": [{"IncludeManagementEvents": True}]}, Status={"IsLogging": False}), False),
        (
            trail(
                {"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "ReadOnly"}]},
                Status=ON,
            ),
            False,
        ),
        (
            trail(
                {
                    "AdvancedEventSelectors": [
                        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
                    ]
                },
                Status=ON,
            ),
            True,
        ),
        (
            trail(
                {"EventSelectors": [{"IncludeManagementEvents": True}]},
                Status=ON,
                IsMultiRegionTrail=False,
            ),
            False,
        ),
    ],
)
def test_only_a_running_multi_region_trail_with_writes_records(candidate: Node, recorded: bool) -> None:
    account = node("aws.account", "a")
    assert management_calls_recorded(account, estate(account, candidate)) is recorded


def test_an_unread_trail_leaves_recording_unknown() -> None:
    account = node("aws.account", "a")
    blind = Node(kind="aws.cloudtrail.trail", external_id="t", unread=[Unread("Status", Problem.TIMEOUT)])
    assert isinstance(management_calls_recorded(account, Estate([account, blind])), Unknown)


BEDROCK_CALLS, KMS = "bedrock.amazonaws.com", "kms.amazonaws.com"
BOTH = [BEDROCK_CALLS, "sagemaker.amazonaws.com"]


def managing(fields: dict[str, dict[str, list[str]]]) -> bool | Unknown:
    listed = [
        {"Field": name, **limits} for name, limits in ({"eventCategory": {"Equals": ["Management"]}} | fields).items()
    ]
    store = node(
        "aws.cloudtrail.event_data_store", "s", Status="ENABLED", MultiRegionEnabled=True,
        AdvancedEventSelectors=[{"FieldSelectors": listed}],
    )  # fmt: skip
    account = node("aws.account", "a")
    return management_calls_recorded(account, estate(account, store))


@pytest.mark.parametrize(
    ("limits", "recorded"),
    [
        ({"Equals": BOTH}, True),
        ({"NotEquals": [KMS]}, True),
        ({"Equals": [KMS]}, False),
        ({"Equals": [BEDROCK_CALLS]}, False),
        ({"NotEquals": [BEDROCK_CALLS]}, False),
        ({"NotStartsWith": ["bedrock"]}, False),
    ],
)
def test_management_calls_count_when_the_selector_takes_those_of_ai(
    limits: dict[str, list[str]], recorded: bool
) -> None:
    assert managing({"eventSource": limits}) is recorded


@pytest.mark.parametrize(
    "fields", [{"eventName": {"Equals": ["ConsoleLogin"]}}, {"userIdentity.arn": {"NotStartsWith": ["arn:aws:sts"]}}]
)
def test_management_calls_taken_in_part_are_not_surely_recorded(fields: dict[str, dict[str, list[str]]]) -> None:
    assert isinstance(managing(fields), Unknown)
    assert managing(fields | {"readOnly": {"Equals": ["true"]}}) is False


def simple(*values: str, ways: str = "All", **config: Any) -> Node:
    taken = {"ReadWriteType": ways, "DataResources": [{"Type": OBJECTS, "Values": list(values)}]}
    return trail({"EventSelectors": [taken]}, **({"Status": ON} | config))


def advanced(type: str, fields: dict[str, dict[str, list[str]]] | None = None, **config: Any) -> Node:
    wanted = {"eventCategory": {"Equals": ["Data"]}, "resources.type": {"Equals": [type]}} | (fields or {})
    listed = [{"Field": name, **limits} for name, limits in wanted.items()]
    return trail({"AdvancedEventSelectors": [{"FieldSelectors": listed}]}, **({"Status": ON} | config))


DATA = Node(kind="aws.s3.bucket", external_id="arn:aws:s3:::data", name="data", place=REGION, ai_role="dataset")
ARN = "resources.ARN"


@pytest.mark.parametrize(
    "candidate",
    [
        simple("arn:aws:s3"),
        simple("arn:aws:s3:::other/", "arn:aws:s3:::data/"),
        simple("arn:aws:s3", IsMultiRegionTrail=False),
        advanced(OBJECTS),
        advanced(OBJECTS, {ARN: {"StartsWith": ["arn:aws:s3:::data/"]}}),
        advanced(OBJECTS, {ARN: {"NotStartsWith": ["arn:aws:s3:::logs/"]}}),
        advanced(OBJECTS, {"readOnly": {"Equals": ["true", "false"]}}),
    ],
)
def test_access_to_a_bucket_is_recorded_by_a_selector_that_takes_all_of_it(candidate: Node) -> None:
    assert object_access_recorded(DATA, estate(DATA, candidate)) is True


@pytest.mark.parametrize(
    "candidate",
    [
        simple(),
        simple("arn:aws:s3:::data/logs/"),
        simple("arn:aws:s3", ways="WriteOnly"),
        simple("arn:aws:s3", Status={"IsLogging": False}),
        advanced(GUARDRAIL),
        advanced(OBJECTS, {ARN: {"StartsWith": ["arn:aws:s3:::other/"]}}),
        advanced(OBJECTS, {ARN: {"NotStartsWith": ["arn:aws:s3:::data/raw/"]}}),
        advanced(OBJECTS, {"readOnly": {"Equals": ["false"]}}),
        advanced(OBJECTS, {"eventCategory": {"Equals": ["Management"]}}),
    ],
)
def test_what_a_selector_leaves_out_is_not_recorded(candidate: Node) -> None:
    assert object_access_recorded(DATA, estate(DATA, candidate)) is False


def test_two_trails_record_reads_and_writes_together() -> None:
    reads, writes = simple("arn:aws:s3", ways="ReadOnly"), simple("arn:aws:s3", ways="WriteOnly")
    other = Node(kind=writes.kind, external_id="arn:other", place=REGION, config=writes.config)
    assert object_access_recorded(DATA, estate(DATA, reads)) is False
    assert object_access_recorded(DATA, estate(DATA, reads, other)) is True


def test_a_trail_of_one_region_records_nothing_elsewhere() -> None:
    there = simple("arn:aws:s3", IsMultiRegionTrail=False)
    elsewhere = Node(kind="aws.s3.bucket", external_id="arn:aws:s3:::data", place="us-east-1")
    assert object_access_recorded(elsewhere, estate(elsewhere, there)) is False


@pytest.mark.parametrize("field", ["eventName", "userIdentity.arn"])
def test_a_limit_that_is_not_understood_leaves_it_open(field: str) -> None:
    candidate = advanced(OBJECTS, {field: {"NotEquals": ["HeadObject"]}})
    assert isinstance(object_access_recorded(DATA, estate(DATA, candidate)), Unknown)


def test_only_buckets_that_play_a_part_in_ai_are_asked_for() -> None:
    account = node("aws.account", "a")
    logs = Node(kind="aws.s3.bucket", external_id="arn:aws:s3:::logs", name="logs", place=REGION)
    found = object_calls(account, estate(account, DATA, logs, simple("arn:aws:s3:::data/")))
    assert found == [{"of": "data", "recorded": True}]


def test_each_type_that_is_in_use_is_asked_for() -> None:
    account, guard = node("aws.account", "a"), node("aws.bedrock.guardrail", "g")
    agent = node("aws.bedrock.agent", "agent/A")
    found = bedrock_calls(account, estate(account, guard, agent, advanced(GUARDRAIL)))
    assert found == [
        {"of": "AWS::Bedrock::AgentAlias", "recorded": False},
        {"of": GUARDRAIL, "recorded": True},
    ]
    assert bedrock_calls(account, estate(account)) == []


def test_one_that_is_not_recorded_counts_for_its_type() -> None:
    account = node("aws.account", "a")
    guards = [node("aws.bedrock.guardrail", name) for name in ("one", "two", "three")]
    only = advanced(GUARDRAIL, {ARN: {"Equals": [guards[0].external_id, guards[2].external_id]}})
    found = bedrock_calls(account, estate(account, *guards, only))
    assert found == [{"of": GUARDRAIL, "recorded": False}]


def test_what_was_not_read_may_be_in_use_unrecorded() -> None:
    account, guard = node("aws.account", "a"), node("aws.bedrock.guardrail", "g")
    read = [ScopeView(REGION, kind, ScopeState.COMPLETE) for kind in TRAILS]
    assert isinstance(bedrock_calls(account, Estate([account, guard, advanced(GUARDRAIL)], (), read)), Unknown)


@pytest.mark.parametrize(
    ("kind", "type", "called", "aliases"),
    [
        ("agent", "AWS::Bedrock::AgentAlias", "agent/AG1", "agent-alias/AG1/"),
        ("flow", "AWS::Bedrock::FlowAlias", "flow/FL1", "flow/FL1/"),
    ],
)
def test_a_selector_of_every_alias_of_an_agent_or_flow_records_it(
    kind: str, type: str, called: str, aliases: str
) -> None:
    account, start = node("aws.account", "a"), "arn:aws:bedrock:eu-central-1:111122223333"
    one = Node(kind=f"aws.bedrock.{kind}", external_id=f"{start}:{called}", name=kind, place=REGION)
    every = advanced(type, {ARN: {"StartsWith": [f"{start}:{aliases}"]}})
    assert bedrock_calls(account, estate(account, one, every)) == [{"of": type, "recorded": True}]
