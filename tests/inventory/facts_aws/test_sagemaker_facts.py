"""SageMaker facts: what several people share, what watches and describes a model. Unread is never clean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inventory.documents import LinkTo, Problem, ScopeState, ScopeView, Unknown, Unread
from inventory.facts.aws_sagemaker import (
    approved_card,
    bias_checked,
    models_served,
    monitored,
    registry_used,
    shared_roles,
    tagged,
    without_key,
)
from inventory.facts.estate import Edge, Estate, Node

REGION, OTHER = "eu-central-1", "us-east-1"
PREFIX = "aws.sagemaker."
KINDS = ("user_profile", "monitoring_schedule", "model_card", "endpoint", "model_package", "processing_job",
         "model_bias_job_definition", "model_explainability_job_definition")  # fmt: skip
COMPLETE = [ScopeView(REGION, f"{PREFIX}{kind}", ScopeState.COMPLETE) for kind in KINDS]


def node(kind: str, name: str, place: str = REGION, **config: Any) -> Node:
    return Node(kind=f"{PREFIX}{kind}", external_id=f"arn:{kind}/{name}", name=name, place=place, config=config)


def part_of(child: Node, parent: Node) -> Edge:
    return Edge(child.identity, LinkTo("part_of", parent.kind, parent.external_id))


def region() -> Node:
    return Node(kind="aws.region", external_id=REGION, name=REGION, place=REGION)


def unread(part: str) -> tuple[Unread, ...]:
    return (Unread(part, Problem.DENIED, "no"),)


def test_a_role_is_shared_when_two_people_end_up_with_it() -> None:
    domain = node("domain", "d", DefaultUserSettings={"ExecutionRole": "r1"})
    people = [
        node("user_profile", "ana", UserSettings={"ExecutionRole": "r1"}),
        node("user_profile", "ben", UserSettings={}),
        node("user_profile", "cyn", UserSettings={"ExecutionRole": "r2"}),
    ]
    edges = [part_of(one, domain) for one in people]
    assert shared_roles(domain, Estate([domain, *people], edges, COMPLETE)) == [
        {"role": "r1", "people": ["ana", "ben"]}
    ]
    assert shared_roles(domain, Estate([domain, *people[1:]], edges[1:], COMPLETE)) == []
    assert isinstance(shared_roles(domain, Estate([domain, *people], edges)), Unknown)


def test_who_could_not_be_described_may_share_a_role() -> None:
    domain = node("domain", "d")
    someone = Node(kind=f"{PREFIX}user_profile", external_id="p", name="p", place=REGION, unread=unread(""))
    assert isinstance(shared_roles(domain, Estate([domain, someone], [part_of(someone, domain)], COMPLETE)), Unknown)


@pytest.mark.parametrize(
    ("status", "watched"), [("Scheduled", True), ("Pending", True), ("Stopped", False), ("Failed", False)]
)
def test_an_endpoint_is_monitored_by_a_schedule_in_force(status: str, watched: bool) -> None:
    endpoint, schedule = node("endpoint", "e"), node("monitoring_schedule", "s", MonitoringScheduleStatus=status)
    assert monitored(endpoint, Estate([endpoint, schedule], [part_of(schedule, endpoint)], COMPLETE)) is watched


def test_unread_schedules_leave_it_open_whether_an_endpoint_is_monitored() -> None:
    endpoint = node("endpoint", "e")
    assert monitored(endpoint, Estate([endpoint], (), COMPLETE)) is False
    assert isinstance(monitored(endpoint, Estate([endpoint])), Unknown)


@pytest.mark.parametrize(
    ("content", "status", "described"),
    [
        ({"model_overview": {"model_id": "arn:model/m"}}, "Approved", True),
        ({"model_overview": {"model_name": "m"}}, "Approved", True),
        ('{"model_name": "m"}', "Approved", True),
        ({"model_overview": {"model_name": "m"}}, "Draft", False),
        ({"model_overview": {"model_name": "m2"}}, "Approved", False),
    ],
)
def test_only_an_approved_card_that_names_the_model_describes_it(content: Any, status: str, described: bool) -> None:
    model, card = node("model", "m"), node("model_card", "c", ModelCardStatus=status, Content=content)
    assert approved_card(model, Estate([model, card], (), COMPLETE)) is described


def test_a_card_that_was_not_read_may_describe_the_model() -> None:
    model = node("model", "m")
    card = Node(kind=f"{PREFIX}model_card", external_id="c", name="c", place=REGION,
                config={"ModelCardStatus": "Approved"}, unread=unread("Content"))  # fmt: skip
    another = replace(card, external_id="d", name="d")
    assert isinstance(approved_card(model, Estate([model, card], (), COMPLETE)), Unknown)
    assert approved_card(model, Estate([model, card, another], (), COMPLETE)) == card.unknown("Content")
    assert isinstance(approved_card(model, Estate([model])), Unknown)


def test_regions_are_judged_by_what_stands_in_them() -> None:
    here, there = (
        node("endpoint", "e", EndpointStatus="InService"),
        node("endpoint", "f", OTHER, EndpointStatus="InService"),
    )
    assert models_served(region(), Estate([here], (), COMPLETE)) is True
    assert models_served(region(), Estate([there], (), COMPLETE)) is False
    assert isinstance(models_served(region(), Estate([there])), Unknown)
    package = node("model_package", "p", ModelApprovalStatus="Approved")
    assert registry_used(region(), Estate([package], (), COMPLETE)) is True
    assert registry_used(region(), Estate([node("model_package", "p")], (), COMPLETE)) is False
    assert isinstance(registry_used(region(), Estate([])), Unknown)


def test_bias_is_checked_by_a_definition_or_by_a_clarify_job() -> None:
    job = node("processing_job", "j", AppSpecification={"ImageUri": "1.dkr.ecr/sagemaker-clarify-processing:1.0"})
    assert bias_checked(region(), Estate([job], (), COMPLETE)) is True
    assert bias_checked(region(), Estate([node("model_bias_job_definition", "d")], (), COMPLETE)) is True
    assert bias_checked(region(), Estate([node("processing_job", "j")], (), COMPLETE)) is False
    assert isinstance(bias_checked(region(), Estate([])), Unknown)


def test_a_monitoring_job_is_asked_for_its_keys_under_its_own_names() -> None:
    output: dict[str, Any] = {"ModelBiasJobOutputConfig": {"KmsKeyId": "k"}}
    good = node("model_bias_job_definition", "d", JobResources={"ClusterConfig": {"VolumeKmsKeyId": "k"}}, **output)
    assert without_key(good, Estate([good])) == []
    bad = node("data_quality_job_definition", "d", **output)
    assert without_key(bad, Estate([bad])) == ["output", "volume"]
    hidden = Node(kind=bad.kind, external_id="h", unread=unread(""))
    assert isinstance(without_key(hidden, Estate([hidden])), Unknown)


def test_tags_of_aws_are_nobodys_tags() -> None:
    def image(**more: Any) -> Node:
        return Node(kind=f"{PREFIX}image", external_id="i", **more)

    assert tagged(image(tags={"owner": "ana"}), Estate([])) is True
    assert tagged(image(tags={"aws:cloudformation:stack": "s"}), Estate([])) is False
    assert isinstance(tagged(image(unread=unread("Tags")), Estate([])), Unknown)
