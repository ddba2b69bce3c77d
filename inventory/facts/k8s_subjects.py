"""Who, besides the cluster's own parts, may run commands in a workload's pods, or change what they run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from inventory.documents import Document, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_access import RBAC, changes_workloads, enters_pods, grant_of, unread_rbac
from inventory.facts.k8s_network import pod_spec_flags
from inventory.facts.k8s_pod import WORKLOADS
from inventory.facts.registry import fact
from inventory.recognition.workloads import mappings, text

MOST = 20
Holders = Mapping[str, set[str]]
"""namespace, or `*` for all -> subjects"""


@fact("subjects", kinds=WORKLOADS, looks_at=RBAC, title="Who may enter or change it")
def subjects(node: Node, estate: Estate) -> Document | Unknown:
    """`enter`: who may run commands in its pods; `change`: who may change or replace it; `everybody`: any caller may.

    Parts of the cluster itself (names with `system:`, accounts in kube-system) are left out; `more` were not named.
    """
    missing = unread_rbac(estate)
    if missing is not None:
        return missing
    enter = _here("may enter", enters_pods, node, estate)
    change = _here("may change", changes_workloads, node, estate)
    return {
        "enter": enter[:MOST],
        "change": change[:MOST],
        "more": max(len(enter) - MOST, 0) + max(len(change) - MOST, 0),
        "everybody": any(name.startswith(_EVERYBODY) for name in (*enter, *change)),
    }


_EVERYBODY = ("everybody", "every service account")
_GROUPS = {
    "system:authenticated": "everybody with a login",
    "system:unauthenticated": "everybody",
    "system:anonymous": "everybody",
    "system:serviceaccounts": "every service account",
}


def _here(key: str, asked: Callable[[Document], bool], node: Node, estate: Estate) -> list[str]:
    """Whoever a rule like that is granted to in the namespace or everywhere."""
    found = estate.once(f"who {key}", lambda: _holders(asked, estate))
    own = f"ServiceAccount {node.place}/{text(pod_spec_flags(node).get('serviceAccountName')) or 'default'}"
    return sorted((found.get(node.place, set()) | found.get("*", set())) - {own})


def _holders(asked: Callable[[Document], bool], estate: Estate) -> Holders:
    holders: dict[str, set[str]] = defaultdict(set)
    for binding in estate.all("k8s.role_binding", "k8s.cluster_role_binding"):
        grant = grant_of(binding, estate)
        if any(asked(rule) for rule in grant.rules):
            names = (_name(subject, binding.place) for subject in mappings(binding.config.get("subjects")))
            holders[grant.place] |= {name for name in names if name}
    return holders


def _name(subject: Document, namespace: str) -> str:
    """The subject in words; empty for a part of the cluster itself."""
    name, home = text(subject.get("name")), text(subject.get("namespace")) or namespace
    if subject.get("kind") == "ServiceAccount":
        return "" if home == "kube-system" else f"ServiceAccount {home}/{name}"
    if name in _GROUPS:
        return _GROUPS[name]
    if name.startswith("system:serviceaccounts:"):
        return f"every service account in {name.rpartition(':')[2]}"
    return "" if name.startswith("system:") else f"{text(subject.get('kind'))} {name}"
