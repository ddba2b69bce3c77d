"""The pod template of a workload under one name, whatever kind carries it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from inventory.documents import Document
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import view
from inventory.recognition import Recognition, catalogue, recognise
from inventory.recognition.workloads import (
    Container,
    containers_of,
    listed,
    mapping,
    mappings,
    pod_specs,
    template_of,
    text,
)

WORKLOADS = ("k8s.workload",)
TEMPLATES = ("k8s.pod_template",)
AT_HAND = 16  # assets; facts are worked out asset by asset
_HOST_FLAGS = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")
_PARTS = (("containers", "main"), ("initContainers", "init"), ("ephemeralContainers", "ephemeral"))


@view("pod", kinds=TEMPLATES, parts=("metadata", "spec"))
def pod(node: Node) -> Document:
    """Pod template with all containers in one list and with effective security settings.

    `containers[].part` is main, init or ephemeral. Everything else keeps the names of the Kubernetes API.
    """
    specs = [spec for _path, spec in pod_specs(node.kind, node.config)]
    first = specs[0] if specs else {}
    return {
        "labels": labels_of(node),
        "annotations": pod_annotations(node),
        "namespace": node.place,
        **{flag: any(spec.get(flag) is True for spec in specs) for flag in _HOST_FLAGS},
        "serviceAccountName": text(first.get("serviceAccountName")) or "default",
        "automountServiceAccountToken": first.get("automountServiceAccountToken"),
        "runtimeClassName": text(first.get("runtimeClassName")),
        "priorityClassName": text(first.get("priorityClassName")),
        "nodeSelector": mapping(first.get("nodeSelector")),
        "tolerations": mappings(first.get("tolerations")),
        "sysctls": [s for spec in specs for s in mappings(mapping(spec.get("securityContext")).get("sysctls"))],
        "volumes": [_volume(volume) for spec in specs for volume in mappings(spec.get("volumes"))],
        "containers": [item for spec in specs for item in _containers(spec)],
    }


@lru_cache(maxsize=AT_HAND)
def labels_of(node: Node) -> dict[str, str]:
    """The labels that the pods carry, by which services and policies select them."""
    labels = mapping(mapping(template_of(node.kind, node.config).get("metadata")).get("labels"))
    return {key: value for key, value in labels.items() if isinstance(value, str)}


def pod_annotations(node: Node) -> Document:
    return mapping(mapping(template_of(node.kind, node.config).get("metadata")).get("annotations"))


def _volume(volume: Document) -> Document:
    return {**volume, "hostPath": mapping(volume.get("hostPath")) or None}


def _containers(spec: Document) -> list[Document]:
    around = mapping(spec.get("securityContext"))
    return [
        {
            **raw,
            "part": part,
            "words": [
                word for word in (*listed(raw.get("command")), *listed(raw.get("args"))) if isinstance(word, str)
            ],
            "accelerated": bool(accelerators(raw)),
            "securityContext": _security(mapping(raw.get("securityContext")), around),
        }
        for key, part in _PARTS
        for raw in mappings(spec.get(key))
    ]


def accelerators(raw: Document) -> list[str]:
    """The accelerator resources that a container asks for."""
    known = catalogue()
    stated = mapping(raw.get("resources"))
    names = {name for part in ("limits", "requests") for name in mapping(stated.get(part))}
    found = {n for n in names if n in known.accelerators or n.startswith(known.accelerator_prefixes)}
    return sorted(found | ({"resource claim"} if mappings(stated.get("claims")) else set()))


def _security(own: Document, around: Document) -> Document:
    """Container over pod over the API's own default. runAsUser stays null where neither says it."""
    capabilities = mapping(own.get("capabilities"))
    added = [name for name in listed(capabilities.get("add")) if isinstance(name, str)]
    privileged = own.get("privileged") is True
    escalates = own.get("allowPrivilegeEscalation") is not False or privileged or "SYS_ADMIN" in added
    profile = mapping(own.get("seccompProfile")) or mapping(around.get("seccompProfile"))
    armor = mapping(own.get("appArmorProfile")) or mapping(around.get("appArmorProfile"))
    return {
        "privileged": privileged,
        "allowPrivilegeEscalation": escalates,
        "readOnlyRootFilesystem": own.get("readOnlyRootFilesystem") is True,
        "runAsNonRoot": _either(own, around, "runAsNonRoot") is True,
        "runAsUser": _either(own, around, "runAsUser"),
        "capabilities": {
            "add": [name.removeprefix("CAP_") for name in added],
            "drop": [name for name in listed(capabilities.get("drop")) if isinstance(name, str)],
        },
        "seccompProfile": {"type": text(profile.get("type"))},
        "appArmorProfile": {"type": text(armor.get("type"))},
        "procMount": text(own.get("procMount")),
        "seLinuxOptions": {"type": text(mapping(_either(own, around, "seLinuxOptions")).get("type"))},
    }


def _either(own: Document, around: Document, key: str) -> Any:
    value = own.get(key)
    return around.get(key) if value is None else value


@lru_cache(maxsize=AT_HAND)
def containers(node: Node) -> Sequence[Container]:
    """The containers as recognition reads them."""
    return tuple(item for path, spec in pod_specs(node.kind, node.config) for item in containers_of(spec, path))


def recognised(node: Node, estate: Estate) -> Recognition | None:
    """What recognition says about the asset's own document, asked once."""
    known: dict[tuple[str, str], Recognition | None] = estate.once("recognised", dict)
    if node.identity not in known:
        known[node.identity] = recognise(node)
    return known[node.identity]


def kind_and_name(node: Node) -> str:
    """`Deployment team-a/chat`, as people write it."""
    title = text(node.config.get("kind")) or node.kind.rpartition(".")[2]
    return f"{title} {node.external_id}"
