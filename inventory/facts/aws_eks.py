"""Which clusters run AI, as far as AWS tells."""

from __future__ import annotations

import re

from inventory.documents import Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first

CLUSTER, GROUP = "aws.eks.cluster", "aws.eks.nodegroup"
HYPERPOD, HOST = "aws.sagemaker.hyperpod_cluster", "aws.ec2.instance"
ACCELERATED = re.compile(r"(p|g|gr|dl|vt|inf|trn)\d")
IMAGES = re.compile(r"_(GPU|NVIDIA|NEURON)")
NAMED_BY = ("aws:eks:cluster-name", "eks:cluster-name")


@fact("runs_ai", kinds=(CLUSTER,), looks_at=(GROUP, HYPERPOD, HOST), title="Runs AI, by its machines")
def runs_ai(node: Node, estate: Estate) -> bool | Unknown:
    """Whether HyperPod runs it, or a node group or host of it has GPUs or AWS's own accelerators."""
    if any(one.kind == HYPERPOD for one in estate.into(node, "runs_as")):
        return True
    if any(_joins(host, node.name) and _accelerated(host.config) for host in estate.in_place(HOST, node.place)):
        return True
    groups = [_group(one) for one in estate.into(node, "part_of") if one.kind == GROUP]
    if any(one is True for one in groups):
        return True
    unread = [kind for kind in (GROUP, HYPERPOD, HOST) if not estate.complete(kind, node.place)]
    unsure = first(one for one in groups if isinstance(one, Unknown))
    if unsure is not None:
        return unsure
    return Unknown("The machines of the cluster were not read completely") if unread else False


def _joins(host: Node, cluster: str) -> bool:
    tags = host.tags
    return any(tags.get(name) == cluster for name in NAMED_BY) or f"kubernetes.io/cluster/{cluster}" in tags


def _accelerated(host: dict[str, object]) -> bool:
    return ACCELERATED.match(str(host.get("InstanceType", ""))) is not None


def _group(node: Node) -> bool | Unknown:
    missing = node.unknown("nodegroup")
    if missing is not None:
        return missing
    group = node.config.get("nodegroup") or {}
    types = [str(one) for one in group.get("instanceTypes") or ()]
    if IMAGES.search(str(group.get("amiType"))) or any(map(ACCELERATED.match, types)):
        return True
    return False if types else Unknown(f"A launch template says what machines {node.name} starts, and it is not read.")
