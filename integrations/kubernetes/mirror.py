"""What a watched cluster holds now, as far as an asset takes more than one object, and what changed since last asked.

Its size goes with the number of objects: of pods their summary is kept, of workloads the document, of everything else
a version. What changes ten times before somebody asks is there once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from threading import Condition

import orjson

from integrations.base import Changes, Page
from integrations.kubernetes.paths import text
from integrations.kubernetes.problems import ReadFailed
from integrations.kubernetes.reader import CRON_JOB, JOB, POD, REPLICA_SET, Reader, part_of, ref_of, whole
from integrations.kubernetes.resources import BY_KIND, Api, Resource
from integrations.kubernetes.rollup import Owner, Summary
from inventory.documents import Document, ScopeKey

Identity = Owner
"""(kind id, external id)"""
Taken = dict[Identity, bytes]
"""What changed. No bytes: what is held says what it is now, or that it is gone."""
DEFINITION = "k8s.custom_resource_definition"
VERSION = "resourceVersion"
DEEPEST = 8  # owners of owners; more is a circle


@dataclass(slots=True)
class _Held:
    """What is kept of the cluster. Owners lead from pods over ReplicaSets and Jobs to workloads."""

    documents: dict[Identity, bytes] = field(default_factory=dict)
    pods: dict[Identity, Summary] = field(default_factory=dict)
    above: dict[Identity, Owner] = field(default_factory=dict)
    below: dict[Owner, set[Identity]] = field(default_factory=lambda: defaultdict(set))
    versions: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))


class Mirror:
    """Fed by lists and watches from several threads, asked by one."""

    def __init__(self) -> None:
        self.grown = False  # a kind of object was added to the cluster, or taken from it
        self._failed: dict[str, ReadFailed] = {}
        self._held = _Held()
        self._apis: dict[str, Api] = {}
        self._changed: Taken = {}
        self._noting = False
        self._news = Condition()

    def note_changes(self) -> None:
        """From now on what changes is to be asked for; until now somebody else took it all in."""
        self._noting = True

    def put(self, row: Resource, api: Api, item: object) -> str:
        """An object as it is now. Answers its external id; MalformedItem when it is no object of that kind."""
        document = whole(row, api, item)
        identity, version = (row.kind, ref_of(row, api, document)), document["metadata"].get(VERSION)
        with self._news:
            self._apis[row.kind] = api
            known = self._held.versions[row.kind]
            if not version or known.get(identity[1]) != version:
                self.grown |= self._noting and row.kind == DEFINITION and identity[1] not in known
                known[identity[1]] = text(version)
                self._take_in(row, identity, document)
        return identity[1]

    def drop(self, row: Resource, external_id: str) -> None:
        """The object is not there any more."""
        identity = (row.kind, external_id)
        with self._news:
            if self._held.versions[row.kind].pop(external_id, None) is None:
                return
            self.grown |= row.kind == DEFINITION
            self._held.documents.pop(identity, None)
            if identity not in self._held.above:
                self._note(identity)
            self._belongs(identity, None)

    def listed(self, row: Resource, seen: Set[str]) -> None:
        """A list came to its end: what it did not show is not there."""
        with self._news:
            missing = self._held.versions[row.kind].keys() - seen
            if self._failed.pop(row.kind, None):
                for identity in self._held.documents:
                    self._note(identity)  # they may say that their pods are not known
        for name in missing:
            self.drop(row, name)

    def unlisted(self, row: Resource, failed: ReadFailed) -> None:
        """A list could not be read."""
        with self._news:
            self._failed[row.kind] = failed

    def wait(self, seconds: float) -> bool:
        """Whether something changed; answers at the latest after so long."""
        with self._news:
            return bool(self._changed) or self._news.wait(seconds)

    def read(self) -> tuple[Changes, Taken]:
        """Everything that changed, as it is now. It counts as told unless it is given back."""
        reader = Reader()
        documents: dict[str, list[Document]] = defaultdict(list)
        with self._news:
            taken, self._changed = self._changed, {}
            reader.unread_lists(BY_KIND.values(), self._failed)
            for identity, waiting in taken.items():
                body = waiting or self._held.documents.get(identity)
                if body:
                    documents[identity[0]].append(orjson.loads(body))
                for pod in self._pods_below(identity):
                    reader.rollup.pods(identity, pod)
            apis = dict(self._apis)
        pages, left = [], set(taken)
        for page, broken in _read(reader, documents, apis):
            pages.append(page)
            left -= {(asset.kind, asset.external_id) for asset in page.assets}
            left -= {(page.scope.collector, name) for name in broken}
        gone: dict[ScopeKey, list[str]] = defaultdict(list)
        for kind, external_id in sorted(left):
            gone[ScopeKey("-", kind)].append(external_id)
        return Changes(pages, gone), taken

    def give_back(self, taken: Taken) -> None:
        """They are still to be told, unless something newer is."""
        with self._news:
            self._changed = taken | self._changed

    def _take_in(self, row: Resource, identity: Identity, document: Document) -> None:
        owner = part_of(row, document["metadata"])
        moved = self._belongs(identity, owner)
        if row.kind == POD and owner is not None:
            summary = Summary()
            summary.add(document)
            moved |= self._held.pods.get(identity) != summary
            self._held.pods[identity] = summary
        if owner is not None:
            self._held.documents.pop(identity, None)
            if moved:
                self._note(self._top(identity))
        elif row.pod_specs:
            self._held.documents[identity] = _quietly(document)
            self._note(identity)
        else:
            self._note(identity, _quietly(document))

    def _belongs(self, identity: Identity, owner: Owner | None) -> bool:
        """Remembers whose part an object is, and tells when it was another's, or nobody's. Whether that is new."""
        before = self._held.above.pop(identity, None)
        if owner is not None:
            self._held.above[identity] = owner
            self._held.below[owner].add(identity)
        if before == owner:
            return False
        if before is not None:
            self._held.below[before].discard(identity)
            if not self._held.below[before]:
                del self._held.below[before]
            self._note(self._top(before))
        elif identity in self._held.documents:
            self._note(identity)
        if owner is None:
            self._held.pods.pop(identity, None)
        return True

    def _top(self, identity: Identity) -> Identity:
        """The asset of which this object is a part, or itself."""
        for _ in range(DEEPEST):
            if identity not in self._held.above:
                break
            identity = self._held.above[identity]
        return identity

    def _pods_below(self, identity: Identity, depth: int = 0) -> Iterator[Summary]:
        for child in self._held.below.get(identity, ()):
            if child in self._held.pods:
                yield self._held.pods[child]
            elif depth < DEEPEST:
                yield from self._pods_below(child, depth + 1)

    def _note(self, identity: Identity, body: bytes = b"") -> None:
        if self._noting:
            self._changed[identity] = body
            self._news.notify_all()


def _read(
    reader: Reader, documents: Mapping[str, list[Document]], apis: Mapping[str, Api]
) -> Iterator[tuple[Page, list[str]]]:
    """Kind by kind, in the order in which a whole reading goes: assets, and names that could not be understood."""
    for kind in sorted(documents, key=lambda kind: (kind != POD, kind != REPLICA_SET, kind != JOB, kind == CRON_JOB)):
        row = BY_KIND[kind]
        assets, broken = reader.read(row, apis[kind], documents[kind])
        assets += reader.loose_replica_sets(row) if kind == REPLICA_SET else []
        yield Page(ScopeKey("-", kind), assets), broken


def _quietly(document: Document) -> bytes:
    metadata = {name: value for name, value in document["metadata"].items() if name != "managedFields"}
    return orjson.dumps(document | {"metadata": metadata})
