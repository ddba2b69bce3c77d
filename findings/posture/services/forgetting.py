"""Taking a source out of the figures before its rows are deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.utils import timezone

from findings.posture.models import Judgement, PostureDay, ScoreChange, Shift
from findings.posture.models import Rule as RuleRow
from findings.posture.queries.reading import reading_of
from findings.posture.rule import rule_set
from findings.posture.services.batches import SIZE, Context, retire_batch
from findings.posture.services.days import write_posture
from findings.posture.services.locking import evaluation_of
from findings.posture.services.writing import Moment
from inventory.models import Source


@contextmanager
def forget_source(*, source: Source, run: UUID, go_on: Callable[[int], bool]) -> Iterator[bool]:
    """Ends every finding of a source as those of assets that are gone; the scores and the ledger follow at once.

    `go_on` is asked before each batch, with the number of assets done. The block is entered with whether all are, and
    nobody judges the source while it runs. Interrupted anywhere, the next call goes on. Raises Busy.
    """
    with evaluation_of(source.pk):
        whole = _retire(source, run, go_on)
        if whole:
            write_posture(source_id=source.pk, run=run)
            for rows in (PostureDay.objects, ScoreChange.objects, Shift.objects):
                rows.filter(area=f"source:{source.pk}").delete()
        yield whole


def _retire(source: Source, run: UUID, go_on: Callable[[int], bool]) -> bool:
    moment = Moment(source.pk, (source.kind, source.external_id), timezone.now(), run)
    stored = RuleRow.objects.defer("document", "kinds").in_bulk()
    context = Context(moment, rules=rule_set([]), digests={}, reading=reading_of(source), stored=stored)
    ids = list(Judgement.objects.filter(source=source).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), SIZE):
        if not go_on(start):
            return False
        retire_batch(context, ids[start : start + SIZE])
    return go_on(len(ids))
