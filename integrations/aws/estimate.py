"""What a collection will cost, before it is made: an upper bound in API calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.aws.table import Each, Named, Resource, Shared

# Tags and key aliases of a region; the rest of both comes in pages of 100.
OPENING_CALLS = 2
PAGE = 50


@dataclass(frozen=True, slots=True)
class Estimate:
    """`lists` is what even an empty account costs; `calls_for` adds what assets cost, by how many there are."""

    lists: int
    table: Mapping[str, Resource]

    def calls_for(self, counts: Mapping[str, int]) -> int:
        """Calls at most, for so many assets of each kind (from the last collection, say)."""
        return self.lists + sum(_cost(resource, counts) for resource in self.table.values())


def estimate(table: Mapping[str, Resource], regions: Sequence[str]) -> Estimate:
    lists = OPENING_CALLS * len(regions)
    shared = set()
    for resource in table.values():
        if isinstance(resource.each, Shared):
            shared.add((resource.client, resource.each.operation))
        elif not resource.for_each:
            lists += 1 if resource.everywhere else len(regions)
    return Estimate(lists + len(shared), table)


def _cost(resource: Resource, counts: Mapping[str, int]) -> int:
    mine = counts.get(resource.kind, 0)
    details = mine * (len(resource.detail) + (1 if resource.batch else 0))
    asked = sum(counts.get(parent, 0) for parent in resource.for_each)
    lists = asked if isinstance(resource.each, Each) else 0
    pages = 0 if isinstance(resource.each, Named) else mine // PAGE
    return details + lists + pages
