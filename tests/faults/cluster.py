"""The demo's cluster with every declared kind in it, read through the ordinary collector; lists are asked for once."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from demo.cluster.server import Cluster, Fault, kubeconfig, serve
from integrations.kubernetes.client import Patience
from integrations.kubernetes.collector import KubernetesCollector
from integrations.kubernetes.live import ListPage, LiveLists
from integrations.kubernetes.resources import RESOURCES, Resource
from inventory.documents import Document, ScopeKey
from tests.faults.world import ScopeSeen, gather
from tests.integrations.kubernetes.clusters import bodies_of, demo_bodies, item

CALM = Patience(attempts=1)
HURRIED = Patience(attempts=1, silence=0.1)
FAULTS = {"timeout": "slow"}


@dataclass
class Memory:
    """What the lists held. Kinds in `failing` are always asked for."""

    pages: dict[str, bytes] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()


class RememberingLists(LiveLists):
    """Asks for each list once; what fails is asked for every time."""

    memory: Memory

    def pages(self, row: Resource) -> Iterator[ListPage]:
        fresh = super().pages(row)
        if row.kind in self.memory.failing:
            yield from fresh
            return
        if row.kind not in self.memory.pages:
            self.memory.pages[row.kind] = pickle.dumps(list(fresh))
        yield from pickle.loads(self.memory.pages[row.kind])  # fresh objects: the reader changes them


class Clustered:
    """A served cluster and two collectors that share what they remember."""

    def __init__(self, cluster: Cluster, address: str) -> None:
        self.cluster, self._memory = cluster, Memory()
        self._collectors = {patience.silence: self._collector(address, patience) for patience in (CALM, HURRIED)}

    def _collector(self, address: str, patience: Patience) -> KubernetesCollector:
        made = KubernetesCollector({"name": "company"}, {"kubeconfig": kubeconfig(address)}, patience)
        lists = RememberingLists(made.client)
        lists.memory = self._memory
        made._lists = lists
        return made

    @property
    def uid(self) -> str:
        return self._collectors[CALM.silence].identify().external_id

    def read(self) -> dict[ScopeKey, ScopeSeen]:
        return gather(self._collectors[CALM.silence])

    def read_with(self, fault: str, paths: Iterable[str], kinds: Iterable[str]) -> dict[ScopeKey, ScopeSeen]:
        """What the collector hands over while paths, and so the lists of these kinds, fail in one way."""
        self.cluster.faults.update({path: Fault(FAULTS.get(fault, fault)) for path in paths})
        self._memory.failing = frozenset(kinds)
        try:
            return gather(self._collectors[(HURRIED if fault == "timeout" else CALM).silence])
        finally:
            self._memory.failing = frozenset()
            self.cluster.faults.clear()


def path_of(row: Resource, bodies: dict[str, Document]) -> str:
    """Where the cluster serves a kind."""
    return next(path for api in row.apis if (path := f"{api.root}/{row.plural}") in bodies)


def bodies() -> dict[str, Document]:
    """The demo's cluster, and a small object of each kind that it does not have."""
    served = demo_bodies()
    missing = [row for row in RESOURCES if not any(f"{api.root}/{row.plural}" in served for api in row.apis)]
    more = bodies_of({row: [item(row, "a", "default")] for row in missing})
    for path, body in more.items():
        if path not in served:
            served[path] = body
        elif path == "/apis":
            served[path] = served[path] | {"groups": _groups(served[path], body)}
        elif body.get("kind") == "APIResourceList":
            served[path] = served[path] | {"resources": [*served[path]["resources"], *body["resources"]]}
    return served


def _groups(*lists: Document) -> list[Document]:
    """The groups of several lists, each once with all its versions."""
    versions: dict[str, list[Document]] = {}
    for group in (group for one in lists for group in one["groups"]):
        have = versions.setdefault(group["name"], [])
        have += [more for more in group["versions"] if more["version"] not in [one["version"] for one in have]]
    return [{"name": name, "versions": found} for name, found in versions.items()]


@contextmanager
def clustered() -> Iterator[Clustered]:
    cluster = Cluster.of(bodies())
    with serve(cluster) as address:
        yield Clustered(cluster, address)
