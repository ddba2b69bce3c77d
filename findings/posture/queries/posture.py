"""Where posture stands, how it got there, and how to add it up again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from aispm.core.errors import NotAllowed
from findings.posture.models import PostureDay, ScoreChange, Tally
from findings.posture.queries.sums import ALL, Area, area_filter, sums_by_area
from findings.posture.scoring import OVERALL, RULE_WEIGHTS, Overall, Score, Step, five_steps, overall, percent, score
from inventory.models import Source

SEVERITY_NAMES = {4: "critical", 3: "high", 2: "medium", 1: "low"}


@dataclass(frozen=True, slots=True)
class StepPosture:
    """One step: its words, its score, and its open findings by severity ("critical": 3, …)."""

    step: Step
    score: Score
    open: Mapping[str, int]

    @property
    def slug(self) -> str:
        return self.step.slug

    @property
    def title(self) -> str:
        return self.step.title

    @property
    def value(self) -> int | None:
        return self.score.value

    @property
    def open_total(self) -> int:
        return sum(self.open.values())


@dataclass(frozen=True, slots=True)
class Posture:
    """All five steps of an area. `judged_at`: the oldest last evaluation of its sources; None before the first."""

    area: str
    steps: Sequence[StepPosture]
    overall: Overall
    coverage: int | None
    provisional: bool
    weights_version: int
    judged_at: datetime | None

    def step(self, slug: str) -> StepPosture:
        return next(step for step in self.steps if step.slug == slug)

    @property
    def open(self) -> dict[str, int]:
        return {name: sum(step.open[name] for step in self.steps) for name in SEVERITY_NAMES.values()}


def posture_now(user: User, area: str = ALL) -> Posture:
    """From the tallies, in two statements. `area`: all, source:<id> or environment:<name>."""
    _check(user)
    return posture_of(area, sums_by_area(area)[area], judged_at(area))


def posture_of(area: str, sums: Area, judged_at: datetime | None) -> Posture:
    """The posture that some sums give."""
    steps = five_steps()
    found = [
        StepPosture(step, score(step.slug, sums[step.slug].sums), _named(sums[step.slug].open)) for step in steps.steps
    ]
    known = sum(step.score.denominator for step in found)
    everything = known + sum(step.score.unknown for step in found)
    return Posture(
        area=area,
        steps=found,
        overall=overall((step.score for step in found), steps.weights),
        coverage=percent(known, everything),
        provisional=any(step.score.provisional for step in found),
        weights_version=steps.version,
        judged_at=judged_at,
    )


@dataclass(frozen=True, slots=True)
class Trend:
    """One value a day for each step (and "overall"); None where nothing applied or nothing was known yet."""

    area: str
    days: Sequence[date]
    scores: Mapping[str, Sequence[int | None]]
    coverage: Mapping[str, Sequence[int | None]]
    open: Mapping[str, Sequence[int | None]]


def trend(user: User, area: str = ALL, days: int = 30, *, today: date | None = None) -> Trend:
    """The last so many days; a day without a row is as the one before. Two statements."""
    _check(user)
    last = today or timezone.now().date()
    axis = [last - timedelta(days=back) for back in range(days - 1, -1, -1)]
    columns = ("step", "day", "score", "coverage", *SEVERITY_NAMES.values())
    rows: Any = PostureDay.objects.filter(area=area).values_list(*columns, named=True)
    before = rows.filter(day__lt=axis[0]).order_by("step", "-day").distinct("step")
    within = rows.filter(day__gte=axis[0], day__lte=last).order_by("day")
    filled = _filled([*before, *within], axis)
    names = (*five_steps().weights, OVERALL)
    return Trend(
        area=area,
        days=axis,
        scores={name: [row.score if row else None for row in filled[name]] for name in names},
        coverage={name: [row.coverage if row else None for row in filled[name]] for name in names},
        open={
            level: [getattr(row, level) if row else None for row in filled[OVERALL]]
            for level in SEVERITY_NAMES.values()
        },
    )


def _filled(rows: Iterable[Any], axis: Sequence[date]) -> dict[str, list[Any]]:
    names = (*five_steps().weights, OVERALL)
    by_day = {(row.step, max(row.day, axis[0] - timedelta(days=1))): row for row in rows}
    filled: dict[str, list[Any]] = {}
    for name in names:
        current = by_day.get((name, axis[0] - timedelta(days=1)))
        line = []
        for day in axis:
            current = by_day.get((name, day), current)
            line.append(current)
        filled[name] = line
    return filled


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of one step, in hundredths of a point; the parts sum to after - before."""

    at: datetime
    step: str
    before: int | None
    after: int | None
    parts: Sequence[ScoreChange]

    @property
    def points(self) -> int:
        return (self.after or 0) - (self.before or 0)


