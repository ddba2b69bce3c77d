"""Policies of Cilium, Calico and cluster administrators, as far as they can be said in the words of NetworkPolicy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inventory.documents import Document
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_network import pod_spec_flags, selects, spec_of
from inventory.facts.k8s_pod import labels_of
from inventory.recognition.workloads import listed, mapping, mappings, text

CILIUM = ("k8s.cilium.cilium_network_policy", "k8s.cilium.cilium_clusterwide_network_policy")
CALICO = ("k8s.crd.network_policy", "k8s.crd.global_network_policy")
ADMIN = ("k8s.policy.admin_network_policy", "k8s.policy.baseline_admin_network_policy")
FOREIGN = (*CILIUM, *CALICO, *ADMIN)
_WAYS = (("ingress", "from", "Ingress"), ("egress", "to", "Egress"))
_TERM = re.compile(
    r"""^(?P<not>!\s*)?has\((?P<has>[^)]+)\)$|^(?P<key>[\w./-]+)\s*(?P<op>==|!=)\s*["'](?P<value>[^"']*)["']$"""
    r"""|^(?P<of>[\w./-]+)\s+(?P<in>not\s+in|in)\s*\{(?P<values>[^}]*)\}$"""
)


@dataclass(frozen=True, slots=True)
class Applied:
    """A policy that applies to a pod, in the words of NetworkPolicy.

    `denies` and `allows`: directions of which it takes or gives a part whatever others say; `doubt`: not understood.
    """

    policy: Node
    spec: Document
    denies: frozenset[str] = frozenset()
    allows: frozenset[str] = frozenset()
    doubt: str = ""


def foreign_policies(node: Node, estate: Estate) -> list[Applied]:
    """Every such policy that applies to the workload's pods."""
    return [*_cilium(node, estate), *_calico(node, estate), *_admin(node, estate)]


def specs_for(node: Node, estate: Estate) -> list[tuple[Node, Document]]:
    """(policy, its spec) for every part of a Cilium policy that applies to the workload's pods."""
    labels = _with_place(node, estate)
    return [
        (policy, spec)
        for policy in (*estate.in_place(CILIUM[0], node.place), *estate.all(CILIUM[1]))
        for spec in (spec_of(policy), *mappings(policy.config.get("specs")))
        if "endpointSelector" in spec and selects(_plain(mapping(spec.get("endpointSelector"))), labels)
    ]


def _with_place(node: Node, estate: Estate) -> dict[str, str]:
    """The labels of the pods, and what Cilium adds to them."""
    account = text(pod_spec_flags(node).get("serviceAccountName")) or "default"
    around = {f"io.cilium.k8s.namespace.labels.{key}": value for key, value in _namespace_labels(node, estate).items()}
    own = {"io.kubernetes.pod.namespace": node.place, "io.cilium.k8s.policy.serviceaccount": account}
    return {**labels_of(node), **around, **own}


def _namespace_labels(node: Node, estate: Estate) -> Mapping[str, str]:
    namespace = estate.get("k8s.namespace", node.place)
    return {"kubernetes.io/metadata.name": node.place, **(namespace.tags if namespace is not None else {})}


def _plain(selector: Document) -> Document:
    """A selector without Cilium's sources of labels."""
    wanted = mapping(selector.get("matchLabels"))
    return {
        "matchLabels": {_bare(key): value for key, value in wanted.items()},
        "matchExpressions": [
            {**item, "key": _bare(text(item.get("key")))} for item in mappings(selector.get("matchExpressions"))
        ],
    }


def _bare(key: str) -> str:
    return key.removeprefix("k8s:").removeprefix("any:")


def _cilium(node: Node, estate: Estate) -> Iterator[Applied]:
    for policy, spec in specs_for(node, estate):
        default = mapping(spec.get("enableDefaultDeny"))
        rules: Document = {"policyTypes": []}
        for way, peers, title in _WAYS:
            if (way in spec or f"{way}Deny" in spec) and default.get(way) is not False:
                rules["policyTypes"].append(title)
            rules[way] = [{peers: _cilium_peers(rule, peers)} for rule in mappings(spec.get(way)) if rule]
        rules["policyTypes"] = rules["policyTypes"] or ["none"]
        yield Applied(policy, rules, frozenset(way for way, _peers, _title in _WAYS if spec.get(f"{way}Deny")))


