"""Follows the lists of a cluster after they were read: a thread a kind, and one mirror that all of them feed."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import orjson

from integrations.kubernetes.client import Client
from integrations.kubernetes.live import ListPage, LiveLists
from integrations.kubernetes.mirror import VERSION, Mirror
from integrations.kubernetes.paths import get, mapping, text
from integrations.kubernetes.problems import Gone, NotServed, ReadFailed, TooLarge
from integrations.kubernetes.reader import MalformedItem, ref_of
from integrations.kubernetes.resources import BY_KIND, Api, Resource
from inventory.documents import Document, Problem, ScopeState

EVENTS = ("ADDED", "MODIFIED", "DELETED", "BOOKMARK")


@dataclass(frozen=True, slots=True)
class Pace:
    """How a watch is kept up. Seconds, but for `give_up`: so many failures in a row, and the list is read anew."""

    lasts: int = 300
    short: float = 0.5
    longest: float = 30.0
    refused: float = 300.0
    give_up: int = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How many kinds are followed; permissions that are missing for others, and what else is in the way."""

    live: int = 0
    missing: Sequence[str] = ()
    trouble: str = ""


class MirroredLists(LiveLists):
    """Lists that leave in the mirror what passes.

    `ends`: under which address each was read, and up to which version, from where a watch goes on; `refused`: why not.
    """

    def __init__(self, client: Client, mirror: Mirror, page_size: int = 0) -> None:
        super().__init__(client, page_size)
        self.mirror = mirror
        self.ends: dict[str, tuple[Api, str]] = {}
        self.refused: dict[str, ReadFailed] = {}

    def pages(self, row: Resource) -> Iterator[ListPage]:
        seen: set[str] = set()
        whole, version = True, ""
        try:
            for page in super().pages(row):
                if page.restarted:
                    seen, whole, version = set(), True, ""
                whole &= self._keep(row, page, seen)
                version = version or page.version
                yield page
        except ReadFailed as failed:
            self.mirror.unlisted(row, failed)
            if failed.state is not ScopeState.NOT_OFFERED:
                self.refused[row.kind] = failed
            raise
        if whole:
            self.mirror.listed(row, seen)
        self.ends[row.kind] = page.api, version

    def _keep(self, row: Resource, page: ListPage, seen: set[str]) -> bool:
        """Whether every element was an object; of others the reader complains."""
        whole = True
        for item in page.items:
            try:
                seen.add(self.mirror.put(row, page.api, item))
            except MalformedItem:
                whole = False
        return whole


@dataclass(slots=True)
class _Following:
    """One kind. `failures` in a row; `was_read`: when everything was."""

    row: Resource
    was_read: bool
    failed: ReadFailed | None
    failures: int = 0


