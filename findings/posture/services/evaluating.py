"""Evaluates a source: incremental, repeatable, and whole after any interruption."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import structlog
from django.utils import timezone

from aispm.core.memory import rare_collection
from findings.posture.models import Finding, Judgement, Transition
from findings.posture.models import Rule as RuleRow
from findings.posture.queries.in_force import applied_digest, applied_digests
from findings.posture.queries.reading import reading_of
from findings.posture.services.batches import SIZE, Context, Counted, judge_batch, retire_batch
from findings.posture.services.days import write_posture
from findings.posture.services.due import due
from findings.posture.services.locking import evaluation_of
from findings.posture.services.rules import sync_rules
from findings.posture.services.writing import Moment
from inventory.models import Source
from inventory.services.statistics import Statistics

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an evaluation did: assets judged, findings opened, resolved, gone stale."""

    judged: int
    opened: int
    resolved: int
    staled: int


@rare_collection()
def evaluate(*, source: Source, run: UUID | None = None, cancelled: Callable[[], bool] = lambda: False) -> Evaluated:
    """Judges what has to be judged again and brings findings, tallies, scores and ledger up to it.

    Interrupted anywhere, the next call goes on. Raises Busy while another process does the same. A source that was
    removed meanwhile is left alone.
    """
    with evaluation_of(source.pk):
        if not Source.objects.filter(pk=source.pk).exists():
            return Evaluated(0, 0, 0, 0)
        context = _context(source, run, timezone.now())
        work = due(context.rules, context.digests, context.reading)
        counted, statistics = Counted(), Statistics(Finding, Transition, Judgement)
        for ids in _batches(work.gone):
            counted.include(retire_batch(context, ids))
        for ids in _batches(list(work.assets)):
            if cancelled():
                break
            done = judge_batch(context, {id: work.assets[id] for id in ids})
            counted.include(done)
            statistics.wrote(done.opened)
        else:
            _mark(source, context)
        write_posture(source_id=source.pk, run=run)
    ended = Evaluated(counted.judged, counted.opened, counted.resolved, counted.staled)
    log.info("source_evaluated", source=source.name, judged=ended.judged, opened=ended.opened, resolved=ended.resolved)
    return ended


def leave_unjudged(*, source: Source) -> None:
    """A run was cut short: everything of this source has to be derived and judged again, whatever its rules."""
    Source.objects.filter(pk=source.pk).update(rules_digest="", derived_digest="")


def _context(source: Source, run: UUID | None, at: datetime) -> Context:
    rules = sync_rules(at=at)
    return Context(
        moment=Moment(source.pk, (source.kind, source.external_id), at, run),
        rules=rules,
        digests=applied_digests(rules, at),
        reading=reading_of(source),
        stored=RuleRow.objects.defer("document", "kinds").in_bulk(),
    )


def _mark(source: Source, context: Context) -> None:
    source.judged_at = context.moment.at
    source.rules_digest = applied_digest(context.rules, context.moment.at)
    source.save(update_fields=["judged_at", "rules_digest"])


def _batches(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), SIZE):
        yield ids[start : start + SIZE]
