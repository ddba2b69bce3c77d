"""Which pods services, pools and policies select, by their labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from inventory.documents import Document, LinkTo
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_pod import WORKLOADS, labels_of
from inventory.facts.registry import derived_link
from inventory.recognition.workloads import listed, mapping, mappings, pod_specs, text

POOL = "k8s.inference.inference_pool"


def spec_of(node: Node) -> Document:
    return mapping(node.config.get("spec"))


def selects(selector: Document, labels: Mapping[str, str]) -> bool:
    """Whether a label selector (matchLabels, matchExpressions) matches; an empty one matches everything."""
    for key, value in mapping(selector.get("matchLabels")).items():
        if labels.get(key) != value:
            return False
    return all(_expression(item, labels) for item in mappings(selector.get("matchExpressions")))


def _expression(item: Document, labels: Mapping[str, str]) -> bool:
    key, values, present = text(item.get("key")), listed(item.get("values")), text(item.get("key")) in labels
    match item.get("operator"):
        case "In":
            return present and labels[key] in values
        case "NotIn":
            return not present or labels[key] not in values
        case "Exists":
            return present
        case "DoesNotExist":
            return not present
        case _:
            return False


@derived_link("selects", kinds=("k8s.service",), looks_at=WORKLOADS, same_place=True)
def service_selects(node: Node, estate: Estate) -> Iterable[LinkTo]:
    """The workloads whose pods a Service sends to."""
    selector = mapping(spec_of(node).get("selector"))
    if not selector:
        return []
    return [
        LinkTo("selects", other.kind, other.external_id)
        for other, labels in _labelled(node.place, estate)
        if selector.items() <= labels.items()
    ]


@derived_link("selects", kinds=(POOL,), looks_at=WORKLOADS, same_place=True)
def pool_selects(node: Node, estate: Estate) -> Iterable[LinkTo]:
    """The workloads whose pods an InferencePool sends to; in its first version the selector was a plain map."""
    selector = mapping(spec_of(node).get("selector"))
    wanted = mapping(selector.get("matchLabels")) if "matchLabels" in selector else selector
    return [
        LinkTo("selects", other.kind, other.external_id)
        for other, labels in _labelled(node.place, estate)
        if wanted and wanted.items() <= labels.items()
    ]


@derived_link("selects", kinds=("k8s.network_policy",), looks_at=WORKLOADS, same_place=True)
def policy_selects(node: Node, estate: Estate) -> Iterable[LinkTo]:
    """The workloads that a NetworkPolicy applies to."""
    selector = mapping(spec_of(node).get("podSelector"))
    return [
        LinkTo("selects", other.kind, other.external_id)
        for other, labels in _labelled(node.place, estate)
        if selects(selector, labels)
    ]


def _labelled(place: str, estate: Estate) -> list[tuple[Node, dict[str, str]]]:
    """The workloads of a namespace with the labels of their pods."""
    return estate.once(
        f"labelled in {place}", lambda: [(node, labels_of(node)) for node in estate.in_place("k8s.workload", place)]
    )


def _selecting(place: str, estate: Estate) -> list[tuple[Node, Document]]:
    """The Services of a namespace that select pods, with their selectors."""
    return estate.once(
        f"selecting in {place}",
        lambda: [
            (node, wanted)
            for node in estate.in_place("k8s.service", place)
            if (wanted := mapping(spec_of(node).get("selector")))
        ],
    )


def services_of(node: Node, estate: Estate) -> list[Node]:
    """The Services that send to a workload."""
    labels = labels_of(node).items()
    return [service for service, wanted in _selecting(node.place, estate) if wanted.items() <= labels]


def pod_spec_flags(node: Node) -> Document:
    """The first pod spec as it stands in the document."""
    return next((spec for _path, spec in pod_specs(node.kind, node.config)), {})
