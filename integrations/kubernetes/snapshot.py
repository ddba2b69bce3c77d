"""Lists out of files: API list bodies, or what `kubectl get -o json|yaml` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from aispm.core.errors import Invalid
from integrations.kubernetes.archive import SUFFIXES, Archive, Aside, Broken, Entry
from integrations.kubernetes.live import ClusterFacts, ListPage, groups_of, page_of
from integrations.kubernetes.paths import each, get, mapping, mappings, sequence, text
from integrations.kubernetes.problems import ReadFailed, not_offered
from integrations.kubernetes.resources import RESOURCES, Api, Resource, row_for
from integrations.kubernetes.textual import documents, slices
from inventory.documents import Document, Problem, ScopeState

CHUNK = 500
NOT_DEFINED = frozenset({"resource.k8s.io", "route.openshift.io"})
"""Groups that servers themselves serve: no custom resource definition announces them."""
EXPECTED = (
    "Expected a folder, .zip or .tar.gz of list bodies as `kubectl get --raw PATH` prints them (such as "
    "apis_apps_v1_deployments.json), or of `kubectl get … --all-namespaces -o json` output."
)
_CANONICAL: dict[str, tuple[Resource, Api]] = {
    f"{api.root}/{row.plural}".strip("/").replace("/", "_"): (row, api) for row in RESOURCES for api in row.apis
}


@dataclass(slots=True)
class _Loose:
    """Objects that came without their list: nobody says whether these are all."""

    api: Api
    slices: list[Callable[[], bytes]] = field(default_factory=list)


class SnapshotLists:
    """The same questions as a live cluster, answered by files. What is not in them is not known."""

    def __init__(self, path: Path) -> None:
        self.facts = ClusterFacts()
        self._archive = Archive(path)
        self._lists: dict[str, list[tuple[Api, Entry]]] = {}
        self._loose: dict[str, _Loose] = {}
        self._served: dict[str, frozenset[str]] = {}
        self._promised: dict[str, tuple[str, int | None]] = {}
        self._broken: list[str] = []
        self._damaged: list[str] = []
        self._definitions: frozenset[str] | None = None
        self._aside: Aside | None = None
        self._prepared = False

    def calls(self) -> int:
        return 0

    def interrupt(self) -> None:
        """Nothing blocks for long here."""

    def prepare(self) -> None:
        """Looks at every file once; Invalid when this is not a snapshot."""
        if self._prepared:
            return
        names: list[str] = []
        for entry in self._archive.entries():
            names.append(entry.name)
            stem = _stem(entry.name)
            if stem in _CANONICAL:
                row, api = _CANONICAL[stem]
                self._lists.setdefault(row.kind, []).append((api, entry))
            else:
                self._take(entry, stem)
        if not (self._lists or self._loose):
            found = ", ".join((*names, *self._archive.ignored)[:5]) or "nothing"
            if self._damaged:
                which = ", ".join(self._damaged[:3])
                raise Invalid(f"Not complete JSON or YAML: {which}. Was it cut off? Make it again.", where="path")
            raise Invalid(f"This is not a cluster snapshot. {EXPECTED} Found: {found}.", where="path")
        self._explain_missing_discovery()
        self._definitions = self._crd_names()
        self._prepared = True

    def pages(self, row: Resource) -> Iterator[ListPage]:
        """Every element that the snapshot has of a kind; ReadFailed when these may not be all."""
        lists = sorted(self._lists.get(row.kind, ()), key=lambda one: row.apis.index(one[0]))
        loose = self._loose.get(row.kind)
        if lists:
            best = lists[0][0]
            for api, entry in lists:
                if api == best:
                    yield from self._whole(row, api, entry)
        elif loose:
            yield from self._parts(loose)
        else:
            raise self._absent(row)

    def has(self, row: Resource) -> bool:
        return row.kind in self._lists or row.kind in self._loose

    def _take(self, entry: Entry, stem: str) -> None:
        """Sorts a file in by what is in it, whatever its name."""
        try:
            found = documents(entry.name, entry.read())
        except (Broken, ValueError) as error:
            self._broken.append(entry.name)
            unreadable = isinstance(error, Broken | orjson.JSONDecodeError) or error.__cause__ is not None
            if unreadable and entry.name.lower().endswith(SUFFIXES):
                self._damaged.append(entry.name)
            return
        if stem == "index" and len(found) == 1 and self._index(found[0]):
            return
        for document in found:
            self._sort_in(entry, document, alone=len(found) == 1)

    def _sort_in(self, entry: Entry, document: Document, *, alone: bool) -> None:
        kind, version = text(document.get("kind")), text(document.get("apiVersion"))
        row = row_for(version, kind.removesuffix("List")) if kind.endswith("List") and kind != "List" else None
        api = next((api for api in row.apis if api.api_version == version), None) if row else None
        if row is not None and api is not None and alone:
            self._lists.setdefault(row.kind, []).append((api, entry))
        elif kind == "APIGroupList":
            self.facts.groups = groups_of(document)
        elif kind == "APIResourceList":
            names = frozenset(text(one.get("name")) for one in each(document, "resources[]"))
            self._served[text(document.get("groupVersion"))] = names
        elif "gitVersion" in document and not kind:
            self.facts.version = document
        else:
            objects = [document] if not kind.endswith("List") else mappings(document.get("items"))
            self._keep_loose([one for one in objects if isinstance(one, dict)])

    def _keep_loose(self, objects: Sequence[Document]) -> None:
        by_row: dict[str, tuple[Api, list[Document]]] = {}
        for one in objects:
            row = row_for(text(one.get("apiVersion")), text(one.get("kind")))
            api = next((api for api in row.apis if api.api_version == one["apiVersion"]), None) if row else None
            if row is not None and api is not None:
                by_row.setdefault(row.kind, (api, []))[1].append(one)
        for kind, (api, items) in by_row.items():
            place = self._loose.setdefault(kind, _Loose(api))
            for start in range(0, len(items), CHUNK):
                place.slices.append(self._put_aside(items[start : start + CHUNK]))

    def _put_aside(self, items: Sequence[Document]) -> Callable[[], bytes]:
        if self._aside is None:
            self._aside = Aside()
        return self._aside.keep(orjson.dumps(items, option=orjson.OPT_NON_STR_KEYS))

    def _index(self, document: Document) -> bool:
        """`index.json`: API path -> file and number of items."""
        entries = {path: mapping(one) for path, one in document.items() if path.startswith("/")}
        for path, one in entries.items():
            count = one.get("items")
            stem = _stem(text(one.get("file")))
            if stem in _CANONICAL:
                self._promised[stem] = (path, count if isinstance(count, int) else None)
        return bool(entries)

    def _whole(self, row: Resource, api: Api, entry: Entry) -> Iterator[ListPage]:
        count, token = 0, ""
        try:
            for items, further in self._slices(row, api, entry):
                count, token = count + len(items), further
                yield ListPage(api, items)
        except (Broken, ValueError, IndexError) as error:
            raise _malformed(f"The file {entry.name} of the snapshot is not complete JSON or YAML.") from error
        except ReadFailed as failed:
            raise _malformed(f"The file {entry.name} of the snapshot: {failed.message}") from failed
        promised = self._promised.get(_stem(entry.name), ("", None))[1]
        if promised is not None and promised != count:
            raise _malformed(f"index.json promises {promised} items; the file {entry.name} has {count}.")
        if token:
            raise _malformed(f"The file {entry.name} holds only the first page of the list. Read it without limit=.")

    def _slices(self, row: Resource, api: Api, entry: Entry) -> Iterator[tuple[Sequence[object], str]]:
        """The elements of one body in slices, with its continue token."""
        content = entry.read()
        if ".json" not in entry.name.lower():
            yield page_of(row, api, documents(entry.name, content)[0])
            return
        for head, items in slices(content, CHUNK):
            _, token = page_of(row, api, head | {"items": []})
            yield items, token

    def _parts(self, loose: _Loose) -> Iterator[ListPage]:
        for again in loose.slices:
            yield ListPage(loose.api, sequence(orjson.loads(again())))
        if self._broken:
            raise _malformed(f"These files of the snapshot cannot be read: {', '.join(self._broken[:3])}.")
        raise ReadFailed(
            Problem.OTHER,
            "kubectl's output does not say whether this is everything in the cluster, so nothing is taken to be gone. "
            "Use list bodies (kubectl get --raw) for a complete answer.",
        )

    def _absent(self, row: Resource) -> ReadFailed:
        for stem, (path, _) in self._promised.items():
            if _CANONICAL[stem][0] is row:
                return _malformed(f"index.json lists {path}, but its file is not in the snapshot.")
        if self._known_absent(row):
            return not_offered(row.permission("").strip())
        message = "Not in the snapshot."
        if self._broken:
            message += f" These files of it cannot be read: {', '.join(self._broken[:3])}."
        return ReadFailed(Problem.OTHER, message, ScopeState.NEVER)

    def _known_absent(self, row: Resource) -> bool:
        """Whether the snapshot itself says that the cluster does not serve this kind."""
        groups = self.facts.groups
        if groups is None:
            return False
        apis = [api for api in row.apis if not api.group or api.version in groups.get(api.group, ())]
        if not apis or all(row.plural not in self._served.get(api.api_version, (row.plural,)) for api in apis):
            return True
        if row.built_in or row.groups & NOT_DEFINED or self._definitions is None:
            return False
        return all(f"{row.plural}.{api.group}" not in self._definitions for api in apis)

    def _crd_names(self) -> frozenset[str] | None:
        """Names of the custom resource definitions, where the snapshot has all of them."""
        row = row_for("apiextensions.k8s.io/v1", "CustomResourceDefinition")
        assert row is not None
        try:
            pages = list(self.pages(row))
        except ReadFailed:
            return None
        return frozenset(text(get(item, "metadata.name")) for page in pages for item in page.items)

    def _explain_missing_discovery(self) -> None:
        missing = ReadFailed(Problem.OTHER, "Not in the snapshot.", ScopeState.NEVER)
        if self.facts.version is None:
            self.facts.version_failed = missing
        if self.facts.groups is None:
            self.facts.groups_failed = missing


def _malformed(message: str) -> ReadFailed:
    return ReadFailed(Problem.MALFORMED, message)


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".gz").rpartition(".")[0]