class ClusterWatch:
    """Keeps a mirror current, from where its lists ended."""

    def __init__(self, lists: MirroredLists, pace: Pace | None = None) -> None:
        self.mirror = lists.mirror
        self._lists, self._pace = lists, pace or Pace()
        self._stop = threading.Event()
        self._readable = False
        read = [_Following(BY_KIND[kind], True, None) for kind in lists.ends]
        self._following = read + [_Following(BY_KIND[kind], False, why) for kind, why in lists.refused.items()]

        self.threads = [
            threading.Thread(target=self._follow, args=(one,), name=f"watch-{one.row.plural}", daemon=True)
            for one in self._following
        ]

    @property
    def ends(self) -> Mapping[str, tuple[Api, str]]:
        """Up to which version everything was heard, by kind."""
        return self._lists.ends

    @property
    def outgrown(self) -> bool:
        """Whether there is something to read that was not, or a thread broke: the whole reading has to be repeated."""
        return self._readable or self.mirror.grown or not all(thread.is_alive() for thread in self.threads)

    def start(self) -> None:
        self.mirror.note_changes()
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Threads end with what they hear next, or when it was silent for long; nobody asks the mirror any more."""
        self._stop.set()
        self._lists.interrupt()

    def standing(self) -> Standing:
        failed = [one.failed for one in self._following if one.failed is not None]
        missing = sorted({why.permission for why in failed if why.problem is Problem.DENIED})
        trouble = next((why.message for why in failed if why.problem is not Problem.DENIED), "")
        return Standing(len(self._following) - len(failed), missing, trouble)

    def _follow(self, one: _Following) -> None:
        while not self._stop.is_set():
            try:
                if one.was_read:
                    self._list_if_lost(one)
                    pause = self._after(one, *self._listen(one))
                else:
                    pause = self._try_again(one)
            except Gone:
                self._lists.ends.pop(one.row.kind, None)
                pause = 0.0
            except ReadFailed as failed:
                pause = self._failed(one, failed)
            except (NotServed, TooLarge, MalformedItem):
                pause = self._failed(one, ReadFailed(Problem.MALFORMED, "What the watch tells cannot be understood."))
            self._stop.wait(pause)

    def _list_if_lost(self, one: _Following) -> None:
        """Reads the list when the watch cannot go on from where it was."""
        if one.row.kind not in self._lists.ends:
            for _page in self._lists.pages(one.row):
                if self._stop.is_set():
                    return

    def _try_again(self, one: _Following) -> float:
        """A list that was refused: is it still?"""
        if self._stop.wait(self._pace.refused):
            return 0.0
        next((page for page in self._lists.pages(one.row) if page.version), None)
        self._readable = True
        return self._pace.refused

    def _listen(self, one: _Following) -> tuple[float, int]:
        """Takes in what the watch tells until it ends. How long that was, and how much."""
        row, began, heard = one.row, monotonic(), 0
        api, version = self._lists.ends[row.kind]
        lasts = int(self._pace.lasts * (0.8 + 0.4 * random.random()))  # noqa: S311  # jitter, not a secret
        query: dict[str, str | int] = {
            "watch": 1,
            "allowWatchBookmarks": "true",
            VERSION: version,
            "timeoutSeconds": lasts,
        }
        for line in self._lists.client.lines(f"{api.root}/{row.plural}", query, permission=row.permission("watch")):
            if self._stop.is_set():
                break
            if not line:
                one.failed = None if one.failures < self._pace.give_up else one.failed
                continue
            self._lists.ends[row.kind] = api, self._take_in(row, api, line)
            one.failed, one.failures, heard = None, 0, heard + 1
        return monotonic() - began, heard

    def _take_in(self, row: Resource, api: Api, line: bytes) -> str:
        """One event. Answers the version up to which everything was heard."""
        event = _parsed(line)
        type, told = text(event.get("type")), mapping(event.get("object"))
        version = text(get(told, f"metadata.{VERSION}"))
        if type == "ERROR":
            raise _told(told)
        if type == "DELETED":
            self.mirror.drop(row, ref_of(row, api, told))
        elif type in ("ADDED", "MODIFIED"):
            self.mirror.put(row, api, told)
        if type not in EVENTS or not version:
            raise ReadFailed(Problem.MALFORMED, "The watch tells something that is no event.")
        return version

    def _after(self, one: _Following, seconds: float, heard: int) -> float:
        """How long to wait after a watch that ended as it should: one that ends at once says nothing."""
        if heard or seconds >= self._pace.longest:
            one.failures = 0
            return self._pace.short * random.random()  # noqa: S311  # jitter, not a secret
        return self._failed(one, ReadFailed(Problem.UNREACHABLE, "The watch ends as soon as it has begun."))

    def _failed(self, one: _Following, failed: ReadFailed) -> float:
        """What is said about it, and how long to wait. After some failures the list is read anew."""
        one.failures += 1
        denied = failed.problem is Problem.DENIED
        if denied or one.failures >= self._pace.give_up:
            one.failed = failed
        if one.was_read and not denied and one.failures % self._pace.give_up == 0:
            self._lists.ends.pop(one.row.kind, None)
        if denied:
            return self._pace.refused
        pause = min(self._pace.short * 2.0**one.failures, self._pace.longest)
        return pause * (0.5 + random.random() / 2)  # noqa: S311  # jitter, not a secret


def _parsed(line: bytes) -> Document:
    try:
        return mapping(orjson.loads(line))
    except orjson.JSONDecodeError as error:
        raise ReadFailed(Problem.MALFORMED, "The watch tells something that is not complete JSON.") from error


def _told(status: Document) -> Exception:
    """What a watch says when it cannot go on."""
    if status.get("code") == 410:
        return Gone()
    return ReadFailed(Problem.SERVER_ERROR, f"The watch ended: {text(status.get('message'))[:200] or 'no reason'}.")
