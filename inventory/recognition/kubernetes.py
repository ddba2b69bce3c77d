"""Recognition of Kubernetes objects: workloads by their containers, custom resources and nodes by what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from inventory.recognition.catalogue import Catalogue, KindRole, kind_key, provider_key
from inventory.recognition.images import parse_image, version_of
from inventory.recognition.matching import decide
from inventory.recognition.references import model_ref, models_of_containers, models_of_resource, unique
from inventory.recognition.result import Evidence, Recognisable, Recognition
from inventory.recognition.signals import SHARED, Signals, gather
from inventory.recognition.workloads import (
    WORKLOAD_KINDS,
    Container,
    containers_of,
    mapping,
    mappings,
    pod_specs,
    template_of,
    text,
    values_at,
)


def recognise_kubernetes(found: Catalogue, node: Recognisable) -> Recognition | None:
    """A workload, a custom resource of an AI operator, or a node with accelerators."""
    if node.kind in WORKLOAD_KINDS:
        return _workload(found, node)
    if node.kind == "k8s.node":
        return _node(found, node.config)
    known = found.kinds.get(kind_key(node.kind))
    return _resource(found, node, known) if known else None


def _containers(node: Recognisable) -> list[Container]:
    return [item for path, spec in pod_specs(node.kind, node.config) for item in containers_of(spec, path)]


def _workload(found: Catalogue, node: Recognisable) -> Recognition | None:
    owner = _owner(found, node)
    containers = _containers(node)
    signals = gather(found, containers, _labels(node))
    specs = pod_specs(node.kind, node.config)
    for path, spec in specs:
        _volumes(found, signals, spec, path)
        _placement(found, signals, spec, path)
    decided = decide(found, signals)
    if owner is not None and (decided is None or not decided.product):
        decided = _by_owner(owner, decided)
    if decided is None:
        return None
    mounted = [model_ref(f"oci://{name}") for _path, spec in specs for name in _model_images(spec)]
    return replace(decided, models=unique((*models_of_containers(containers), *mounted)))


def _labels(node: Recognisable) -> dict[str, str]:
    own = mapping(mapping(node.config.get("metadata")).get("labels"))
    template = mapping(mapping(template_of(node.kind, node.config).get("metadata")).get("labels"))
    return {key: value for key, value in {**own, **template}.items() if isinstance(value, str)}


def _owner(found: Catalogue, node: Recognisable) -> tuple[KindRole, Evidence] | None:
    for item in mappings(mapping(node.config.get("metadata")).get("ownerReferences")):
        group = text(item.get("apiVersion")).partition("/")[0]
        known = found.kinds.get(kind_key(f"k8s.{group.partition('.')[0]}.{text(item.get('kind'))}"))
        if known and "." in group:
            named = f"{text(item.get('kind'))} {text(item.get('name'))}"
            weight = found.weights["owner"]
            return known, Evidence(signal="owner", where="metadata.ownerReferences", value=named, weight=weight)
    return None


def _by_owner(owner: tuple[KindRole, Evidence], decided: Recognition | None) -> Recognition:
    known, evidence = owner
    others = decided.evidence if decided else ()
    providers = decided.providers if decided else ()
    return Recognition(known.role, known.product, known.vendor, "", (), providers, 100, (evidence, *others))


def _volumes(found: Catalogue, signals: Signals, spec: Mapping[str, Any], path: str) -> None:
    for index, volume in enumerate(mappings(spec.get("volumes"))):
        host = text(mapping(volume.get("hostPath")).get("path"))
        image = text(mapping(volume.get("image")).get("reference"))
        for value in (host, image):
            if any(mark in value for mark in found.uri_marks) or (image and "model" in image):
                signals.add(SHARED, "model-uri", f"{path}.volumes[{index}]", value)


def _model_images(spec: Mapping[str, Any]) -> list[str]:
    """Images that are mounted as volumes and carry a model."""
    images = (text(mapping(volume.get("image")).get("reference")) for volume in mappings(spec.get("volumes")))
    return [name for name in images if "model" in name]


def _placement(found: Catalogue, signals: Signals, spec: Mapping[str, Any], path: str) -> None:
    """Wants a node with accelerators, or the container runtime of one."""
    selector = mapping(spec.get("nodeSelector"))
    affinity = values_at(
        spec,
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[].matchExpressions[]",
    )
    for key in (*selector, *(text(mapping(item).get("key")) for item in affinity)):
        if key.startswith(found.accelerator_node_labels):
            signals.add(SHARED, "accelerator", f"{path}.nodeSelector", key)
    family = text(selector.get("node.kubernetes.io/instance-type")).partition(".")[0]
    if family in found.instance_families:
        signals.add(SHARED, "accelerator", f"{path}.nodeSelector", family)
    if spec.get("runtimeClassName") in found.accelerator_runtimes:
        signals.add(SHARED, "accelerator", f"{path}.runtimeClassName", text(spec.get("runtimeClassName")))


def _resource(found: Catalogue, node: Recognisable, known: KindRole) -> Recognition:
    containers = _containers(node)
    labels = mapping(mapping(node.config.get("metadata")).get("labels"))
    signals = gather(found, containers, {k: v for k, v in labels.items() if isinstance(v, str)})
    inner = decide(found, signals)
    evidence = Evidence(signal="kind", where="kind", value=node.kind, weight=found.weights["kind"])
    models = unique((*models_of_resource(node.config, known.models), *models_of_containers(containers)))
    return Recognition(
        role=known.role,
        product=known.product,
        vendor=known.vendor,
        version=_resource_version(found, node.config, known, containers),
        models=models,
        providers=tuple(dict.fromkeys((*signals.providers, *_named_providers(found, node.config, known)))),
        confidence=100,
        evidence=(evidence, *(inner.evidence if inner else ())),
    )


def _named_providers(found: Catalogue, config: Mapping[str, Any], known: KindRole) -> list[str]:
    """Hosted providers that the fields of its kind name: by a text, or by the only key of a mapping."""
    named: list[str] = []
    for path in known.providers:
        for value in values_at(config, path):
            named += [value] if isinstance(value, str) else list(mapping(value))
    return [id for name in named if (id := found.provider_names.get(provider_key(name)))]


def _resource_version(found: Catalogue, config: Mapping[str, Any], known: KindRole, containers: list[Container]) -> str:
    stated = text(mapping(config.get("spec")).get("rayVersion"))
    if stated:
        return stated
    product = found.products.get(known.product)
    for item in containers if product else ():
        image = parse_image(item.image)
        if product and product.id in found.images.match(image.path):
            return version_of(product.version, image.tag)
    return ""


def _node(found: Catalogue, config: Mapping[str, Any]) -> Recognition | None:
    capacity = mapping(mapping(config.get("status")).get("capacity"))
    for resource, amount in capacity.items():
        if (resource in found.accelerators or resource.startswith(found.accelerator_prefixes)) and str(amount) != "0":
            labels = mapping(mapping(config.get("metadata")).get("labels"))
            value = f"{amount} x {resource} {text(labels.get('nvidia.com/gpu.product'))}".strip()
            evidence = Evidence(signal="kind", where="status.capacity", value=value, weight=1.0)
            return Recognition(role="accelerator", confidence=100, evidence=(evidence,))
    return None
