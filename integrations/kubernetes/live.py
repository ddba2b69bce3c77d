"""Lists of a running cluster, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

from integrations.kubernetes.client import Client
from integrations.kubernetes.paths import each, get, mapping, text
from integrations.kubernetes.problems import Gone, NotServed, ReadFailed, TooLarge, not_offered
from integrations.kubernetes.resources import Api, Resource
from inventory.documents import Document, Problem

RESTARTS = 2


@dataclass(frozen=True, slots=True)
class ListPage:
    """Some elements of one list. `restarted`: the list began again, earlier pages may repeat.

    `version`: of the whole list; a watch can go on from there.
    """

    api: Api
    items: Sequence[object]
    restarted: bool = False
    version: str = ""


@dataclass(slots=True)
class ClusterFacts:
    """What the cluster says about itself; a part that could not be read is None and explained."""

    version: Document | None = None
    groups: dict[str, tuple[str, ...]] | None = None
    version_failed: ReadFailed | None = None
    groups_failed: ReadFailed | None = None


class LiveLists:
    """Reads through a Client; asks every group once what it serves."""

    def __init__(self, client: Client, page_size: int = 0) -> None:
        self.client = client
        self.facts = ClusterFacts()
        self._page_size = page_size
        self._served: dict[Api, frozenset[str] | None] = {}
        self._lock = Lock()

    def prepare(self) -> None:
        """Asks for the version and the groups. What fails here makes only what depends on it unknown."""
        self.client.stop.clear()
        self.facts, self._served = ClusterFacts(), {}
        try:
            self.facts.version = self._document("/version")
        except ReadFailed as failed:
            self.facts.version_failed = failed
        try:
            self.facts.groups = _groups(self._document("/apis"))
        except ReadFailed as failed:
            self.facts.groups_failed = failed

    def pages(self, row: Resource) -> Iterator[ListPage]:
        """Every page of a row's list. Raises ReadFailed when it cannot be read to its end."""
        api = self._api(row)
        restarts = 0
        while True:
            try:
                yield from self._attempt(row, api, restarted=restarts > 0)
                return
            except Gone as gone:
                restarts += 1
                if restarts > RESTARTS:
                    raise ReadFailed(
                        Problem.OTHER,
                        f"The list changed faster than it could be read ({RESTARTS + 1} attempts expired).",
                    ) from gone
            except NotServed as missing:
                raise self._missing(row, api) from missing

    def calls(self) -> int:
        return self.client.calls_of_this_thread()

    def interrupt(self) -> None:
        self.client.stop.set()

    def _attempt(self, row: Resource, api: Api, *, restarted: bool) -> Iterator[ListPage]:
        yield ListPage(api, (), restarted)
        token, limit = "", self._page_size or row.page_size
        while True:
            try:
                body = self.client.get(f"{api.root}/{row.plural}", _query(limit, token), permission=row.permission())
            except TooLarge as too_large:
                if limit == 1:
                    raise ReadFailed(Problem.MALFORMED, "One object is larger than can be read.") from too_large
                limit = max(1, limit // 4)
                continue
            items, token = page_of(row, api, body)
            yield ListPage(api, items, version=text(get(body, "metadata.resourceVersion")))
            if not token:
                return

    def _api(self, row: Resource) -> Api:
        """Under which group and version the cluster serves this kind."""
        groups = self.facts.groups
        if groups is None:
            if row.built_in:
                return row.apis[0]
            assert self.facts.groups_failed is not None
            raise self.facts.groups_failed
        choices = [api for api in row.apis if not api.group or api.version in groups.get(api.group, ())]
        for api in choices:
            served = None if row.built_in else self._resources(api)
            if served is None or row.plural in served:
                return api
        raise not_offered(row.permission("").strip())

    def _missing(self, row: Resource, api: Api) -> ReadFailed:
        """What a 404 of a list means: only the group itself can say that the kind is not served."""
        served = self._resources(api)
        if served is not None and row.plural not in served:
            return not_offered(row.permission("").strip())
        return ReadFailed(Problem.OTHER, "The cluster answered that it does not have this list (HTTP 404).")

    def _resources(self, api: Api) -> frozenset[str] | None:
        """The plurals that a group serves; None when it does not say, then the list itself will tell."""
        with self._lock:
            if api not in self._served:
                try:
                    document = self._document(api.root)
                    self._served[api] = frozenset(text(one.get("name")) for one in each(document, "resources[]"))
                except ReadFailed:
                    self._served[api] = None
            return self._served[api]

    def _document(self, path: str) -> Document:
        try:
            return self.client.get(path, permission=f"get {path}")
        except (NotServed, Gone, TooLarge) as error:
            raise ReadFailed(Problem.MALFORMED, f"The server has no usable {path}: is it a cluster?") from error


def _query(limit: int, token: str) -> dict[str, str | int]:
    return {"limit": limit, "continue": token} if token else {"limit": limit}


def _groups(document: Document) -> dict[str, tuple[str, ...]]:
    if document.get("kind") != "APIGroupList" or not isinstance(document.get("groups"), list):
        raise ReadFailed(Problem.MALFORMED, "The server's /apis is not a list of API groups: is it a cluster?")
    return groups_of(document)


def groups_of(document: Document) -> dict[str, tuple[str, ...]]:
    """`{"apps": ("v1",), …}` from an APIGroupList."""
    return {
        text(group.get("name")): tuple(text(version.get("version")) for version in each(group, "versions[]"))
        for group in each(document, "groups[]")
    }


def page_of(row: Resource, api: Api, body: Document) -> tuple[Sequence[object], str]:
    """The elements of a list body and its continue token; ReadFailed when it is not that list."""
    items = body.get("items")
    right = body.get("kind") == row.list_kind and body.get("apiVersion") == api.api_version
    if not right or not (isinstance(items, list) or ("items" in body and items is None)):
        got = text(body.get("kind"))[:80] or "something else"
        raise ReadFailed(Problem.MALFORMED, f"The answer is not a {row.list_kind} of {api.api_version} but {got}.")
    token = mapping(body.get("metadata")).get("continue") or ""
    if not isinstance(token, str):
        raise ReadFailed(Problem.MALFORMED, "The answer has a continue token that is not text.")
    return items or (), token
