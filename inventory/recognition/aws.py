"""Recognition of AWS resources: AI services by kind; instances, tasks and functions by what runs in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from inventory.recognition.catalogue import Catalogue, KindRole, kind_key
from inventory.recognition.matching import decide
from inventory.recognition.references import model_ref, models_of_containers, unique
from inventory.recognition.result import Evidence, ModelRef, Recognisable, Recognition
from inventory.recognition.signals import Signals, gather
from inventory.recognition.workloads import Container, command_line, listed, mapping, mappings, text

_MODEL_KEYS = frozenset({"foundationModel", "modelArn", "baseModelArn", "embeddingModelArn"})
_DEPTH = 5
TELLING: dict[str, tuple[str, ...]] = {
    "aws.ecs.task_definition": ("taskDefinition",),
    "aws.lambda.function": ("Environment", "Code"),
    "aws.ec2.instance": ("InstanceType", "Tags"),
}
"""Kinds that are AI by what runs in them, and the parts of their documents that tell."""


def recognise_aws(found: Catalogue, node: Recognisable) -> Recognition | None:
    """An AI service of AWS, or a general one that holds AI."""
    known = found.kinds.get(kind_key(node.kind))
    if known is not None:
        return _service(found, node, known)
    if node.kind == "aws.ecs.task_definition":
        return _contained(found, _task_containers(node.config))
    if node.kind == "aws.batch.job_definition":
        return _contained(found, _batch_containers(node.config))
    if node.kind == "aws.lambda.function":
        return _contained(found, [_function(node.config)])
    if node.kind == "aws.ec2.instance":
        return _instance(found, node.config)
    return _store(found, node) if node.kind in VECTOR_SETTINGS else None


# Stores of anything, that are made for vectors when this setting says so.
VECTOR_SETTINGS: Mapping[str, tuple[str, str]] = {
    "aws.aoss.collection": ("type", r"^VECTORSEARCH$"),
    "aws.opensearch.domain": ("UseCase", r"^VECTOR$"),
    "aws.memorydb.cluster": ("ParameterGroupName", r"search"),
    "aws.neptune.graph": ("vectorSearchConfiguration", r"dimension"),
}


def _store(found: Catalogue, node: Recognisable) -> Recognition | None:
    setting, pattern = VECTOR_SETTINGS[node.kind]
    value = str(node.config.get(setting, ""))
    if not re.search(pattern, value):
        return None
    evidence = Evidence(signal="kind", where=setting, value=value[:120], weight=found.weights["kind"])
    return Recognition(role="vector-store", confidence=95, evidence=(evidence,))


def _service(found: Catalogue, node: Recognisable, known: KindRole) -> Recognition:
    evidence = Evidence(signal="kind", where="kind", value=node.kind, weight=found.weights["kind"])
    return Recognition(
        role=known.role,
        product=known.product,
        vendor=known.vendor,
        models=unique(_service_models(node.kind, node.config)),
        confidence=100,
        evidence=(evidence,),
    )


def _service_models(kind: str, config: Mapping[str, Any]) -> Iterable[ModelRef]:
    if kind == "aws.sagemaker.model":
        for item in (mapping(config.get("PrimaryContainer")), *mappings(config.get("Containers"))):
            yield from _container_models(item)
    if kind.startswith("aws.bedrock."):
        for value in [text(config.get("modelId"))] if config.get("modelId") else _bedrock_models(config, _DEPTH):
            yield {**model_ref(value), "source": "bedrock", "organisation": "", "revision": "", "pinned": True}


def _bedrock_models(value: object, depth: int) -> Iterator[str]:
    """Model ids and ARNs, wherever the answer of the detail call keeps them."""
    if isinstance(value, dict) and depth:
        for key, child in value.items():
            if key in _MODEL_KEYS and isinstance(child, str) and child:
                yield child
            else:
                yield from _bedrock_models(child, depth - 1)


def _container_models(item: Mapping[str, Any]) -> Iterable[ModelRef]:
    data = text(item.get("ModelDataUrl"))
    source = mapping(mapping(item.get("ModelDataSource")).get("S3DataSource"))
    environment = mapping(item.get("Environment"))
    for value in (data, text(source.get("S3Uri")), text(environment.get("HF_MODEL_ID"))):
        if value:
            yield model_ref(value, text(environment.get("HF_MODEL_REVISION")))


def _contained(found: Catalogue, containers: list[Container]) -> Recognition | None:
    decided = decide(found, gather(found, containers, {}))
    return replace(decided, models=models_of_containers(containers)) if decided else None


def _task_containers(config: Mapping[str, Any]) -> list[Container]:
    definition = mapping(config.get("taskDefinition"))
    return [
        Container(
            where=f"containerDefinitions[{index}]",
            image=text(raw.get("image")),
            line=command_line((*listed(raw.get("entryPoint")), *listed(raw.get("command")))),
            env=_task_env(raw),
            ports=tuple((text(item.get("name")), _number(item)) for item in mappings(raw.get("portMappings"))),
            resources=frozenset(
                "nvidia.com/gpu" for item in mappings(raw.get("resourceRequirements")) if item.get("type") == "GPU"
            ),
        )
        for index, raw in enumerate(mappings(definition.get("containerDefinitions")))
    ]


def _batch_containers(config: Mapping[str, Any]) -> list[Container]:
    raw = mapping(config.get("containerProperties"))
    wanted = mappings(raw.get("resourceRequirements"))
    return [
        Container(
            where="containerProperties",
            image=text(raw.get("image")),
            line=command_line(tuple(listed(raw.get("command")))),
            env=_task_env(raw),
            ports=(),
            resources=frozenset("nvidia.com/gpu" for item in wanted if item.get("type") == "GPU"),
        )
    ]


def _number(item: Mapping[str, Any]) -> int:
    port = item.get("containerPort")
    return port if isinstance(port, int) else 0


def _task_env(raw: Mapping[str, Any]) -> dict[str, str | None]:
    plain = {text(item.get("name")): text(item.get("value")) or None for item in mappings(raw.get("environment"))}
    return {**plain, **{text(item.get("name")): None for item in mappings(raw.get("secrets"))}}


def _function(config: Mapping[str, Any]) -> Container:
    inner = mapping(config.get("Configuration")) or config
    variables = mapping(mapping(inner.get("Environment")).get("Variables"))
    return Container(
        where="Environment.Variables" if variables else "Code",
        image=text(mapping(config.get("Code")).get("ImageUri")),
        line=command_line(
            tuple(listed(mapping(mapping(inner.get("ImageConfigResponse")).get("ImageConfig")).get("Command")))
        ),
        env={name: value if isinstance(value, str) else None for name, value in variables.items()},
        ports=(),
        resources=frozenset(),
    )


def _instance(found: Catalogue, config: Mapping[str, Any]) -> Recognition | None:
    """Families sold for AI alone are AI. Graphics families serve video and desktops too: they need more."""
    family = text(config.get("InstanceType")).partition(".")[0]
    share = found.instance_families.get(family)
    if share is None:
        return None
    signals = Signals(found.weights)
    signals.add("*", "accelerator", "InstanceType", text(config.get("InstanceType")))
    evidence = list(signals.shared.values())
    if share == "sole":
        evidence[0]["weight"] = 0.9
    tags = {text(item.get("Key")): text(item.get("Value")) for item in mappings(config.get("Tags"))}
    evidence += [
        Evidence(signal="owner", where=f"Tags[{key}]", value=value[:120], weight=1.0)
        for key, value in tags.items()
        if key.startswith(("sagemaker", "aws:sagemaker", "ray-node-type", "ray-cluster-name"))
    ]
    total = sum(item["weight"] for item in evidence)
    if total < found.threshold:
        return None
    return Recognition(role="accelerator", confidence=min(100, round(100 * total)), evidence=tuple(evidence))
