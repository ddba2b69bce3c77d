"""Clusters for tests: the shared snapshot where it is, the demo's cluster everywhere, a tiny one with every kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.cluster import company
from demo.cluster.server import Cluster, kubeconfig, serve
from integrations.base import Collector, Page
from integrations.kubernetes.client import Patience
from integrations.kubernetes.collector import KubernetesCollector
from integrations.kubernetes.resources import RESOURCES, Resource
from inventory.documents import Document, Observed, ScopeOutcome

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared" / "data" / "k8s-snapshot"
IMPATIENT = Patience(attempts=2, pause=0.0, longest_pause=0.0)


@dataclass
class Seen:
    """What one collection gave."""

    assets: dict[tuple[str, str], Observed] = field(default_factory=dict)
    outcomes: dict[str, ScopeOutcome] = field(default_factory=dict)
    repeated: list[tuple[str, str]] = field(default_factory=list)

    def of(self, kind: str) -> dict[str, Observed]:
        return {ref: asset for (one, ref), asset in self.assets.items() if one == kind}

    def the(self, kind: str, ref: str) -> Observed:
        return self.assets[kind, ref]


def collect(collector: Collector) -> Seen:
    seen = Seen()
    for event in collector.collect(lambda: False):
        if isinstance(event, Page):
            assert event.scope.collector not in seen.outcomes, "a page after the outcome of its scope"
            for asset in event.assets:
                key = (asset.kind, asset.external_id)
                seen.repeated += [key] if key in seen.assets else []
                seen.assets[key] = asset
        else:
            assert event.key.collector not in seen.outcomes, "two outcomes of one scope"
            seen.outcomes[event.key.collector] = event
    return seen


def item(row: Resource, name: str, namespace: str = "one", **more: Any) -> Document:
    """The least that a server would list of a kind."""
    metadata: Document = {"name": name, "uid": f"uid-{row.plural}-{namespace}-{name}"}
    if row.namespaced:
        metadata["namespace"] = namespace
    return {"metadata": metadata, **more}


def bodies_of(lists: Mapping[Resource, Iterable[Document]]) -> dict[str, Document]:
    """{path: body} of a cluster that serves exactly these kinds, and namespaces."""
    bodies: dict[str, Document] = {"/version": {"major": "1", "minor": "36", "gitVersion": "v1.36.2"}}
    served: dict[str, list[Resource]] = {}
    for row, items in lists.items():
        api = row.apis[0]
        served.setdefault(api.root, []).append(row)
        head = {"kind": row.list_kind, "apiVersion": api.api_version, "metadata": {"resourceVersion": "7"}}
        bodies[f"{api.root}/{row.plural}"] = head | {"items": list(items)}
    groups: dict[str, list[str]] = {}
    for rows in served.values():
        api = rows[0].apis[0]
        if api.group:
            groups.setdefault(api.group, []).append(api.version)
        names = [{"name": row.plural, "kind": row.type, "namespaced": row.namespaced} for row in rows]
        bodies[api.root] = {"kind": "APIResourceList", "groupVersion": api.api_version, "resources": names}
    listed = [{"name": name, "versions": [{"version": v} for v in versions]} for name, versions in groups.items()]
    bodies["/apis"] = {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
    return bodies


def everything() -> dict[str, Document]:
    """Three objects of every declared kind."""
    lists = {row: [item(row, name) for name in ("a", "b", "c")] for row in RESOURCES}
    by_kind = {row.kind: row for row in RESOURCES}
    lists[by_kind["k8s.namespace"]].append(item(by_kind["k8s.namespace"], "kube-system"))
    return bodies_of(lists)


def demo_bodies() -> dict[str, Document]:
    return dict(company().documents())


@contextmanager
def live(
    bodies: Mapping[str, Document], patience: Patience = IMPATIENT, *, page_size: int = 0
) -> Iterator[tuple[Cluster, KubernetesCollector]]:
    """A collector connected over HTTP to a double that serves these bodies."""
    cluster = Cluster.of(bodies)
    with serve(cluster) as address:
        collector = KubernetesCollector({}, {"kubeconfig": kubeconfig(address)}, patience, page_size=page_size)
        yield cluster, collector
        collector.client.close()