def score_changes(
    user: User, area: str = ALL, since: datetime | None = None, step: str = "", n: int = 200
) -> list[Movement]:
    """The last movements (from at most n parts), of one step or all, latest first."""
    _check(user)
    rows: QuerySet[ScoreChange] = ScoreChange.objects.filter(area=area, **({"step": step} if step else {}))
    if since is not None:
        rows = rows.filter(at__gte=since)
    grouped: dict[tuple[datetime, str], list[ScoreChange]] = {}
    for row in rows.order_by("-at", "-id")[: n + 1]:
        grouped.setdefault((row.at, row.step), []).append(row)
    if len(grouped) > 1 and sum(map(len, grouped.values())) > n:
        grouped.popitem()  # it may lack parts
    return [Movement(at, step, parts[0].before, parts[0].after, parts) for (at, step), parts in grouped.items()]


@dataclass(frozen=True, slots=True)
class Term:
    """What one rule adds to a step's sums: counts of verdicts, and rule weight times asset criticality."""

    rule_id: str
    title: str
    severity: str
    weight: int
    passed: int
    failed: int
    unknown: int
    not_applicable: int
    pass_weight: int
    fail_weight: int
    unknown_weight: int


def arithmetic(user: User, area: str, step: str) -> list[Term]:
    """The rows that add up to a step's numerator, denominator and unknown weight. One statement."""
    _check(user)
    return terms_of(area, step)


def terms_of(area: str, step: str) -> list[Term]:
    """As `arithmetic`, for whom it may concern."""
    names = ("passed", "failed", "unknown", "not_applicable", "pass_weight", "fail_weight", "unknown_weight")
    rows = (
        Tally.objects.filter(area_filter(area), rule__step=step)
        .values("rule_id", "rule__title", "rule__severity")
        .annotate(**{f"{name}_": Sum(name) for name in names})
        .order_by("-rule__severity", "rule_id")
    )
    return [_term(row) for row in rows]


def _term(row: Mapping[str, Any]) -> Term:
    weight = RULE_WEIGHTS[row["rule__severity"]]
    return Term(
        rule_id=row["rule_id"],
        title=row["rule__title"],
        severity=SEVERITY_NAMES[row["rule__severity"]],
        weight=weight,
        passed=row["passed_"],
        failed=row["failed_"],
        unknown=row["unknown_"],
        not_applicable=row["not_applicable_"],
        pass_weight=weight * row["pass_weight_"],
        fail_weight=weight * row["fail_weight_"],
        unknown_weight=weight * row["unknown_weight_"],
    )


def judged_at(area: str) -> datetime | None:
    sources = Source.objects.exclude(judged_at=None)
    if area.startswith("source:"):
        sources = sources.filter(pk=area.partition(":")[2])
    return sources.order_by("judged_at").values_list("judged_at", flat=True).first()


def _named(open_: Mapping[int, int]) -> dict[str, int]:
    return {SEVERITY_NAMES[level]: count for level, count in open_.items()}


def _check(user: User) -> None:
    if not user.may(Permission.READ_POSTURE):
        raise NotAllowed("You may not see the posture.")
