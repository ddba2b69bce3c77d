"""Small clusters for tests: objects in the shape that the reader gives, and their estate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inventory.documents import LinkTo, ScopeState, ScopeView
from inventory.facts.estate import Edge, Estate, Node
from inventory.facts.registry import FACTS
from inventory.kinds import expand

Json = dict[str, Any]
CILIUM_IMAGE = "quay.io/cilium/cilium:v1.18.2"
LISTED = expand(
    "k8s.pod_template", "k8s.service", "k8s.ingress", "k8s.http_route", "k8s.grpc_route", "k8s.gateway", "k8s.node",
    "k8s.network_policy", "k8s.service_account", "k8s.role", "k8s.cluster_role", "k8s.role_binding",
    "k8s.cluster_role_binding", "k8s.namespace", "k8s.resource_quota", "k8s.storage_class", "k8s.config_map",
    "k8s.persistent_volume",
    "k8s.kyverno.cluster_policy", "k8s.kyverno.policy", "k8s.validating_admission_policy",
    "k8s.validating_webhook_configuration", "k8s.monitoring.service_monitor", "k8s.monitoring.pod_monitor",
)  # fmt: skip


def thing(kind: str, name: str, config: Json | None = None, *, namespace: str = "ml", **more: Any) -> Node:
    """Any object; cluster-wide when namespace is empty."""
    labels = (config or {}).get("metadata", {}).get("labels", {})
    document = {"kind": kind.rpartition(".")[2].title().replace("_", ""), **(config or {})}
    ref = f"{namespace}/{name}" if namespace else name
    return Node(kind=kind, external_id=ref, name=name, place=namespace or "-", config=document, tags=labels, **more)


def _template(*containers: Json) -> Json:
    return {"spec": {"template": {"spec": {"containers": list(containers)}}}}


def workload(name: str = "app", *containers: Json, kind: str = "k8s.deployment", role: str = "", **spec: Any) -> Node:
    """A workload whose pods carry the label app=<name>."""
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": list(containers), **spec}}
    return thing(kind, name, {"spec": {"template": template}}, ai_role=role)


def service(name: str = "app", **spec: Any) -> Node:
    return thing("k8s.service", name, {"spec": {"type": "ClusterIP", "selector": {"app": name}, **spec}})


def policy(name: str, **spec: Any) -> Node:
    return thing("k8s.network_policy", name, {"spec": {"podSelector": {}, **spec}})


def estate(
    *nodes: Node, links: Iterable[tuple[Node, str, Node]] = (), unread: Iterable[str] = (), network: str = CILIUM_IMAGE
) -> Estate:
    """A cluster that was read to the end, except the kinds in `unread`. `network`: the image of its network plugin."""
    edges = [Edge(origin.identity, LinkTo(type, target.kind, target.external_id)) for origin, type, target in links]
    missing = set(unread)
    scopes = [ScopeView("-", k, ScopeState.DENIED if k in missing else ScopeState.COMPLETE) for k in LISTED]
    plugin = thing("k8s.daemon_set", "cni", _template({"image": network}), namespace="kube-system")
    return Estate([node for node in (*nodes, plugin) if node.kind not in missing], edges, scopes)


def value(name: str, node: Node, around: Estate | None = None) -> Any:
    """The value of one fact of one asset."""
    found = next(fact for fact in FACTS if fact.name == name and node.kind in fact.kinds)
    return found.compute(node, around or estate(node))
