"""Sums over tallies: what every score is computed from. For the system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from aispm.core.errors import Invalid
from findings.posture.models import Tally
from findings.posture.rule import STEPS
from findings.posture.scoring import RULE_WEIGHTS, Sums
from inventory.models import Environment

ALL = "all"


@dataclass(slots=True)
class StepSums:
    """One step in one area: sums for the score, open findings by severity, and how many verdicts are unknown."""

    sums: Sums = field(default_factory=Sums)
    open: dict[int, int] = field(default_factory=lambda: {4: 0, 3: 0, 2: 0, 1: 0})
    unanswered: int = 0


Area = Mapping[str, StepSums]


def sums_by_area(only: str | None = None) -> dict[str, Area]:
    """area → step → sums, for every area (or only one) that has tallies. One statement."""
    found: dict[str, dict[str, StepSums]] = {ALL if only is None else only: empty_area()}
    for row in _rows(only):
        for area in _areas(row, only):
            step = found.setdefault(area, empty_area()).get(row["rule__step"])
            if step is not None:
                _add(step, row)
    return dict(found)


def area_filter(area: str, through: str = "") -> Q:
    """The rows of an area: all, source:<id> or environment:<name>; Invalid for anything else. `through`: a relation."""
    kind, _, name = area.partition(":")
    if area == ALL:
        return Q()
    if kind == "environment" and name in Environment.values:
        return Q(**{f"{through}environment": name})
    if kind == "source":
        try:
            return Q(**{f"{through}source_id": UUID(name)})
        except ValueError:
            pass
    raise Invalid(f"There is no area {area[:80]}: use all, source:<id> or environment:<name>.", where="area")


def _rows(only: str | None) -> Any:
    keys = ("rule__step", "rule__severity", *(() if only is not None else ("source_id", "environment")))
    return (
        Tally.objects.filter(area_filter(ALL if only is None else only))
        .values(*keys)
        .annotate(
            passed_=Sum("pass_weight"),
            failed_=Sum("fail_weight"),
            unknown_=Sum("unknown_weight"),
            open_=Sum("open"),
            unanswered_=Sum("unknown"),
            severe_=Sum("severe"),
        )
        .order_by()
    )


def _areas(row: Mapping[str, Any], only: str | None) -> tuple[str, ...]:
    if only is not None:
        return (only,)
    return (ALL, f"source:{row['source_id']}", f"environment:{row['environment']}")


def _add(step: StepSums, row: Mapping[str, Any]) -> None:
    severity = row["rule__severity"]
    weight = RULE_WEIGHTS[severity]
    critical = severity == 4
    step.open[severity] += row["open_"]
    step.unanswered += row["unanswered_"]
    step.sums += Sums(
        weight * row["passed_"],
        weight * row["failed_"],
        weight * row["unknown_"],
        row["open_"] if critical else 0,
        row["severe_"] if critical else 0,
    )


def empty_area() -> dict[str, StepSums]:
    """Sums of an area in which nothing was judged."""
    return {step: StepSums() for step in STEPS}
