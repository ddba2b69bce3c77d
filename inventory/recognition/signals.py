"""From containers and labels to signals: what each product, and AI in general, can claim for itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from inventory.recognition.catalogue import Catalogue
from inventory.recognition.images import parse_image
from inventory.recognition.result import Evidence
from inventory.recognition.workloads import Container

SHARED = "*"
_LABEL_KEYS = ("app.kubernetes.io/name", "app.kubernetes.io/component", "app.kubernetes.io/part-of", "helm.sh/chart")
_CHART_VERSION = re.compile(r"-v?\d+\.\d+.*$")
_URL = re.compile(r"\b(?:https?|wss?)://([A-Za-z0-9.-]+)")
_EVIDENCE_LENGTH = 120


@dataclass(slots=True)
class Signals:
    """Claims by product; SHARED are those that any AI could make. One evidence a class and claimant, the heaviest."""

    weights: Mapping[str, float]
    claims: dict[str, dict[str, Evidence]] = field(default_factory=dict)
    providers: dict[str, None] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, None] = field(default_factory=dict)
    ports: set[int] = field(default_factory=set)

    def add(self, claimant: str, signal: str, where: str, value: str) -> None:
        mine = self.claims.setdefault(claimant, {})
        if signal not in mine:
            evidence = value[:_EVIDENCE_LENGTH]
            mine[signal] = Evidence(signal=signal, where=where, value=evidence, weight=self.weights[signal])

    @property
    def shared(self) -> Mapping[str, Evidence]:
        return self.claims.get(SHARED, {})


def gather(found: Catalogue, containers: Iterable[Container], labels: Mapping[str, str]) -> Signals:
    """All signals of one workload."""
    signals = Signals(found.weights)
    for container in containers:
        _image(found, signals, container)
        _line(found, signals, container)
        _env(found, signals, container)
        _ports(found, signals, container)
        _resources(found, signals, container)
        _marks(found, signals, container.mounts, f"{container.where}.volumeMounts")
    _labels(found, signals, labels)
    return signals


def _image(found: Catalogue, signals: Signals, container: Container) -> None:
    if not container.image:
        return
    image = parse_image(container.image)
    where = f"{container.where}.image"
    full = [name for name in found.images.match(image.path) if _registry_allows(found, name, image.registry)]
    for name in full:
        signals.add(name, "image", where, container.image)
        signals.images.setdefault(name, image.tag)
    for name in found.image_names.match(image.name):
        signals.add(name, "image-name", where, image.name)
        signals.images.setdefault(name, image.tag)
    if not full:
        _own_image(found, signals, image.path, where)


def _registry_allows(found: Catalogue, product: str, registry: str) -> bool:
    patterns = found.products[product].registries
    return not patterns or any(
        registry.startswith(pattern.rstrip("*")) if pattern.endswith("*") else registry == pattern
        for pattern in patterns
    )


def _own_image(found: Catalogue, signals: Signals, path: str, where: str) -> None:
    """The organisation's own image, kept in a project for AI and named for an AI task: two signals, not one."""
    *projects, name = path.split("/")
    project = next((part for part in projects if part in found.own_projects), None)
    if project is None:
        return
    signals.add(SHARED, "own-image", where, project)
    padded = f"-{re.sub(r'[._]', '-', name)}-"
    for word, role in found.own_tasks:
        if f"-{word}-" in padded:
            signals.add(SHARED, "own-task", where, name)
            signals.tasks.setdefault(role)


def _line(found: Catalogue, signals: Signals, container: Container) -> None:
    line, where = container.line, f"{container.where}.args"
    if not line:
        return
    for name, pattern in found.commands.match(line):
        signals.add(name, "command", where, pattern)
    for _role, pattern in found.scripts.match(line):
        signals.add(SHARED, "script", where, pattern)
    _marks(found, signals, (line,), where)
    _hosts(found, signals, line, where)


def _marks(found: Catalogue, signals: Signals, texts: Iterable[str], where: str) -> None:
    for value in texts:
        mark = next((mark for mark in found.uri_marks if mark in value), None)
        if mark is not None:
            signals.add(SHARED, "model-uri", where, mark)


def _hosts(found: Catalogue, signals: Signals, value: str, where: str) -> None:
    for host in _URL.findall(value) if "://" in value else ():
        provider = found.hosts.match(host)
        if provider and provider not in found.hubs:
            signals.add(SHARED, "provider-host", where, host)
            signals.providers.setdefault(provider)
        elif provider:
            signals.add(SHARED, "hub", where, host)


def _env(found: Catalogue, signals: Signals, container: Container) -> None:
    for name, value in container.env.items():
        where = f"{container.where}.env"
        classes = found.env_classes.match(name)
        for kind in classes:
            signals.add(SHARED, kind if kind == "rendezvous" else f"{kind}-env", where, name)
        for claim in found.provider_env.match(name):
            signal, _, provider = claim.partition(" ")
            signals.add(SHARED, signal, where, name)
            if signal in ("provider-key", "weak-key"):
                signals.providers.setdefault(provider)
        for product in () if classes else found.product_env.match(name):
            signals.add(product, "product-env", where, name)
        if value:
            _hosts(found, signals, value, where)
            _marks(found, signals, (value,), where)


def _ports(found: Catalogue, signals: Signals, container: Container) -> None:
    where = f"{container.where}.ports"
    for name, number in container.ports:
        signals.ports.add(number)
        for product in found.port_names.get(name, ()):
            signals.add(product, "port-name", where, name)
        for product in found.port_numbers.get(number, ()):
            signals.add(product, "port", where, str(number))


def _resources(found: Catalogue, signals: Signals, container: Container) -> None:
    for resource in container.resources:
        if resource in found.accelerators or resource.startswith(found.accelerator_prefixes):
            signals.add(SHARED, "accelerator", f"{container.where}.resources", resource)


def _labels(found: Catalogue, signals: Signals, labels: Mapping[str, str]) -> None:
    for key in _LABEL_KEYS:
        value = labels.get(key, "")
        if not value:
            continue
        if key == "helm.sh/chart":
            value = _CHART_VERSION.sub("", value)
        for product in found.labels.get(value, ()):
            signals.add(product, "label", f"metadata.labels[{key}]", value)
    for key in labels:
        for prefix, product in found.owners:
            if key.startswith(prefix):
                signals.add(product, "owner", "metadata.labels", key)
