"""The demo's cluster, and larger ones of the same make."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from demo.cluster.bodies import Bodies, Object
from demo.cluster.identity import managed, metadata
from demo.cluster.kinds import CUSTOM, KINDS
from demo.cluster.workloads import Builder

SYSTEM = ("kube-system", "kube-public", "kube-node-lease", "default")


@cache
def _declared() -> dict[str, Any]:
    text = (Path(__file__).parent / "company.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)  # the safe loader, in C
    return document


def company() -> Bodies:
    """The invented retailer's cluster: over sixty workloads, half of them AI, good and bad ones mixed."""
    declared = _declared()
    bodies = Bodies()
    builder = Builder(bodies, declared["nodes"])
    for name in (*SYSTEM, *declared["namespaces"]):
        _namespace(builder, name, declared["namespaces"].get(name, {}))
    for node in declared["nodes"]:
        _node(builder, node)
    for workload in declared["workloads"]:
        builder.workload(workload)
    for item in declared["custom"]:
        _whole(builder, item)
    _definitions(builder)
    bodies.sort()
    return bodies


def generate(workloads: int, seed: int = 1) -> Bodies:
    """A cluster of any size made of the company's workloads: about three pods and twelve objects each."""
    declared, pick = _declared(), random.Random(seed)  # noqa: S311  # repeatable, not secret
    bodies = Bodies()
    nodes = [one | {"name": f"{one['name']}-{n}"} for n in range(1 + workloads // 400) for one in declared["nodes"]]
    builder = Builder(bodies, nodes)
    spaces = [f"{name}-{n}" for n in range(1 + workloads // 300) for name in declared["namespaces"]]
    for name in SYSTEM:
        _namespace(builder, name, {})
    for name in spaces:
        _namespace(builder, name, declared["namespaces"][name.rpartition("-")[0]])
    for node in nodes:
        _node(builder, node)
    patterns = [one for one in declared["workloads"] if one.get("kind") != "DaemonSet"]
    for number in range(workloads):
        pattern = pick.choice(patterns)
        more = {"files": {"config.yaml": "log_level: info\n"}, "role": _role(), "service": "ClusterIP", "port": 8080}
        # Larger clusters run more of everything than the demo declares.
        copy = more | pattern | {"name": f"{pattern['name']}-{number}", "in": pick.choice(spaces)}
        copy["replicas"] = pick.choice((2, 3, 4)) if pattern.get("kind") not in ("Job", "CronJob") else 1
        builder.workload(copy | {"allow": copy.get("allow", ["storefront"])})
    for item in declared["custom"]:
        if "in" not in item:
            _whole(builder, item)
    _definitions(builder)
    bodies.sort()
    return bodies


def _role() -> list[Object]:
    return [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]


def _namespace(builder: Builder, name: str, labels: dict[str, str]) -> None:
    meta = metadata("Namespace", "", name, {"kubernetes.io/metadata.name": name, **labels})
    builder.put("Namespace", {"metadata": meta, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}})
    builder.put("ServiceAccount", {"metadata": metadata("ServiceAccount", name, "default")}, "kube-controller-manager")
    meta = metadata("ConfigMap", name, "kube-root-ca.crt")
    data = {"ca.crt": "-----BEGIN CERTIFICATE-----\nMIIBdemo\n-----END CERTIFICATE-----\n"}
    builder.put("ConfigMap", {"metadata": meta, "data": data}, "kube-controller-manager")


def _node(builder: Builder, node: Object) -> None:
    labels = {"kubernetes.io/hostname": node["name"], "node.kubernetes.io/instance-type": node["type"],
              "topology.kubernetes.io/region": "us-east-1"}  # fmt: skip
    capacity = {"cpu": "32", "memory": "131072Mi", "pods": "110"}
    spec: Object = {"providerID": f"aws:///us-east-1a/i-0{node['name']}"}
    if node.get("gpu"):
        labels |= {"nvidia.com/gpu.present": "true", "nvidia.com/gpu.product": node["product"]}
        capacity["nvidia.com/gpu"] = str(node["gpu"])
        if node.get("taint"):
            spec["taints"] = [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]
    heartbeat = {"lastHeartbeatTime": "2026-09-01T10:00:12Z", "lastTransitionTime": "2026-08-02T10:00:00Z"}
    conditions = [{"type": "Ready", "status": "True", "reason": "KubeletReady", **heartbeat}]
    info = {
        "kubeletVersion": "v1.35.4-eks-6d3a1f2", "containerRuntimeVersion": "containerd://2.1.4", "osImage":
        "Amazon Linux 2023.8", "kernelVersion": "6.12.40", "operatingSystem": "linux", "architecture": "amd64",
    }  # fmt: skip
    address = {"type": "InternalIP", "address": f"10.30.{len(node['name'])}.{len(node['type'])}"}
    status = {"capacity": capacity, "allocatable": capacity, "conditions": conditions, "addresses": [address],
              "nodeInfo": info}  # fmt: skip
    builder.put("Node", {"metadata": metadata("Node", "", node["name"], labels), "spec": spec, "status": status})


def _whole(builder: Builder, item: Object) -> None:
    """An object that the file gives as it is, apart from its bookkeeping."""
    kind, namespace = item["kind"], item.get("in", "")
    body = {key: value for key, value in item.items() if key not in ("kind", "in", "name", "metadata")}
    meta = metadata(kind, namespace, item["name"]) | item.get("metadata", {})
    builder.put(kind, {"metadata": meta, **body})


def _definitions(builder: Builder) -> None:
    for kind in KINDS.values():
        group, _, version = kind.api_version.partition("/")
        if group in CUSTOM:
            names = {"plural": kind.plural, "singular": kind.name.lower(), "kind": kind.name}
            schema = {"openAPIV3Schema": {"type": "object", "description": "fields " * 40}}
            versions = [{"name": version, "served": True, "storage": True, "schema": schema}]
            spec = {"group": group, "names": names, "scope": "Namespaced", "versions": versions}
            meta = metadata("CustomResourceDefinition", "", f"{kind.plural}.{group}")
            meta["managedFields"] = managed({"metadata": meta}, "apiextensions.k8s.io/v1")
            builder.bodies.add("CustomResourceDefinition", {"metadata": meta, "spec": spec})
