"""Facts over several assets: what serves, what is missing, what would notice. Unread is never clean."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, Problem, ScopeState, ScopeView, Unknown, Unread
from inventory.facts.aws_images import images
from inventory.facts.aws_lineage import MAKERS, RECORDED, from_training_job
from inventory.facts.aws_monitoring import AI, ai_in_use, bedrock_in_use, threat_detection
from inventory.facts.aws_network import function_exposure, open_ai_ports, open_ports
from inventory.facts.aws_relations import (
    AWS,
    SERVING,
    missing_references,
    served,
    shared_by,
    users,
)
from inventory.facts.estate import Edge, Estate, Node

REGION = "eu-central-1"
MODEL, CONFIG, ENDPOINT = (f"aws.sagemaker.{part}" for part in ("model", "endpoint_config", "endpoint"))
JOB = "aws.sagemaker.training_job"
READ = (*SERVING, *MAKERS, *RECORDED, MODEL, "aws.iam.role")
COMPLETE = [ScopeView(REGION, kind, ScopeState.COMPLETE) for kind in READ]


def node(kind: str, name: str, **config: Any) -> Node:
    return Node(kind=kind, external_id=f"arn:aws:x:{REGION}:1:{kind}/{name}", name=name, place=REGION, config=config)


def link(origin: Node, type: str, target: Node) -> Edge:
    return Edge(origin.identity, LinkTo(type, target.kind, target.external_id))


def test_a_model_is_served_only_through_an_endpoint() -> None:
    model, config, endpoint = node(MODEL, "m"), node(CONFIG, "c"), node(ENDPOINT, "e")
    edges = [link(config, "serves", model), link(endpoint, "serves", config)]
    assert served(model, Estate([model, config, endpoint], edges, COMPLETE)) is True
    assert served(model, Estate([model, config], edges[:1], COMPLETE)) is False
    assert isinstance(served(model, Estate([model, config], edges[:1])), Unknown)
    part = node("aws.sagemaker.inference_component", "p")
    assert served(model, Estate([model, part], [link(part, "serves", model)], COMPLETE)) is True


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([MODEL], ""),
        ([MODEL, JOB], "alike"),
        (["aws.bedrock.agent", "aws.bedrock.agent"], "mixed"),
        ([MODEL, "aws.sagemaker.domain"], "mixed"),
    ],
)
def test_a_role_is_shared_harmlessly_only_when_everybody_was_seen(kinds: list[str], expected: str) -> None:
    role = node("aws.iam.role", "r")
    using = [node(kind, f"u{number}") for number, kind in enumerate(kinds)]
    edges = [link(one, "uses_role", role) for one in using]
    everything = [ScopeView(REGION, kind, ScopeState.COMPLETE) for kind in AWS]
    unread = [ScopeView(REGION, "aws.sagemaker.model", ScopeState.DENIED), *everything]
    assert shared_by(role, Estate([role, *using], edges, everything)) == expected
    partly = shared_by(role, Estate([role, *using], edges, unread))
    assert partly == "mixed" if expected == "mixed" else isinstance(partly, Unknown)


def test_an_artifact_is_known_when_a_training_job_made_it() -> None:
    model = node(MODEL, "m", PrimaryContainer={"ModelDataUrl": "s3://b/out/model.tar.gz"})
    job = node(JOB, "j", ModelArtifacts={"S3ModelArtifacts": "s3://b/out/model.tar.gz"})
    assert from_training_job(model, Estate([model, job], (), COMPLETE)) is True
    assert from_training_job(model, Estate([model], (), COMPLETE)) is False
    assert isinstance(from_training_job(model, Estate([model])), Unknown)


def test_an_artifact_is_known_when_lineage_has_it_on_record_as_a_product() -> None:
    uri = "s3://b/out/model.tar.gz"
    model = node(MODEL, "m", PrimaryContainer={"ModelDataUrl": uri})
    recorded = node("aws.sagemaker.lineage_artifact", "a", Source={"SourceUri": uri})

    def association(kind: str) -> Node:
        what = {"SourceArn": "run", "DestinationArn": recorded.external_id, "AssociationType": kind}
        return node("aws.sagemaker.lineage_association", "r", **what)

    assert from_training_job(model, Estate([model, recorded, association("Produced")], (), COMPLETE)) is True
    assert from_training_job(model, Estate([model, recorded, association("ContributedTo")], (), COMPLETE)) is False


def test_only_what_would_have_been_seen_is_missing() -> None:
    model = node(MODEL, "m")
    gone = LinkTo("uses_role", "aws.iam.role", "arn:aws:iam::1:role/gone")
    foreign = LinkTo("uses_role", "aws.iam.role", "arn:aws:iam::2:role/theirs")
    edges = [Edge(model.identity, gone), Edge(model.identity, foreign)]
    assert missing_references(model, Estate([model], edges, COMPLETE, account="1")) == [gone.ref]
    assert isinstance(missing_references(model, Estate([model], edges, account="1")), Unknown)
    assert missing_references(model, Estate([model], edges[1:], account="1")) == []
    anybodys = Edge(model.identity, LinkTo("loads", "aws.s3.bucket", "arn:aws:s3:::b"))
    read = [*COMPLETE, ScopeView("-", "aws.s3.bucket", ScopeState.COMPLETE)]
    assert isinstance(missing_references(model, Estate([model], [anybodys], read, account="1")), Unknown)
    assert missing_references(model, Estate([model], [*edges, anybodys], read, account="1")) == [gone.ref]


def test_a_repository_is_used_through_its_images() -> None:
    repository, image, model = node("aws.ecr.repository", "r"), node("aws.ecr.image", "i"), node(MODEL, "m")
    edges = [link(image, "part_of", repository), link(model, "runs_image", image)]
    assert users(repository, Estate([repository, image, model], edges)) == ["sagemaker.model m"]


def test_nobody_uses_it_only_when_all_that_could_were_read() -> None:
    repository = node("aws.ecr.repository", "r")
    assert users(repository, Estate([repository], (), COMPLETE)) == []
    unread = [*COMPLETE, ScopeView(REGION, "aws.sagemaker.model", ScopeState.DENIED)]
    assert isinstance(users(repository, Estate([repository], (), unread)), Unknown)
    blind = Node(kind=MODEL, external_id="m", unread=[Unread("PrimaryContainer", Problem.DENIED)])
    assert isinstance(users(repository, Estate([repository, blind], (), COMPLETE)), Unknown)


def test_a_kind_that_cannot_use_it_need_not_be_read_to_know_who_does() -> None:
    repository = node("aws.ecr.repository", "r")
    unread = [*COMPLETE, ScopeView(REGION, "aws.sagemaker.domain", ScopeState.DENIED)]
    assert users(repository, Estate([repository], (), unread)) == []


def test_an_undescribed_model_has_no_known_origin_yet() -> None:
    blind = Node(kind=MODEL, external_id="m", unread=[Unread("", Problem.DENIED)])
    assert isinstance(from_training_job(blind, Estate([blind], (), COMPLETE)), Unknown)


@pytest.mark.parametrize(
    ("rule", "ports", "ranges"),
    [
        ({"IpProtocol": "tcp", "FromPort": 8888, "ToPort": 8888}, [8888], ["8888"]),
        ({"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8100}, [8000, 8001, 8080], ["8000-8100"]),
        ({"IpProtocol": "udp", "FromPort": 8888, "ToPort": 8888}, [], ["8888"]),
        ({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}, [], ["443"]),
    ],
)
def test_open_ports_of_ai_tools_are_found(rule: dict[str, Any], ports: list[int], ranges: list[str]) -> None:
    group = node("aws.ec2.security_group", "g", IpPermissions=[{**rule, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    assert open_ai_ports(group, Estate([group])) == ports
    assert open_ports(group, Estate([group])) == ranges


def test_a_function_whose_url_was_not_read_may_be_exposed() -> None:
    unread = [Unread("UrlConfig", Problem.DENIED)]
    blind = Node(kind="aws.lambda.function", external_id="f", unread=unread)
    assert isinstance(function_exposure(blind, Estate([blind])), Unknown)
    assert function_exposure(node("aws.lambda.function", "f"), Estate([])) == "internal"
    assert function_exposure(node("aws.lambda.function", "f", UrlConfig={"AuthType": "NONE"}), Estate([])) == "internet"


def test_images_say_where_they_come_from_and_how_firmly() -> None:
    refs = ["1" * 12 + ".dkr.ecr.eu-central-1.amazonaws.com/a@sha256:00", "docker.io/x/llm", "vllm/vllm-openai:v0.9.1"]
    model = node(MODEL, "m", Containers=[{"Image": ref} for ref in refs])
    found = images(model, Estate([model], account="1" * 12))
    assert not isinstance(found, Unknown)
    assert [(i["origin"], i["pinned"], i["moving"]) for i in found] == [
        ("own", True, False),
        ("external", False, True),
        ("external", False, False),
    ]


@pytest.mark.parametrize(
    ("account", "region", "origin"),
    [
        ("205585389593", "us-east-1", "aws"),  # Clarify
        ("048819808253", "eu-central-1", "aws"),  # Model Monitor
        ("871362719292", "ap-east-1", "aws"),  # deep learning containers
        ("999988887777", "us-east-1", "ecr-other"),
    ],
)
def test_containers_that_aws_publishes_are_its_own(account: str, region: str, origin: str) -> None:
    image = f"{account}.dkr.ecr.{region}.amazonaws.com/pytorch-training:2.1"
    job = node("aws.sagemaker.processing_job", "j", AppSpecification={"ImageUri": image})
    found = images(job, Estate([job], account="1" * 12))
    assert not isinstance(found, Unknown)
    assert [one["origin"] for one in found] == [origin]


def test_no_detector_is_off_and_an_unread_one_is_unknown() -> None:
    region = node("aws.region", REGION)
    read = [ScopeView(REGION, "aws.guardduty.detector", ScopeState.COMPLETE)]
    on = node("aws.guardduty.detector", "d", Status="ENABLED")
    blind = Node(kind="aws.guardduty.detector", external_id="d", place=REGION, unread=[Unread("", Problem.DENIED)])
    assert threat_detection(region, Estate([region], (), read)) is False
    assert threat_detection(region, Estate([region, on], (), read)) is True
    assert isinstance(threat_detection(region, Estate([region, blind], (), read)), Unknown)
    assert isinstance(threat_detection(region, Estate([region])), Unknown)
    assert isinstance(ai_in_use(region, Estate([region])), Unknown)


@pytest.mark.parametrize(
    ("kind", "ai", "bedrock"),
    [
        ("aws.agentcore.gateway", True, False),
        ("aws.kendra.index", True, False),
        ("aws.bedrock.inference_profile", True, True),
        ("aws.bedrock.marketplace_endpoint", True, True),
        ("aws.bedrock.logging_configuration", False, False),
        ("aws.agentcore.token_vault", False, False),
        ("aws.s3.bucket", False, False),
    ],
)
def test_any_ai_service_counts_as_use_and_its_settings_do_not(kind: str, ai: bool, bedrock: bool) -> None:
    region = node("aws.region", REGION)
    read = [ScopeView(REGION, kind, ScopeState.COMPLETE) for kind in AI]
    estate = Estate([region, node(kind, "one")], (), read)
    assert (ai_in_use(region, estate), bedrock_in_use(region, estate)) == (ai, bedrock)
