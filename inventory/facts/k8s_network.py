"""Who can reach a pod, and what it can reach: services, routes, network policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, ip_network
from typing import Any

from inventory.documents import Document, LinkTo, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_pod import WORKLOADS, labels_of
from inventory.facts.registry import derived_link, fact
from inventory.recognition.workloads import listed, mapping, mappings, pod_specs, text

CILIUM = ("k8s.cilium.cilium_network_policy", "k8s.cilium.cilium_clusterwide_network_policy")
POLICIES = ("k8s.network_policy", *CILIUM)
POOL = "k8s.inference.inference_pool"
METADATA = IPv4Network("169.254.169.254/32")
_EVERYWHERE = frozenset({"0.0.0.0/0", "::/0"})
# From the most closed to the most open; several rules together are as open as the most open one.
_ORDER = ("deny", "peers", "cluster", "open")


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


def policies_of(node: Node, estate: Estate) -> list[tuple[Node, Document]]:
    """(policy, its spec in the words of NetworkPolicy) for every policy that applies to the workload's pods."""
    labels = labels_of(node)
    found = [
        (policy, spec_of(policy))
        for policy in estate.in_place("k8s.network_policy", node.place)
        if selects(mapping(spec_of(policy).get("podSelector")), labels)
    ]
    return found + [(policy, _as_network_policy(spec)) for policy, spec in specs_for(node, estate)]


def specs_for(node: Node, estate: Estate) -> list[tuple[Node, Document]]:
    """(policy, its spec) for every part of a Cilium policy that applies to the workload's pods."""
    labels = labels_of(node)
    return [
        (policy, spec)
        for policy in (*estate.in_place(CILIUM[0], node.place), *estate.all(CILIUM[1]))
        for spec in (spec_of(policy), *mappings(policy.config.get("specs")))
        if "endpointSelector" in spec and selects(_plain(mapping(spec.get("endpointSelector"))), labels)
    ]


def _plain(selector: Document) -> Document:
    wanted = mapping(selector.get("matchLabels"))
    return {"matchLabels": {key.removeprefix("k8s:").removeprefix("any:"): value for key, value in wanted.items()}}


def _as_network_policy(spec: Document) -> Document:
    """A Cilium rule only as far as these facts ask: which directions it covers, and whether it names the world."""
    types = [name for name, key in (("Ingress", "ingress"), ("Egress", "egress")) if key in spec]
    rules: Document = {"policyTypes": types}
    for key, peers in (("ingress", "from"), ("egress", "to")):
        rules[key] = [{peers: _cilium_peers(rule)} for rule in mappings(spec.get(key)) if rule]
    return rules


def _cilium_peers(rule: Document) -> list[Document]:
    entities = {entity for key in ("fromEntities", "toEntities") for entity in listed(rule.get(key))}
    if entities & {"world", "all"}:
        return [{"ipBlock": {"cidr": "0.0.0.0/0"}}]
    return [{"namespaceSelector": {}}] if "cluster" in entities else [{"podSelector": {}}]


@fact("network_policy", kinds=WORKLOADS, looks_at=POLICIES, title="What network policies let in and out")
def network_policy(node: Node, estate: Estate) -> Document | Unknown:
    """`ingress` and `egress` are none, deny, peers, cluster or open; none = no policy applies, all is allowed."""
    if not estate.complete("k8s.network_policy"):
        return Unknown("Not every network policy could be read.")
    spec = pod_spec_flags(node)
    if spec.get("hostNetwork") is True:
        return {"ingress": "none", "egress": "none", "metadata_blocked": False, "policies": []}
    applying = policies_of(node, estate)
    ingress = [one for _policy, one in applying if "Ingress" in policy_types(one)]
    egress = [one for _policy, one in applying if "Egress" in policy_types(one)]
    return {
        "ingress": openness(ingress, "ingress", "from"),
        "egress": openness(egress, "egress", "to"),
        "metadata_blocked": bool(egress) and not any(_lets_out_to_metadata(one) for one in egress),
        "policies": sorted({policy.name for policy, _one in applying}),
    }


def pod_spec_flags(node: Node) -> Document:
    """The first pod spec as it stands in the document."""
    return next((spec for _path, spec in pod_specs(node.kind, node.config)), {})


def policy_types(spec: Document) -> Sequence[Any]:
    """The directions that a policy is about; Ingress when it does not say, Egress too when it has egress rules."""
    stated = listed(spec.get("policyTypes"))
    return stated or (["Ingress", "Egress"] if "egress" in spec else ["Ingress"])


def openness(specs: Sequence[Document], direction: str, peers: str) -> str:
    """How much these policies let through together: none (no policy), deny, peers, cluster or open."""
    if not specs:
        return "none"
    found = [_rule(mappings(rule.get(peers)), peers in rule) for one in specs for rule in mappings(one.get(direction))]
    return max(found, key=_ORDER.index, default="deny")


def _rule(peers: list[Document], stated: bool) -> str:
    if not peers:
        return "open"
    return max((_peer(peer) for peer in peers), key=_ORDER.index) if stated else "open"


def _peer(peer: Document) -> str:
    block = mapping(peer.get("ipBlock"))
    if block:
        return "open" if block.get("cidr") in _EVERYWHERE and not listed(block.get("except")) else "peers"
    whole_cluster = peer.get("namespaceSelector") == {} and not peer.get("podSelector")
    return "cluster" if whole_cluster else "peers"


def _lets_out_to_metadata(spec: Document) -> bool:
    for rule in mappings(spec.get("egress")):
        peers = mappings(rule.get("to"))
        if not peers or any(_reaches_metadata(mapping(peer.get("ipBlock"))) for peer in peers):
            return True
    return False


def _reaches_metadata(block: Document) -> bool:
    try:
        inside = _holds_metadata(text(block.get("cidr")))
        spared = any(_holds_metadata(text(part)) for part in listed(block.get("except")))
    except ValueError:
        return False
    return inside and not spared


def _holds_metadata(cidr: str) -> bool:
    network = ip_network(cidr, strict=False)
    return isinstance(network, IPv4Network) and METADATA.subnet_of(network)