def _cilium_peers(rule: Document, way: str) -> list[Document]:
    """The peers of one rule; none, which means everybody, when it is about ports only."""
    entities = set(listed(rule.get(f"{way}Entities")))
    found: list[Document] = [{"ipBlock": {"cidr": cidr}} for cidr in listed(rule.get(f"{way}CIDR"))]
    found += [{"ipBlock": block} for block in mappings(rule.get(f"{way}CIDRSet"))]
    found += [{"ipBlock": {"cidr": "0.0.0.0/0"}}] if entities & {"world", "all"} else []
    found += [{"namespaceSelector": {}}] if "cluster" in entities else []
    named = [key for key in rule if key.startswith(way) and key != f"{way}Ports"]
    return found or ([{"podSelector": {}}] if named else [])


def _calico(node: Node, estate: Estate) -> Iterator[Applied]:
    for policy in (*estate.in_place(CALICO[0], node.place), *estate.all(CALICO[1])):
        spec = spec_of(policy)
        own = {"projectcalico.org/namespace": node.place, "projectcalico.org/orchestrator": "k8s"}
        selected = _matches(text(spec.get("selector")), {**labels_of(node), **own})
        around = {**_namespace_labels(node, estate), "projectcalico.org/name": node.place}
        placed = _matches(text(spec.get("namespaceSelector")), around)
        if selected is False or placed is False or spec.get("preDNAT") or spec.get("doNotTrack"):
            continue
        doubt = "" if selected and placed else "its selector could not be worked out"
        yield Applied(policy, _calico_rules(spec), _acting(spec, "Deny"), doubt=doubt)


def _matches(selector: str, labels: Mapping[str, str]) -> bool | None:
    """Whether an expression of Calico holds; None when it is more than terms joined by `&&`."""
    if selector.strip() in ("", "all()"):
        return True
    found = [_TERM.match(term.strip()) for term in selector.split("&&")]
    if any(match is None for match in found):
        return None
    return all(_holds(match, labels) for match in found if match is not None)


def _holds(match: re.Match[str], labels: Mapping[str, str]) -> bool:
    if match["has"]:
        return (match["has"].strip() in labels) is not bool(match["not"])
    if match["key"]:
        return (labels.get(match["key"]) == match["value"]) is (match["op"] == "==")
    values = {value.strip(" '\"") for value in match["values"].split(",")}
    return (labels.get(match["of"]) in values) is (match["in"] == "in")


def _calico_rules(spec: Document) -> Document:
    rules: Document = {"policyTypes": listed(spec.get("types"))}
    for way, peers, title in _WAYS:
        allowed = [rule for rule in mappings(spec.get(way)) if rule.get("action") == "Allow"]
        other = "source" if way == "ingress" else "destination"
        rules[way] = [{peers: _calico_peers(mapping(rule.get(other)))} for rule in allowed]
        if way in spec and not spec.get("types"):
            rules["policyTypes"].append(title)
    rules["policyTypes"] = rules["policyTypes"] or ["Ingress"]
    return rules


def _calico_peers(entity: Document) -> list[Document]:
    """The other end of a rule; none, which means everybody, when it names nobody."""
    nets, spared = listed(entity.get("nets")), listed(entity.get("notNets"))
    if nets or spared:
        return [{"ipBlock": {"cidr": net, "except": spared}} for net in nets or ["0.0.0.0/0"]]
    if text(entity.get("namespaceSelector")).strip() == "all()" and not entity.get("selector"):
        return [{"namespaceSelector": {}}]
    return [{"podSelector": {}}] if set(entity) - {"ports", "notPorts"} else []


def _acting(spec: Document, action: str) -> frozenset[str]:
    """The directions in which a policy has a rule with this action."""
    return frozenset(
        way for way, _peers, _title in _WAYS if any(rule.get("action") == action for rule in mappings(spec.get(way)))
    )


def _admin(node: Node, estate: Estate) -> Iterator[Applied]:
    """Policies of administrators go before all others and isolate nothing: they leave doubts where they decide."""
    around = _namespace_labels(node, estate)
    for policy in estate.all(*ADMIN):
        spec = spec_of(policy)
        subject = mapping(spec.get("subject"))
        pods = mapping(subject.get("pods"))
        namespaces = mapping(pods.get("namespaceSelector") if pods else subject.get("namespaces"))
        if selects(namespaces, around) and selects(mapping(pods.get("podSelector")), labels_of(node)):
            yield Applied(policy, {"policyTypes": ["none"]}, _acting(spec, "Deny"), _acting(spec, "Allow"))
