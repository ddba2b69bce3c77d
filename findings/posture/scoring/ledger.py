"""Splits one movement of a score by cause, so that the parts sum exactly to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from findings.posture.scoring.scores import capped, hundredths

# Causes are applied one after another in this order; the last takes what no cause was recorded for.
ORDER = ("gone-asset", "new-asset", "reclassified", "coverage", "fix", "regression", "rule")
CAP = "cap"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a score stands."""

    numerator: int
    denominator: int
    cap: int | None

    @property
    def raw(self) -> int:
        return hundredths(self.numerator, self.denominator) or 0

    @property
    def shown(self) -> int | None:
        return capped(hundredths(self.numerator, self.denominator), self.cap)


def split(before: Standing, after: Standing, shifts: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """{cause: hundredths of a point}, without zeros. `shifts`: cause → change of (numerator, denominator).

    The score is worked out again after each cause in turn; the difference is that cause's part.
    """
    parts: dict[str, int] = {}
    numerator, denominator, last = before.numerator, before.denominator, before.raw
    for cause in ORDER:
        numerator += shifts.get(cause, (0, 0))[0]
        denominator += shifts.get(cause, (0, 0))[1]
        if cause == ORDER[-1]:
            numerator, denominator = after.numerator, after.denominator
        now = hundredths(numerator, denominator) or 0
        parts[cause] = now - last
        last = now
    parts[CAP] = (after.shown or 0) - (before.shown or 0) - sum(parts.values())
    return {cause: points for cause, points in parts.items() if points}
