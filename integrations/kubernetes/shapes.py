"""What is kept of a document: the provider's own fields, without what changes by itself or is of no use."""

from __future__ import annotations

import tomllib
from typing import Any

import orjson
import yaml

from integrations.kubernetes.paths import get, mapping, mappings, sequence
from integrations.kubernetes.textual import too_deep
from integrations.secrets import HIDDEN, is_reference, literal, mask, names_a_secret
from inventory.documents import Document

_META_NOISE = ("managedFields", "resourceVersion", "generation", "selfLink", "generateName")
_ANNOTATION_NOISE = (
    "kubectl.kubernetes.io/last-applied-configuration",
    "control-plane.alpha.kubernetes.io/leader",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "kubernetes.io/config.seen",
    "node.alpha.kubernetes.io/ttl",
    "volumes.kubernetes.io/controller-managed-attach-detach",
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "autoscaling.alpha.kubernetes.io/conditions",
    "autoscaling.alpha.kubernetes.io/current-metrics",
    "meta.helm.sh/release-hash",
)
_ANNOTATION_NOISE_PREFIXES = ("nfd.node.kubernetes.io/", "objectset.rio.cattle.io/applied")
MAX_ANNOTATION = 1_024


def quiet(document: Document, status: tuple[str, ...]) -> Document:
    """Drops what changes without anybody changing anything, in place."""
    metadata = mapping(document.get("metadata"))
    for field in _META_NOISE:
        metadata.pop(field, None)
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        metadata["annotations"] = _annotations(annotations)
    if "status" in document:
        document["status"] = _status(mapping(document["status"]), status)
        if not document["status"]:
            del document["status"]
    return document


def _annotations(annotations: Document) -> Document:
    kept = {}
    for name, value in annotations.items():
        if name in _ANNOTATION_NOISE or name.startswith(_ANNOTATION_NOISE_PREFIXES):
            continue
        long = isinstance(value, str) and len(value) > MAX_ANNOTATION
        kept[name] = f"{value[:MAX_ANNOTATION]}… ({len(value)} characters)" if long else value
    return kept


def _status(status: Document, fields: tuple[str, ...]) -> Document:
    kept = {field: status[field] for field in fields if status.get(field) not in (None, {}, [])}
    if "conditions" in kept:
        kept["conditions"] = sorted(
            ({k: one[k] for k in ("type", "status", "reason") if k in one} for one in mappings(kept["conditions"])),
            key=lambda one: str(one.get("type")),
        )
    return kept


def node(document: Document) -> Document:
    """A node with its capacity and software, without heartbeats and image lists."""
    status = mapping(document.get("status"))
    info = mapping(status.get("nodeInfo"))
    document["status"] = {
        "capacity": mapping(status.get("capacity")),
        "addresses": sequence(status.get("addresses")),
        "nodeInfo": {k: v for k, v in info.items() if k not in ("bootID", "machineID", "systemUUID")},
        "conditions": _status(status, ("conditions",)).get("conditions", []),
    }
    return document


def definition(document: Document) -> Document:
    """A custom resource definition without its schemas."""
    spec = mapping(document.get("spec"))
    versions = [
        {k: one[k] for k in ("name", "served", "storage", "deprecated") if k in one}
        for one in mappings(spec.get("versions"))
    ]
    document["spec"] = {k: spec[k] for k in ("group", "names", "scope") if k in spec} | {"versions": versions}
    document.pop("status", None)
    return document


CONFIG_FILES = frozenset({
    "config.yaml", "config.yml", "config.json", "config.toml", "litellm_config.yaml", "litellm.yaml",
    "proxy_server_config.yaml", "milvus.yaml", "user.yaml", "production.yaml", "config.properties",
    "jupyter_server_config.json", "jupyter_notebook_config.json", "librechat.yaml", "mcp.json", "mcp_config.json",
    "mcp_servers.json", "agent.yaml", "agents.yaml", "rails.yaml", "model-settings.json", "settings.json",
    "values.yaml",
})  # fmt: skip
MAX_FILE, MAX_NODES, MAX_VALUE = 65_536, 5_000, 300


