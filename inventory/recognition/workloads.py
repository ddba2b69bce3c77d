"""Where a Kubernetes object keeps its pods, and what its containers say. Pure reading of documents."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Document = dict[str, Any]

WORKLOAD_KINDS = (
    "k8s.deployment",
    "k8s.stateful_set",
    "k8s.daemon_set",
    "k8s.job",
    "k8s.cron_job",
    "k8s.pod",
    "k8s.replica_set",
)
# KServe's own container, whose image and command come from a serving runtime.
PREDICTOR = "kserve-container"
_DEPTH = 7


@dataclass(frozen=True, slots=True)
class Container:
    """One container as recognition sees it. `line` is command and args as one text, shells unwrapped."""

    where: str
    image: str
    line: str
    env: Mapping[str, str | None]
    ports: tuple[tuple[str, int], ...]
    resources: frozenset[str]
    mounts: tuple[str, ...] = ()
    init: bool = False


def mapping(value: object) -> Document:
    """The value when it is a mapping, else an empty one: documents come from outside."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def mappings(value: object) -> list[Document]:
    return [item for item in listed(value) if isinstance(item, dict)]


def values_at(document: object, path: str) -> Iterator[object]:
    """Every value at a path in which `[]` steps into a list and `{}` into a mapping's values."""
    here: list[object] = [document]
    for step in path.split("."):
        name = step.removesuffix("[]").removesuffix("{}")
        here = [value[name] for value in here if isinstance(value, dict) and name in value]
        if step.endswith("[]"):
            here = [item for value in here for item in listed(value)]
        elif step.endswith("{}"):
            here = [item for value in here for item in mapping(value).values()]
    yield from here


def template_of(kind: str, config: Document) -> Document:
    """The pod template (metadata and spec) of a workload; the object itself for a bare pod."""
    spec = mapping(config.get("spec"))
    if kind == "k8s.pod":
        return {"metadata": mapping(config.get("metadata")), "spec": spec}
    if kind == "k8s.cron_job":
        spec = mapping(mapping(spec.get("jobTemplate")).get("spec"))
    return mapping(spec.get("template"))


def pod_specs(kind: str, config: Document) -> list[tuple[str, Document]]:
    """Every pod spec in an object, with its path: one for a workload, any number for a custom resource."""
    if kind in WORKLOAD_KINDS:
        return [("spec", mapping(template_of(kind, config).get("spec")))]
    return list(_specs_below(mapping(config.get("spec")), "spec", _DEPTH))


def _specs_below(value: object, path: str, depth: int) -> Iterator[tuple[str, Document]]:
    if depth == 0:
        return
    if isinstance(value, dict):
        if isinstance(value.get("containers"), list):
            yield path, value
            return
        model = value.get("model")
        if isinstance(model, dict) and isinstance(model.get("modelFormat"), dict):
            yield path, {**value, "containers": [{"name": PREDICTOR, **model}]}
            return
        for key, child in value.items():
            yield from _specs_below(child, f"{path}.{key}", depth - 1)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _specs_below(child, f"{path}[{index}]", depth - 1)


def containers_of(spec: Document, path: str = "spec") -> list[Container]:
    """All containers of a pod spec: the ordinary ones first, then init and ephemeral ones."""
    found: list[Container] = []
    for part in ("containers", "initContainers", "ephemeralContainers"):
        for index, raw in enumerate(mappings(spec.get(part))):
            found.append(container(raw, f"{path}.{part}[{index}]", init=part == "initContainers"))
    return found


def container(raw: Document, where: str, *, init: bool = False) -> Container:
    """Read one Kubernetes container."""
    return Container(
        where=where,
        image=text(raw.get("image")),
        line=command_line((*listed(raw.get("command")), *listed(raw.get("args")), *_hook(raw))),
        env={text(item.get("name")): _value(item) for item in mappings(raw.get("env"))},
        ports=tuple(_port(item) for item in mappings(raw.get("ports"))),
        resources=_resources(raw),
        mounts=tuple(text(item.get("mountPath")) for item in mappings(raw.get("volumeMounts"))),
        init=init,
    )


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _value(item: Document) -> str | None:
    value = item.get("value")
    return value if isinstance(value, str) else None


def _port(item: Document) -> tuple[str, int]:
    number = item.get("containerPort")
    return text(item.get("name")), number if isinstance(number, int) else 0


def _hook(raw: Document) -> list[Any]:
    lifecycle = mapping(raw.get("lifecycle"))
    return listed(mapping(mapping(lifecycle.get("postStart")).get("exec")).get("command"))


def _resources(raw: Document) -> frozenset[str]:
    stated = mapping(raw.get("resources"))
    names = {name for part in ("limits", "requests") for name, amount in mapping(stated.get(part)).items() if amount}
    claims = mappings(stated.get("claims"))
    return frozenset(name for name in names if "/" in name) | ({"resource-claim"} if claims else frozenset())


def command_line(argv: tuple[Any, ...]) -> str:
    """Command and arguments as one line; `sh -c '…'` needs no unwrapping since its text is part of the line."""
    return " ".join(part for part in argv if isinstance(part, str))


def followed(parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each word with the one after it; nothing comes after the last."""
    return zip(parts, [*parts[1:], ""], strict=False)


@lru_cache(maxsize=4096)
def words(line: str) -> tuple[str, ...]:
    """The line as the words a shell would see, `--flag=value` split in two."""
    try:
        parts = shlex.split(line, comments=False)
    except ValueError:
        parts = line.split()
    found: list[str] = []
    for part in parts:
        flag, equals, value = part.partition("=")
        found += [flag, value] if equals and flag.startswith("-") else [part]
    return tuple(found)
