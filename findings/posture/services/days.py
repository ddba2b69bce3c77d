"""The posture of the day and the ledger of its movements, written when something moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from findings.posture.models import PostureDay, ScoreChange, Shift
from findings.posture.queries.sums import ALL, Area, empty_area, sums_by_area
from findings.posture.scoring import OVERALL, Score, Standing, five_steps, overall, percent, score, split
from findings.posture.services.batches import LEDGER_LOCK
from inventory.services.bulk import be_patient

SEVERITIES = {4: "critical", 3: "high", 2: "medium", 1: "low"}
COMPARED = ("score", "numerator", "denominator", "unknown", "coverage", "cap", "cap_reason", "critical", "high",
            "medium", "low", "weights")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One posture row as it is now."""

    area: str
    step: str
    values: Mapping[str, Any]

    @property
    def standing(self) -> Standing:
        return Standing(self.values["numerator"], self.values["denominator"], self.values["cap"])


@transaction.atomic
def write_posture(*, source_id: UUID, run: UUID | None) -> None:
    """Brings the rows of the day and the ledger up to the tallies. Writes nothing when nothing moved.

    The time is taken under the lock, so entries of sources judged at the same time follow each other.
    """
    be_patient()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LEDGER_LOCK])
    at = timezone.now()
    own = f"source:{source_id}"
    areas = sums_by_area()
    last = _last(own)
    environments = {area for area in (*areas, *(area for area, _ in last)) if area.startswith("environment:")}
    changed = [
        row
        for area in sorted({ALL, own, *environments})
        for row in _rows(area, areas.get(area) or empty_area())
        if _differs(row, last.get((row.area, row.step)))
    ]
    _write_ledger(changed, last, [ALL, own], at, run)
    _write_days(changed, at)


def _last(own: str) -> dict[tuple[str, str], PostureDay]:
    rows = PostureDay.objects.filter(Q(area__in=[ALL, own]) | Q(area__startswith="environment:"))
    latest = rows.order_by("area", "step", "-day").distinct("area", "step")
    return {(row.area, row.step): row for row in latest}


def _differs(row: Row, before: PostureDay | None) -> bool:
    return before is None or any(getattr(before, name) != row.values[name] for name in COMPARED)


def _rows(area: str, sums: Area) -> Iterator[Row]:
    steps = five_steps()
    scores = [score(slug, step.sums) for slug, step in sums.items()]
    for found in scores:
        open_ = {name: sums[found.step].open[level] for level, name in SEVERITIES.items()}
        yield Row(area, found.step, _values(found) | open_ | {"weights": steps.version})
    mean = overall(scores, steps.weights)
    known = sum(found.denominator for found in scores)
    unknown = sum(found.unknown for found in scores)
    open_ = {name: sum(step.open[level] for step in sums.values()) for level, name in SEVERITIES.items()}
    values = {"score": mean.value, "numerator": mean.numerator, "denominator": mean.denominator, "cap": None}
    values |= {"unknown": unknown, "coverage": percent(known, known + unknown), "weights": steps.version}
    yield Row(area, OVERALL, {**values, **open_, "cap_reason": ""})


def _values(found: Score) -> dict[str, Any]:
    return {
        "score": found.value,
        "numerator": found.numerator,
        "denominator": found.denominator,
        "unknown": found.unknown,
        "coverage": found.coverage,
        "cap": found.cap,
        "cap_reason": found.cap_reason,
    }


def _write_ledger(
    changed: Sequence[Row],
    last: Mapping[tuple[str, str], PostureDay],
    areas: Sequence[str],
    at: datetime,
    run: UUID | None,
) -> None:
    shifts: dict[tuple[str, str], dict[str, tuple[int, int]]] = defaultdict(dict)
    pending = Shift.objects.filter(area__in=areas)
    for area, step, cause, *moved in pending.values_list("area", "step", "cause", "numerator", "denominator"):
        shifts[area, step][cause] = (moved[0], moved[1])
    entries: list[ScoreChange] = []
    for row in changed:
        if row.area not in areas or row.step == OVERALL:
            continue
        earlier = last.get((row.area, row.step))
        before = Standing(earlier.numerator, earlier.denominator, earlier.cap) if earlier else Standing(0, 0, None)
        after = row.standing
        for cause, points in split(before, after, shifts[row.area, row.step]).items():
            entry = {"area": row.area, "step": row.step, "cause": cause, "points": points, "at": at, "run": run}
            entries.append(ScoreChange(before=before.shown, after=after.shown, **entry))
    if entries:
        ScoreChange.objects.bulk_create(entries)
    if shifts:
        pending.delete()


def _write_days(changed: Sequence[Row], at: datetime) -> None:
    if changed:
        PostureDay.objects.bulk_create(
            [PostureDay(day=at.date(), area=row.area, step=row.step, at=at, **row.values) for row in changed],
            update_conflicts=True,
            unique_fields=["area", "step", "day"],
            update_fields=[*COMPARED, "at"],
        )
