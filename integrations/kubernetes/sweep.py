"""Goes through all lists in the order that the roll-up of pods needs, with a few threads that fetch ahead."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from integrations.base import Page
from integrations.kubernetes.live import ClusterFacts, ListPage
from integrations.kubernetes.problems import ReadFailed, cancelled
from integrations.kubernetes.reader import CRON_JOB, POD, REPLICA_SET, Reader
from integrations.kubernetes.resources import Resource
from inventory.documents import Problem, ScopeKey, ScopeOutcome, ScopeState

FIRST, LAST = (POD, REPLICA_SET), (CRON_JOB,)
LOOK = 0.2
"""Seconds between two looks at whether the run was cancelled, while nothing arrives."""


class Lists(Protocol):
    """Where lists come from."""

    facts: ClusterFacts

    def prepare(self) -> None: ...

    def pages(self, row: Resource) -> Iterator[ListPage]: ...

    def calls(self) -> int: ...

    def interrupt(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Ended:
    """A list came to its end, or failed before."""

    failed: ReadFailed | None
    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Crashed:
    """A fault of ours in a fetching thread; it is raised where the caller sees it."""

    error: BaseException


Event = tuple[Resource, ListPage | Ended | Crashed]


@dataclass(slots=True)
class _Progress:
    """How far the sweep is: what is still open, what is done and waits for others."""

    open: dict[str, Resource]
    ended: dict[str, Ended] = field(default_factory=dict)
    broken: dict[str, list[str]] = field(default_factory=dict)


class Sweep:
    """One pass over all rows of a source."""

    def __init__(self, lists: Lists, rows: Sequence[Resource], workers: int) -> None:
        self._lists, self._rows, self._workers = lists, rows, workers
        self._reader = Reader()
        self._progress = _Progress({row.kind: row for row in rows})
        self._stop = threading.Event()

    def run(self, is_cancelled: Callable[[], bool]) -> Iterator[Page | ScopeOutcome]:
        """Pages and outcomes of every row. Ends early, with every open scope cancelled, when asked to."""
        try:
            for phase in (
                [row for row in self._rows if row.kind in FIRST],
                [row for row in self._rows if row.kind not in FIRST + LAST],
                [row for row in self._rows if row.kind in LAST],
            ):
                for event in self._events(phase, is_cancelled):
                    yield from self._handle(*event)
                if self._stop.is_set():
                    yield from self._abandon()
                    return
                yield from self._after(phase)
        finally:
            self._stop.set()
            if self._progress.open:
                self._lists.interrupt()

    def _events(self, rows: Sequence[Resource], is_cancelled: Callable[[], bool]) -> Iterator[Event]:
        """What the fetching threads deliver for these rows; stops when the run is cancelled."""
        events: queue.Queue[Event] = queue.Queue(maxsize=2)
        waiting: queue.SimpleQueue[Resource] = queue.SimpleQueue()
        for row in rows:
            waiting.put(row)
        for _ in range(min(self._workers, len(rows))):
            threading.Thread(target=self._fetch, args=(waiting, events), name="cluster-lists", daemon=True).start()
        left = len(rows)
        while left:
            if is_cancelled():
                self._stop.set()
                return
            try:
                row, event = events.get(timeout=LOOK)
            except queue.Empty:
                continue
            left -= isinstance(event, Ended)
            yield row, event

    def _fetch(self, waiting: queue.SimpleQueue[Resource], events: queue.Queue[Event]) -> None:
        while not self._stop.is_set():
            try:
                row = waiting.get_nowait()
            except queue.Empty:
                return
            started, calls = time.monotonic(), self._lists.calls()
            failed: ReadFailed | None = None
            try:
                for page in self._lists.pages(row):
                    self._put(events, (row, page))
            except ReadFailed as reason:
                failed = reason
            except BaseException as error:  # noqa: BLE001  # carried to the caller's thread and raised there
                self._put(events, (row, Crashed(error)))
                return
            self._put(events, (row, Ended(failed, self._lists.calls() - calls, time.monotonic() - started)))

    def _put(self, events: queue.Queue[Event], event: Event) -> None:
        while not self._stop.is_set():
            try:
                events.put(event, timeout=LOOK)
            except queue.Full:
                continue
            return

    def _handle(self, row: Resource, event: ListPage | Ended | Crashed) -> Iterator[Page | ScopeOutcome]:
        if isinstance(event, Crashed):
            raise event.error
        if isinstance(event, ListPage):
            if event.restarted:
                self._reader.restart(row)
            assets, broken = self._reader.read(row, event.api, event.items)
            if broken:
                self._progress.broken.setdefault(row.kind, []).extend(broken)
            if assets:
                yield Page(ScopeKey("-", row.kind), assets)
            return
        self._progress.ended[row.kind] = self._judged(row, event)
        if row.kind not in FIRST:
            yield self._outcome(row)

    def _judged(self, row: Resource, ended: Ended) -> Ended:
        """A list with elements that could not be understood was not read to its end."""
        broken = self._progress.broken.get(row.kind)
        if not broken or ended.failed is not None:
            return ended
        names = ", ".join(sorted(set(broken))[:3])
        message = f"{len(broken)} elements of the list are not a {row.type}: {names[:300]}."
        return Ended(ReadFailed(Problem.MALFORMED, message), ended.calls, ended.seconds)

    def _outcome(self, row: Resource, failed: ReadFailed | None = None) -> ScopeOutcome:
        ended = self._progress.ended[row.kind]
        key, reason = ScopeKey("-", row.kind), failed or ended.failed
        del self._progress.open[row.kind]
        if reason is not None:
            return reason.outcome(key, ended.calls, ended.seconds)
        return ScopeOutcome(key, ScopeState.COMPLETE, calls=ended.calls, seconds=ended.seconds)

    def _failed(self, kind: str) -> ReadFailed | None:
        ended = self._progress.ended.get(kind)
        return ended.failed if ended else None

    def _after(self, phase: Sequence[Resource]) -> Iterator[Page | ScopeOutcome]:
        """What can only be said once all lists of a phase have ended."""
        kinds = {row.kind: row for row in phase}
        self._reader.unread_lists(self._rows, {kind: why for kind in kinds if (why := self._failed(kind))})
        if not kinds.keys() & set(FIRST):
            return
        pods, sets = self._failed(POD), self._failed(REPLICA_SET)
        if REPLICA_SET in kinds:
            loose = self._reader.loose_replica_sets(kinds[REPLICA_SET])
            if loose:
                yield Page(ScopeKey("-", REPLICA_SET), loose)
            yield self._outcome(kinds[REPLICA_SET])
        if POD in kinds:
            yield self._outcome(kinds[POD], pods or _unsure(sets))

    def _abandon(self) -> Iterator[ScopeOutcome]:
        for kind in self._progress.open:
            yield cancelled().outcome(ScopeKey("-", kind))


def _unsure(sets: ReadFailed | None) -> ReadFailed | None:
    """Without ReplicaSets it is not known to which workload most pods belong."""
    if sets is None:
        return None
    return ReadFailed(
        sets.problem,
        f"ReplicaSets could not be read, so pods cannot be assigned: {sets.message}",
        ScopeState.INCOMPLETE,
        sets.permission,
    )
