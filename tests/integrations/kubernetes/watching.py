"""A cluster that is followed over HTTP: hurried, and asked until it has heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep

import orjson

from demo.cluster.server import Cluster
from integrations.base import Changes
from integrations.kubernetes.client import Patience
from integrations.kubernetes.resources import BY_KIND
from integrations.kubernetes.watch import ClusterWatch, MirroredLists, Pace
from inventory.documents import Document, Observed
from tests.integrations.kubernetes.clusters import Seen, collect, live

DEPLOYMENTS, PODS, SETS = "/apis/apps/v1/deployments", "/api/v1/pods", "/apis/apps/v1/replicasets"
SERVICES, JOBS = "/api/v1/services", "/apis/batch/v1/jobs"
HURRIED = Pace(short=0.01, longest=0.05, refused=0.05)
PATIENT = Patience(attempts=2, pause=0.0, longest_pause=0.0)
WITHIN = 20.0


def until(true: Callable[[], object], what: str) -> None:
    """Waits for something that other threads bring about; only what is broken takes as long as this allows."""
    end = monotonic() + WITHIN
    while not true():
        assert monotonic() < end, f"never: {what}"
        sleep(0.005)


@dataclass
class Followed:
    """What is followed, and what was seen of it at first."""

    cluster: Cluster
    lists: MirroredLists
    watch: ClusterWatch
    first: Seen
    paths: dict[str, str]

    def objects(self, path: str) -> list[Document]:
        return [orjson.loads(one) for one in self.cluster.lists[path].items]

    def a(self, path: str, name: str) -> Document:
        return next(one for one in self.objects(path) if one["metadata"]["name"] == name)

    def calls(self, path: str) -> int:
        """How often a list was read from its beginning."""
        with self.cluster.lock:
            asked = [call for call in self.cluster.calls if call.partition("?")[0] == path]
        return len([call for call in asked if "watch=" not in call and "continue=" not in call])

    def watches(self, path: str) -> list[str]:
        with self.cluster.lock:
            return [call for call in self.cluster.calls if call.startswith(f"{path}?") and "watch=" in call]

    def heard(self) -> Changes:
        """What changed, once something did."""
        until(lambda: self.watch.mirror.wait(0.05), "a change")
        return self.watch.mirror.read()[0]

    def hears_all(self) -> dict[tuple[str, str], Observed | None]:
        """Everything that was told so far, by a mark that is heard last on every list."""
        versions = {path: self.cluster.events.bookmark(path) for path in self.cluster.lists}
        for kind, path in self.paths.items():
            until(lambda kind=kind, path=path: self._version(kind) >= versions[path], f"the mark of {kind}")
        changes, _taken = self.watch.mirror.read()
        told: dict[tuple[str, str], Observed | None] = {
            (asset.kind, asset.external_id): asset for page in changes.pages for asset in page.assets
        }
        return told | {(key.collector, ref): None for key, refs in changes.gone.items() for ref in refs}

    def _version(self, kind: str) -> int:
        return int(self.lists.ends[kind][1]) if kind in self.lists.ends else 0


@contextmanager
def followed(
    bodies: Mapping[str, Document], patience: Patience = PATIENT, faults: Mapping[str, object] | None = None
) -> Iterator[Followed]:
    """Read once and followed from there. `faults`: there from the beginning."""
    with live(bodies, patience) as (cluster, collector):
        cluster.faults.update(faults or {})  # type: ignore[arg-type]
        lists = collector.mirrored()
        first = collect(collector)
        paths = {kind: f"{api.root}/{BY_KIND[kind].plural}" for kind, (api, _version) in lists.ends.items()}
        watch = ClusterWatch(lists, HURRIED)
        watch.start()
        try:
            yield Followed(cluster, lists, watch, first, paths)
        finally:
            ended(cluster, watch)


def ended(cluster: Cluster, watch: ClusterWatch) -> None:
    """Nobody listens any more."""
    watch.stop()
    cluster.closing.set()
    for thread in watch.threads:
        thread.join(WITHIN)
