"""In which order scopes are read: regional tables first, parents before children, what is referred to last."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from integrations.aws.opening import REGION, Opening
from integrations.aws.reading import Reading
from integrations.aws.references import target_kinds
from integrations.aws.table import ALL_REGIONS, Resource, Shared
from integrations.aws.walker import Walk, walk_shared
from inventory.documents import ScopeKey


@dataclass(frozen=True, slots=True)
class Job:
    """A unit of work that closes one scope, or several that share their list call."""

    keys: tuple[ScopeKey, ...]
    after: frozenset[ScopeKey]
    run: Callable[[Reading], None]


def keys_of(table: Mapping[str, Resource], regions: Sequence[str]) -> list[ScopeKey]:
    """Every scope that a collection closes."""
    keys = [ScopeKey(region, REGION) for region in regions]
    for resource in table.values():
        places = (ALL_REGIONS,) if resource.everywhere else regions
        keys.extend(ScopeKey(region, resource.kind) for region in places)
    return keys


def jobs_of(table: Mapping[str, Resource], regions: Sequence[str]) -> list[Job]:
    """The work, each with the scopes that must be closed before it starts."""
    keys = keys_of(table, regions)
    jobs = [Job((ScopeKey(region, REGION),), frozenset(), _opening(region)) for region in regions]
    shared: dict[tuple[str, str], list[Resource]] = {}
    for resource in table.values():
        if isinstance(resource.each, Shared):
            shared.setdefault((resource.client, resource.each.operation), []).append(resource)
            continue
        for region in (ALL_REGIONS,) if resource.everywhere else regions:
            key = ScopeKey(region, resource.kind)
            jobs.append(Job((key,), _before(resource, region, table, keys), _walk(resource, region)))
    for group in shared.values():
        grouped = tuple(ScopeKey(ALL_REGIONS, resource.kind) for resource in group)
        jobs.append(Job(grouped, frozenset(), _shared(tuple(group))))
    return jobs


def _before(
    resource: Resource, region: str, table: Mapping[str, Resource], keys: Iterable[ScopeKey]
) -> frozenset[ScopeKey]:
    named = {*resource.after, *resource.asks_of()}
    found = set()
    for key in keys:
        if key.collector == resource.kind or (region != ALL_REGIONS and key.region not in (region, ALL_REGIONS)):
            continue
        if key.collector == REGION:
            if region != ALL_REGIONS or resource.context:
                found.add(key)
        elif key.collector in named or (resource.late and _may_refer(table[key.collector], resource)):
            found.add(key)
    return frozenset(found)


def _may_refer(other: Resource, late: Resource) -> bool:
    """Late scopes wait for those whose links may lead to them; of two late ones the global one waits."""
    earlier = not other.late or (late.everywhere and not other.everywhere)
    return earlier and any(late.kind in target_kinds(link) for link in other.links)


def _opening(region: str) -> Callable[[Reading], None]:
    return lambda reading: Opening(region, reading).run()


def _walk(resource: Resource, region: str) -> Callable[[Reading], None]:
    return lambda reading: Walk(resource, region, reading).run()


def _shared(group: tuple[Resource, ...]) -> Callable[[Reading], None]:
    return lambda reading: walk_shared([Walk(resource, ALL_REGIONS, reading) for resource in group])


class Waiting:
    """Jobs that have not started; gives those whose predecessors are closed."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = list(jobs)
        self._closed: set[ScopeKey] = set()
        self._lock = threading.Lock()

    def ready(self, closed: Iterable[ScopeKey] = ()) -> list[Job]:
        with self._lock:
            self._closed.update(closed)
            ready = [job for job in self._jobs if job.after <= self._closed]
            self._jobs = [job for job in self._jobs if not job.after <= self._closed]
            return ready
