"""Manifests as the lists of a cluster. What they do not hold is not known: the cluster may have it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from integrations.kubernetes.links import within
from integrations.kubernetes.live import ClusterFacts, ListPage
from integrations.kubernetes.manifests.files import Text, Trouble
from integrations.kubernetes.manifests.texts import RENDER, Located, Unreadable, objects, texts
from integrations.kubernetes.paths import each, get, mapping, text
from integrations.kubernetes.problems import ReadFailed
from integrations.kubernetes.reader import JOB, POD, REPLICA_SET
from integrations.kubernetes.resources import Api, Resource, row_for
from integrations.kubernetes.rollup import controller
from inventory.documents import Document, Problem, ScopeState
from inventory.recognition.workloads import pod_specs

UNSTATED = "default"
"""Where an object counts as being that names no namespace."""
BUILT = "kustomize.config.k8s.io"
_LEFT_OVER = re.compile(r"\{\{|\$\{|<%")
_NAMED = ("apiVersion", "kind", "metadata.name", "metadata.namespace")

Identity = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object stands in the files. `homeless`: it names no namespace."""

    file: str
    line: int
    homeless: bool


class Manifests:
    """The objects of some texts, as lists.

    `whole`: their namespaces will hold nothing else, and no cluster-wide custom resource will be about them.
    """

    def __init__(self, found: Iterable[Text | Trouble], *, namespace: str = "", whole: bool = False) -> None:
        self.facts = ClusterFacts()
        self.places: dict[Identity, Place] = {}
        self.troubles: list[Trouble] = []
        self.passed_by: list[str] = []
        self.unasked: Counter[str] = Counter()
        self._namespace, self._whole = namespace, whole
        self._rows: dict[str, list[tuple[Api, Document]]] = defaultdict(list)
        for one in found:
            if isinstance(one, Trouble):
                self.troubles.append(one)
            else:
                self._text(one)

    def prepare(self) -> None:
        """All is read already."""

    def calls(self) -> int:
        return 0

    def interrupt(self) -> None:
        """Nothing blocks here."""

    def pages(self, row: Resource) -> Iterator[ListPage]:
        """The objects of a kind; then ReadFailed, unless no others can be there."""
        for api, document in self._rows.get(row.kind, ()):
            yield ListPage(api, [document])
        if not (self._whole and (row.namespaced or not row.built_in)):
            state = ScopeState.INCOMPLETE if row.kind in self._rows else ScopeState.NEVER
            raise ReadFailed(Problem.OTHER, "Manifests do not say what else is in the cluster.", state)

    def _text(self, one: Text) -> None:
        held, failed = one.named, []
        for part, before in texts(one.content):
            try:
                for located in objects(part, before):
                    held = True
                    self._object(one.name, located)
            except Unreadable as error:
                held = held or error.meant
                failed.append(Trouble(one.name, error.line, error.message))
        if held:
            self.troubles += failed
        else:
            self.passed_by.append(one.name)

    def _object(self, file: str, located: Located) -> None:
        document = located.document
        version, type_name = text(document.get("apiVersion")), text(document.get("kind"))
        row = row_for(version, type_name)
        api = next((api for api in row.apis if api.api_version == version), None) if row else None
        trouble = ""
        if _left_over(document):
            trouble = RENDER
        elif row is None or api is None or _made_by_another(row, document):
            self.unasked[_unasked(version, type_name, row)] += 1
        else:
            trouble = self._sort_in(row, api, document, Place(file, located.line, homeless=False))
        if trouble:
            self.troubles.append(Trouble(file, located.line, trouble))

    def _sort_in(self, row: Resource, api: Api, document: Document, place: Place) -> str:
        """Why the object cannot be judged; nothing when it can."""
        metadata = mapping(document.get("metadata"))
        name, namespace = text(metadata.get("name")), text(metadata.get("namespace")) if row.namespaced else ""
        if not name:
            return f"This {row.type} has no metadata.name."
        homeless = row.namespaced and not namespace and not self._namespace
        if row.namespaced:
            metadata["namespace"] = namespace or self._namespace or UNSTATED
        else:
            metadata.pop("namespace", None)
        identity = (row.kind, within(text(metadata.get("namespace")), name))
        other = self.places.get(identity)
        if other is not None:
            return (
                f"{row.type} {name} is also in {other.file}, line {other.line}. Only one of the two can be judged: "
                "check each environment by itself."
            )
        self.places[identity] = Place(place.file, place.line, homeless)
        self._rows[row.kind].append((api, document))
        return ""


def _made_by_another(row: Resource, document: Document) -> bool:
    return row.kind in (POD, REPLICA_SET, JOB) and controller(mapping(document.get("metadata"))) is not None


def _unasked(version: str, type_name: str, row: Resource | None) -> str:
    if version.startswith(BUILT):
        return f"{type_name} (check the output of kustomize build instead)"
    known = row is not None and version in (api.api_version for api in row.apis)
    return f"{type_name} that another object makes" if known else f"{type_name} ({version})"


def _left_over(document: Document) -> bool:
    """Whether what names the object or its images was to be filled in by a template."""
    names = [text(get(document, path)) for path in _NAMED]
    specs = [
        spec for kind in ("", "k8s.pod", "k8s.cron_job", "k8s.deployment") for _, spec in pod_specs(kind, document)
    ]
    images = [text(one.get("image")) for spec in specs for one in each(spec, "containers[]")]
    return any(_LEFT_OVER.search(word) for word in (*names, *images))
