"""Whether a cluster runs AI: told by its machines, and not known where they are not."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, ScopeState, ScopeView, Unknown
from inventory.facts.aws_eks import CLUSTER, GROUP, HOST, HYPERPOD, runs_ai
from inventory.facts.aws_sagemaker import platform
from inventory.facts.estate import Edge, Estate, Node

HERE = "eu-central-1"
WHOLE = [ScopeView(HERE, kind, ScopeState.COMPLETE) for kind in (GROUP, HOST, HYPERPOD)]
EKS = Node(kind=CLUSTER, external_id="arn:c", name="c", place=HERE)


def group(**config: Any) -> tuple[Node, Edge]:
    node = Node(kind=GROUP, external_id="arn:g", name="g", place=HERE, config={"nodegroup": config})
    return node, Edge(node.identity, LinkTo("part_of", CLUSTER, "arn:c"))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"instanceTypes": ["g5.2xlarge"]}, True),
        ({"instanceTypes": ["trn1.32xlarge"], "amiType": "CUSTOM"}, True),
        ({"amiType": "AL2023_x86_64_NVIDIA"}, True),
        ({"instanceTypes": ["m7g.large", "t3.large"], "amiType": "AL2023_x86_64_STANDARD"}, False),
        ({"amiType": "CUSTOM"}, None),
    ],
)
def test_a_cluster_runs_ai_by_the_machines_of_its_groups(config: dict[str, Any], expected: bool | None) -> None:
    node, edge = group(**config)
    said = runs_ai(EKS, Estate([EKS, node], [edge], WHOLE))
    assert isinstance(said, Unknown) if expected is None else said is expected


@pytest.mark.parametrize(("cluster", "expected"), [("c", True), ("other", False)])
def test_a_host_tells_by_its_tag_which_cluster_it_joins(cluster: str, expected: bool) -> None:
    host = Node(
        kind=HOST,
        external_id="arn:h",
        place=HERE,
        config={"InstanceType": "p5.48xlarge"},
        tags={"aws:eks:cluster-name": cluster},
    )
    assert runs_ai(EKS, Estate([EKS, host], (), WHOLE)) is expected


def test_a_cluster_that_hyperpod_runs_is_for_ai() -> None:
    pod = Node(kind=HYPERPOD, external_id="arn:p", place=HERE)
    link = Edge(pod.identity, LinkTo("runs_as", CLUSTER, "arn:c"))
    assert runs_ai(EKS, Estate([EKS, pod], [link], WHOLE)) is True


def test_machines_that_were_not_read_may_be_for_ai() -> None:
    assert isinstance(runs_ai(EKS, Estate([EKS], (), WHOLE[1:])), Unknown)
    assert runs_ai(EKS, Estate([EKS], (), WHOLE)) is False


def test_a_notebook_without_a_platform_is_not_on_a_supported_one() -> None:
    def said(**config: Any) -> str | Unknown:
        node = Node(kind="aws.sagemaker.notebook_instance", external_id="arn:n", config=config)
        return platform(node, Estate([node]))

    assert said(PlatformIdentifier="notebook-al2-v3") == "notebook-al2-v3"
    assert isinstance(said(PlatformIdentifier=None), Unknown)