def config_map(document: Document) -> Document:
    """Key names and sizes; of known configuration files also the content, without credentials."""
    data, binary = mapping(document.pop("data", None)), mapping(document.pop("binaryData", None))
    found: list[Document] = []
    document["dataKeys"] = {key: len(str(value)) for key, value in sorted(data.items())}
    if binary:
        document["binaryKeys"] = {key: len(str(value)) for key, value in sorted(binary.items())}
    files = {}
    for key, value in sorted(data.items()):
        _detect(key, str(value), found)
        content = parsed(key, str(value)) if key in CONFIG_FILES else None
        if isinstance(content, dict | list):
            files[key] = _harmless(content, f"data[{key}]", found)
    if files:
        document["dataFiles"] = files
    document["secretsFound"] = found
    return document


def _detect(key: str, value: str, found: list[Document]) -> None:
    detectors = mask(value[: 4 * MAX_FILE])[1]
    for line in value.splitlines()[:2_000]:
        name, equals, rest = line.partition("=")
        secret = equals and len(name) < 80 and len(rest.strip()) > 5 and names_a_secret(name.strip())
        if secret and not is_reference(rest) and not detectors:
            detectors.append(literal(rest.strip().strip("'\"")))
    if (
        names_a_secret(key)
        and value.strip()
        and "\n" not in value.strip()
        and not detectors
        and not is_reference(value)
    ):
        detectors.append(literal(value.strip()))
    for detector in detectors:
        _note(found, detector, f"data[{key}]")


def _note(found: list[Document], detector: str, path: str) -> None:
    entry = {"detector": detector, "path": path}
    if entry not in found:
        found.append(entry)


def parsed(name: str, content: str) -> Any:
    """The content of a small configuration file; None when it is not one, or is built to explode."""
    if len(content) > MAX_FILE or "<<" in content:
        return None
    try:
        if name.endswith(".json"):
            return orjson.loads(content)
        if name.endswith(".toml"):
            return tomllib.loads(content)
        if name.endswith(".properties"):
            pairs = (line.partition("=") for line in content.splitlines() if "=" in line and line.lstrip()[:1] != "#")
            return {key.strip(): value.strip() for key, _, value in pairs}
        # The C form of the safe loader.
        return None if too_deep(content.encode()) else yaml.load(content, Loader=yaml.CSafeLoader)
    except (ValueError, yaml.YAMLError, RecursionError):
        return None


def _harmless(content: Any, path: str, found: list[Document]) -> Any:
    budget = [MAX_NODES]

    def keep(value: Any, name: str, path: str) -> Any:
        budget[0] -= 1
        if budget[0] < 0:
            return HIDDEN
        if isinstance(value, dict):
            return {str(k): keep(v, str(k), f"{path}.{k}") for k, v in value.items()}
        if isinstance(value, list):
            return [keep(one, name, f"{path}[{i}]") for i, one in enumerate(value)]
        return _scalar(value, name, path, found)

    return keep(content, "", path)


def _scalar(value: Any, name: str, path: str, found: list[Document]) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    words = str(value)
    if words and names_a_secret(name) and not is_reference(words):
        _, detectors = mask(words)
        _note(found, detectors[0] if detectors else literal(words), path)
        return HIDDEN
    return mask(words)[0][:MAX_VALUE]


def short_bundles(document: Document) -> Document:
    """Replaces certificate bundles, which are long and rotate, by a word that says they are there."""
    for hook in mappings(document.get("webhooks")):
        client = mapping(hook.get("clientConfig"))
        if client.get("caBundle"):
            client["caBundle"] = "(set)"
    if get(document, "spec.tls.caCertificate"):
        document["spec"]["tls"]["caCertificate"] = "(set)"
    return document
