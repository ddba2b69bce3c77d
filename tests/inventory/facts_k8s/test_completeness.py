"""What was not read never makes a fact look better: without a list, a fact is as before or unknown."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, Unknown
from inventory.facts.estate import Edge, Estate, Node
from inventory.facts.registry import DERIVED_LINKS, FACTS
from tests.inventory.facts_k8s.cluster import LISTED, estate, policy, service, thing, workload

Values = dict[tuple[str, str, str], Any]
GPU = {"limits": {"nvidia.com/gpu": "1"}}


def whole() -> list[Node]:
    """A cluster with something of every kind that facts look at."""
    key = {"name": "OPENAI_API_KEY", "value": "x"}
    rules = {"rules": [{"apiGroups": ["*"], "verbs": ["*"], "resources": ["*"]}]}
    subject = {"kind": "ServiceAccount", "name": "app", "namespace": "ml"}
    bound = {"roleRef": {"kind": "ClusterRole", "name": "all"}, "subjects": [subject, {"name": "system:anonymous"}]}
    own = {"roleRef": {"kind": "Role", "name": "own"}, "subjects": [subject]}
    return [
        workload("app", {"image": "x/y:1", "env": [key]}, serviceAccountName="app", role="api-client"),
        workload("gw", {"image": "ghcr.io/berriai/litellm:v1.79.0"}, role="gateway"),
        workload("train", {"image": "x/y:1", "resources": GPU}, kind="k8s.job", role="training"),
        workload("nb", {"image": "quay.io/jupyter/base-notebook:1"}, kind="k8s.stateful_set", role="notebook"),
        workload("falco", {"image": "falcosecurity/falco:0.43.0"}, kind="k8s.daemon_set"),
        thing("k8s.ray.ray_cluster", "ray", {"spec": {"headGroupSpec": {}}}, ai_role="framework"),
        service("app"),
        service("gw", type="LoadBalancer"),
        thing("k8s.ingress", "app", {"spec": {"ingressClassName": "nginx"}}),
        policy("p", policyTypes=["Ingress", "Egress"]),
        thing("k8s.service_account", "app", {"automountServiceAccountToken": False}),
        thing("k8s.role", "own", rules),
        thing("k8s.cluster_role", "all", rules, namespace=""),
        thing("k8s.role_binding", "own", own),
        thing("k8s.cluster_role_binding", "all", bound, namespace=""),
        thing("k8s.namespace", "ml", {}, namespace=""),
        thing("k8s.node", "n", {"status": {"addresses": []}}, namespace="", ai_role="accelerator"),
        thing("k8s.resource_quota", "q", {"spec": {"hard": {"requests.nvidia.com/gpu": "1"}}}),
        thing("k8s.storage_class", "s", {"provisioner": "disk.csi.azure.com"}, namespace=""),
        thing("k8s.persistent_volume_claim", "c", {"spec": {"storageClassName": "s"}}),
        thing("k8s.cluster", "c", {}, namespace=""),
    ]


def linked(nodes: list[Node], *unread: str) -> Estate:
    """The estate with the links that readers state and those that are derived."""
    by_ref = {(node.kind, node.name): node for node in nodes}
    stated = [
        (by_ref["k8s.ingress", "app"], "routes_to", by_ref["k8s.service", "app"]),
        (by_ref["k8s.cluster_role_binding", "all"], "binds", by_ref["k8s.cluster_role", "all"]),
        (by_ref["k8s.role_binding", "own"], "binds", by_ref["k8s.role", "own"]),
    ]
    around = estate(*nodes, links=[link for link in stated if link[0].kind not in unread], unread=unread)
    wanted = {
        (node.identity, declared.type): list(declared.compute(node, around))
        for declared in DERIVED_LINKS
        for node in around.all(*declared.kinds)
        if node.kind.startswith("k8s.")
    }
    around.relink(wanted)
    return around


def values(around: Estate) -> Values:
    return {
        (node.kind, node.name, fact.name): fact.compute(node, around)
        for fact in FACTS
        for node in around.all(*sorted(fact.kinds))
        if node.kind.startswith("k8s.")
    }


BASE = values(linked(whole()))


def test_the_whole_cluster_leaves_only_what_no_list_can_tell() -> None:
    unknown = {name for (_kind, _name, name), found in BASE.items() if isinstance(found, Unknown)}
    assert unknown == {"audit_logging", "secrets_encrypted"}


@pytest.mark.parametrize("kind", LISTED)
def test_without_a_list_every_fact_is_as_before_or_unknown(kind: str) -> None:
    for key, found in values(linked(whole(), kind)).items():
        assert isinstance(found, Unknown) or found == BASE[key], (key, BASE[key], found)


CONTAINERS = [None, 5, {"image": 7, "env": {"a": 1}, "args": "x", "ports": [3], "securityContext": [], "resources": 1}]
JUNK: tuple[dict[str, Any], ...] = (
    {},
    {"spec": None},
    {"spec": {"template": []}},
    {"metadata": 5, "status": "x"},
    {"spec": {"template": {"spec": {"containers": CONTAINERS, "volumes": [1], "tolerations": {}}}}},
    {"rules": 5, "subjects": [1], "roleRef": "x"},
)


@pytest.mark.parametrize("junk", JUNK)
def test_a_document_of_any_form_breaks_no_fact(junk: dict[str, Any]) -> None:
    for fact in FACTS:
        for kind in sorted(k for k in fact.kinds if k.startswith("k8s.")):
            node = Node(kind=kind, external_id="ml/x", name="x", place="ml", config=junk)
            fact.compute(node, Estate([node], [Edge(node.identity, LinkTo("mounts", "k8s.config_map", "ml/gone"))]))
