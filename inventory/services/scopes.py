"""The rows that say how completely each part of a source was read, and what a complete reading retires."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from inventory import cleaning
from inventory.documents import ScopeKey, ScopeOutcome, ScopeState
from inventory.models import Scope, Source
from inventory.services.bulk import execute, mark_for_derivation

RETIRE = """
UPDATE inventory_asset SET gone_at = %(at)s, facts_digest = '' WHERE id IN (
    SELECT id FROM inventory_asset WHERE scope_id = %(scope)s AND gone_at IS NULL AND id <> ALL(%(seen)s)
        AND last_seen <= %(at)s
    ORDER BY id FOR NO KEY UPDATE)
RETURNING id
"""
RETIRE_NAMED = """
UPDATE inventory_asset SET gone_at = %(at)s, facts_digest = '' WHERE id IN (
    SELECT id FROM inventory_asset WHERE scope_id = %(scope)s AND gone_at IS NULL AND external_id = ANY(%(refs)s)
    ORDER BY id FOR NO KEY UPDATE)
RETURNING id
"""
NO_LONGER_CHOSEN = "The region is no longer chosen."
LED_TO = "SELECT DISTINCT target_id FROM inventory_link WHERE origin_id = ANY(%(ids)s) AND target_id IS NOT NULL"


class ScopeBook:
    """The scope rows of one source, each made when it is first named."""

    def __init__(self, source: Source, at: datetime) -> None:
        self._source, self._at = source, at
        rows = Scope.objects.filter(source=source).values_list("region", "collector", "id")
        self._ids = {ScopeKey(region, collector): id for region, collector, id in rows}

    def id_of(self, key: ScopeKey) -> UUID:
        fitted = _fitted(key)
        if fitted not in self._ids:
            scope, _made = Scope.objects.get_or_create(
                source=self._source, region=fitted.region, collector=fitted.collector
            )
            self._ids[fitted] = scope.pk
        return self._ids[fitted]

    def close(self, outcome: ScopeOutcome, *, assets: int) -> None:
        """Writes how the reading ended. What an unfinished one did not see still counts."""
        rows = Scope.objects.filter(pk=self.id_of(outcome.key))
        values: dict[str, object] = {
            "state": outcome.state,
            "problem": outcome.problem.value if outcome.problem else "",
            "message": cleaning.text(outcome.message),
            "permission": cleaning.cut(outcome.permission, 120),
            "calls": outcome.calls,
            "seconds": outcome.seconds,
            "attempted_at": self._at,
        }
        if outcome.state is ScopeState.COMPLETE:
            values |= {"assets": assets, "complete_at": self._at}
        rows.update(**values)
        if assets and outcome.state is not ScopeState.COMPLETE:
            self.count(outcome.key)

    def count(self, key: ScopeKey) -> None:
        """How many assets the scope has, after some came or went."""
        rows = Scope.objects.filter(pk=self.id_of(key))
        rows.update(assets=rows.get().scoped_assets.filter(gone_at=None).count())

    def drop(self, key: ScopeKey) -> None:
        """The scope vouches for nothing from now on, and is no gap."""
        values: dict[str, object] = {"state": ScopeState.NOT_CHOSEN, "message": NO_LONGER_CHOSEN, "assets": 0}
        Scope.objects.filter(pk=self.id_of(key)).update(problem="", permission="", attempted_at=self._at, **values)


def retire_unseen(*, scope: UUID, seen: set[UUID], at: datetime) -> set[UUID]:
    """Marks as gone what a complete reading of the scope did not show."""
    return _retired({id for (id,) in execute(RETIRE, scope=scope, seen=sorted(seen), at=at)})


def retire_named(*, scope: UUID, refs: Sequence[str], at: datetime) -> set[UUID]:
    """Marks as gone what somebody saw go, by external id."""
    return _retired({id for (id,) in execute(RETIRE_NAMED, scope=scope, refs=list(refs), at=at)})


def _retired(gone: set[UUID]) -> set[UUID]:
    if gone:
        mark_for_derivation({target for (target,) in execute(LED_TO, ids=sorted(gone))} - gone)
    return gone


def _fitted(key: ScopeKey) -> ScopeKey:
    return ScopeKey(cleaning.fit(key.region or "-", 40), cleaning.fit(key.collector, 100))
