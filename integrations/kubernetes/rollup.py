"""Pods summed up into the workload that made them, so that one workload is one asset."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from integrations.kubernetes.links import containers, within
from integrations.kubernetes.paths import each, get, mapping, mappings, text
from integrations.kubernetes.resources import Resource, row_for
from inventory.documents import Document
from inventory.facts.k8s_drift import risky_settings

Owner = tuple[str, str]
"""(kind id, external id)"""
NOT_CONTROLLERS = frozenset({"k8s.node", "k8s.pod", "k8s.config_map", "k8s.service"})


def controller(metadata: Document) -> Owner | None:
    """The declared kind that controls an object; None when there is none or nothing is known about it."""
    for owner in mappings(metadata.get("ownerReferences")):
        if owner.get("controller") is True:
            row = row_for(text(owner.get("apiVersion")), text(owner.get("kind")))
            if row is None or row.kind in NOT_CONTROLLERS:
                return None
            home = text(metadata.get("namespace")) if row.namespaced else ""
            return row.kind, within(home, text(owner.get("name")))
    return None


@dataclass(slots=True)
class Summary:
    """What is left of any number of pods of one workload."""

    count: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    images: dict[str, set[str]] = field(default_factory=dict)
    builds: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    settings: set[str] = field(default_factory=set)
    nodes: set[str] = field(default_factory=set)
    ephemeral: set[str] = field(default_factory=set)
    out_of_memory: set[str] = field(default_factory=set)

    def add(self, pod: Document) -> None:
        spec, status = mapping(pod.get("spec")), mapping(pod.get("status"))
        self.count += 1
        self.phases[text(status.get("phase")) or "Unknown"] += 1
        if text(spec.get("nodeName")):
            self.nodes.add(spec["nodeName"])
        named: dict[str, str] = {}
        for container in containers(spec):
            self.images.setdefault(text(container.get("name")), set())
            named[text(container.get("name"))] = text(container.get("image"))
        self.settings |= risky_settings(spec)
        self.ephemeral.update(text(one.get("name")) for one in mappings(spec.get("ephemeralContainers")))
        for part in ("containerStatuses", "initContainerStatuses"):
            for container in mappings(status.get(part)):
                self._container(container, named)

    def _container(self, container: Document, named: dict[str, str]) -> None:
        name = text(container.get("name"))
        image = text(container.get("imageID")).removeprefix("docker-pullable://")
        if image:
            self.images.setdefault(name, set()).add(image)
            self.builds.setdefault((name, named.get(name, "")), set()).add(image)
        if get(container, "lastState.terminated.reason") == "OOMKilled":
            self.out_of_memory.add(name)

    def merge(self, other: Summary) -> None:
        self.count += other.count
        self.phases.update(other.phases)
        self.nodes |= other.nodes
        self.ephemeral |= other.ephemeral
        self.out_of_memory |= other.out_of_memory
        self.settings |= other.settings
        for build, ids in other.builds.items():
            self.builds.setdefault(build, set()).update(ids)
        for name, images in other.images.items():
            self.images.setdefault(name, set()).update(images)

    def document(self, declared: set[str], *, passing: bool) -> Document:
        """Sorted, so that equal pods give equal documents. `passing`: pods come and go by schedule, so no counts."""
        builds: dict[str, dict[str, list[str]]] = {}
        for (name, image), ids in sorted(self.builds.items()):
            builds.setdefault(name, {})[image] = sorted(ids)
        summary: Document = {
            "builds": builds,
            "settings": sorted(self.settings),
            "images": {name: sorted(images) for name, images in sorted(self.images.items())},
            "injected": sorted(set(self.images) - declared - self.ephemeral),
            "ephemeral": sorted(self.ephemeral),
            "outOfMemory": sorted(self.out_of_memory),
        }
        if not passing:
            summary |= {"count": self.count, "phases": dict(sorted(self.phases.items())), "nodes": sorted(self.nodes)}
        return summary


class RollUp:
    """Collects pod summaries by the top owner: what a ReplicaSet or a Job has goes to what owns it."""

    def __init__(self) -> None:
        self._summaries: dict[Owner, Summary] = {}
        self._above: dict[Owner, Owner] = {}

    def forget_pods(self) -> None:
        """The list of pods starts again from its beginning."""
        self._summaries.clear()

    def pod(self, owner: Owner, pod: Document) -> None:
        self._summaries.setdefault(self._above.get(owner, owner), Summary()).add(pod)

    def pods(self, owner: Owner, summary: Summary) -> None:
        """Pods that were summed up before."""
        self._summaries.setdefault(owner, Summary()).merge(summary)

    def owned(self, child: Owner, parent: Owner) -> None:
        """May be told before or after the pods of the child."""
        self._above[child] = parent
        summary = self._summaries.pop(child, None)
        if summary is not None:
            self._summaries.setdefault(parent, Summary()).merge(summary)

    def summary(self, owner: Owner) -> Summary | None:
        return self._summaries.get(owner)

    def document(self, row: Resource, external_id: str, document: Document) -> Document | None:
        """The `runningPods` of a workload; None for a custom resource that has no pods of its own."""
        summary = self.summary((row.kind, external_id))
        if summary is None and not row.built_in:
            return None
        declared = {
            text(container.get("name")) for path in row.pod_specs for spec in each(document, path)
            for container in containers(spec)
        }  # fmt: skip
        return (summary or Summary()).document(declared, passing=row.kind == "k8s.cron_job")
