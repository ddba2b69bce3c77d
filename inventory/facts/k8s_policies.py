"""What network policies let in and out of a pod, and whether the network of the cluster enforces them."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, ip_network
from typing import Any

from inventory.documents import Document, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_foreign_policies import FOREIGN, Applied, foreign_policies
from inventory.facts.k8s_network import pod_spec_flags, selects, spec_of
from inventory.facts.k8s_pod import WORKLOADS, containers, labels_of
from inventory.facts.registry import fact
from inventory.recognition.images import parse_image
from inventory.recognition.workloads import followed, listed, mapping, mappings, text, words

POLICIES = ("k8s.network_policy", *FOREIGN)
METADATA = IPv4Network("169.254.169.254/32")
_EVERYWHERE = frozenset({"0.0.0.0/0", "::/0"})
# From the most closed to the most open; several rules together are as open as the most open one.
_ORDER = ("deny", "peers", "cluster", "open")
_WIDE = frozenset({"none", "cluster", "open"})
_ENFORCERS = {
    "cilium/cilium": "Cilium",
    "calico/node": "Calico",
    "antrea/antrea": "Antrea",
    "kube-router": "kube-router",
    "azure-npm": "Azure network policy manager",
    "ovn-kubernetes": "OVN-Kubernetes",
    "ovnkube": "OVN-Kubernetes",
    "weave-kube": "Weave Net",
    "kube-network-policies": "kube-network-policies",
}
_AWS_AGENTS = ("aws-network-policy-agent", "aws-eks-nodeagent")
_NOT_ENFORCING = ("flannel", "amazon-k8s-cni")


@fact("policy_enforcement", kinds=("k8s.cluster",), looks_at=("k8s.daemon_set",), title="Enforces network policies")
def policy_enforcement(node: Node, estate: Estate) -> str | Unknown:
    """Name of what enforces network policies, empty when the network plugin is one that does not."""
    return enforcement(estate)


def enforcement(estate: Estate) -> str | Unknown:
    """As the fact; asked once for the cluster."""
    return estate.once("network policy enforcement", lambda: _enforcement(estate))


def _enforcement(estate: Estate) -> str | Unknown:
    found = [container for node in estate.all("k8s.daemon_set") for container in containers(node)]
    paths = {parse_image(container.image).path for container in found}
    named = next((title for mark, title in _ENFORCERS.items() if any(mark in path for path in paths)), "")
    agents = [c for c in found if any(agent in parse_image(c.image).path for agent in _AWS_AGENTS)]
    if any(("--enable-network-policy", "true") in followed(words(agent.line)) for agent in agents):
        named = named or "the AWS network policy agent"
    if named:
        return named
    if not estate.complete("k8s.daemon_set"):
        return Unknown("Not every DaemonSet could be read, so whether network policies are enforced is not known.")
    if any(mark in path for mark in _NOT_ENFORCING for path in paths):
        return ""
    return Unknown("No network plugin that enforces network policies was recognised.")


def policies_of(node: Node, estate: Estate) -> list[Applied]:
    """Every policy that applies to the workload's pods, in the words of NetworkPolicy."""
    labels = labels_of(node)
    found = [
        Applied(policy, spec_of(policy))
        for policy in estate.in_place("k8s.network_policy", node.place)
        if selects(mapping(spec_of(policy).get("podSelector")), labels)
    ]
    return [*found, *foreign_policies(node, estate)]


@fact(
    "network_policy",
    kinds=WORKLOADS,
    looks_at=(*POLICIES, "k8s.daemon_set", "k8s.namespace"),
    title="What network policies let in and out",
)
def network_policy(node: Node, estate: Estate) -> Document | Unknown:
    """`ingress` and `egress` are none, deny, peers, cluster or open; none = no policy applies, all is allowed."""
    if pod_spec_flags(node).get("hostNetwork") is True:
        return {"ingress": "none", "egress": "none", "metadata_blocked": False, "policies": []}
    unread = _unread(estate)
    if unread is not None:
        return unread
    applying = policies_of(node, estate)
    enforced = enforcement(estate) if applying else ""
    if isinstance(enforced, Unknown):
        return enforced
    return _summary(applying if enforced else [])


def _unread(estate: Estate) -> Unknown | None:
    if not estate.complete("k8s.network_policy"):
        return Unknown("Not every network policy could be read.")
    return estate.read.unread(FOREIGN)


def _summary(applying: Sequence[Applied]) -> Document | Unknown:
    doubtful = next((one for one in applying if one.doubt), None)
    if doubtful is not None:
        return Unknown(f"{doubtful.policy.name}: {doubtful.doubt}")
    ingress = [one.spec for one in applying if "Ingress" in policy_types(one.spec)]
    egress = [one.spec for one in applying if "Egress" in policy_types(one.spec)]
    found = {"ingress": openness(ingress, "ingress", "from"), "egress": openness(egress, "egress", "to")}
    wide = {way for way, how in found.items() if how in _WIDE}
    for one in applying:
        if one.denies & wide or one.allows - wide:
            return Unknown(f"{one.policy.name} goes before other policies in a way that is not worked out.")
    return {
        **found,
        "metadata_blocked": bool(egress) and not any(_lets_out_to_metadata(spec) for spec in egress),
        "policies": sorted({one.policy.name for one in applying}),
    }


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
