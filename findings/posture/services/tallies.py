"""Counts that change by differences, in the transaction of what they count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from findings.posture.models import ScoreChange
from findings.posture.rule import Outcome
from findings.posture.scoring import RULE_WEIGHTS
from inventory.services.bulk import execute

LETTERS: Mapping[Outcome, str] = {
    Outcome.PASS: "p",
    Outcome.FAIL: "f",
    Outcome.UNKNOWN: "u",
    Outcome.NOT_APPLICABLE: "n",
}
COLUMNS = ("passed", "failed", "unknown", "not_applicable", "pass_weight", "fail_weight", "unknown_weight", "open",
           "severe")  # fmt: skip
COUNT = {"p": 0, "f": 1, "u": 2, "n": 3}  # places in COLUMNS
WEIGHT = {"p": 4, "f": 5, "u": 6}
OPEN, SEVERE = 7, 8
_NAMES = ", ".join(COLUMNS)
_TYPES = ", ".join(f"{name} int" for name in COLUMNS)
# Rows first, differences after: a difference may be negative where no row may be.
ROWS = """
INSERT INTO posture_tally (source_id, environment, rule_id, {zeros})
SELECT %(source)s, r.environment, r.rule, {values}
FROM json_to_recordset(%(rows)s::json) AS r(environment text, rule text)
ON CONFLICT (source_id, environment, rule_id) DO NOTHING
""".format(zeros=_NAMES, values=", ".join("0" for _ in COLUMNS))
ADD = f"""
UPDATE posture_tally t SET {", ".join(f"{n} = t.{n} + r.{n}" for n in COLUMNS)}
FROM json_to_recordset(%(rows)s::json) AS r(environment text, rule text, {_TYPES})
WHERE t.source_id = %(source)s AND t.environment = r.environment AND t.rule_id = r.rule
"""  # noqa: S608 - only our own constants
CLEAR = f"DELETE FROM posture_tally WHERE source_id = %(source)s AND {' AND '.join(f'{n} = 0' for n in COLUMNS)}"  # noqa: S608
SHIFT = """
INSERT INTO posture_shift AS t (area, step, cause, numerator, denominator)
SELECT r.area, r.step, r.cause, r.numerator, r.denominator
FROM json_to_recordset(%(rows)s::json)
    AS r(area text, step text, cause text, numerator bigint, denominator bigint)
ON CONFLICT (area, step, cause) DO UPDATE SET numerator = t.numerator + EXCLUDED.numerator,
    denominator = t.denominator + EXCLUDED.denominator
"""


@dataclass(frozen=True, slots=True)
class Position:
    """Where an asset's verdicts are counted."""

    environment: str
    criticality: int


def _nothing() -> list[int]:
    return [0] * len(COLUMNS)


@dataclass(slots=True)
class Differences:
    """What a batch changes in the tallies of one source, and why its scores move."""

    tallies: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(_nothing))
    shifts: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def verdict(self, rule: str, position: Position, letter: str, count: int) -> None:
        """Counts so many equal verdicts in, or out when negative."""
        tally = self.tallies[position.environment, rule]
        tally[COUNT[letter]] += count
        if letter in WEIGHT:
            tally[WEIGHT[letter]] += count * position.criticality

    def findings(self, rule: str, environment: str, *, open: int, severe: int) -> None:
        if open or severe:
            tally = self.tallies[environment, rule]
            tally[OPEN] += open
            tally[SEVERE] += severe

    def shift(self, step: str, severity: int, cause: str, old: tuple[str, int], new: tuple[str, int]) -> None:
        """`old` and `new`: letter and criticality of a verdict (or their sum); an empty letter where there is none."""
        weight = RULE_WEIGHTS[severity]
        numerator = weight * ((new[0] == "p") * new[1] - (old[0] == "p") * old[1])
        denominator = weight * ((new[0] in ("p", "f")) * new[1] - (old[0] in ("p", "f")) * old[1])
        if numerator or denominator:
            moved = self.shifts[step, cause]
            moved[0] += numerator
            moved[1] += denominator

    def write(self, source_id: UUID) -> None:
        """At most four statements. Shifts come last: their rows are shared between sources."""
        rows = [
            {"environment": environment, "rule": rule, **dict(zip(COLUMNS, tally, strict=True))}
            for (environment, rule), tally in sorted(self.tallies.items())
            if any(tally)
        ]
        if rows:
            execute(ROWS, rows, source=source_id)
            execute(ADD, rows, source=source_id)
        if any(value < 0 for row in rows for value in row.values() if isinstance(value, int)):
            execute(CLEAR, source=source_id)
        moved = list(self._shift_rows(source_id))
        if moved:
            execute(SHIFT, moved)

    def _shift_rows(self, source_id: UUID) -> Iterable[dict[str, str | int]]:
        for area in sorted(("all", f"source:{source_id}")):
            for (step, cause), (numerator, denominator) in sorted(self.shifts.items()):
                yield {
                    "area": area,
                    "step": step,
                    "cause": cause,
                    "numerator": numerator,
                    "denominator": denominator,
                }


def cause_of(old: str, new: str, *, rule_changed: bool, inputs_changed: bool) -> str:
    """Why a verdict of an asset that stays went from one letter to another."""
    causes = ScoreChange.Cause
    if old == new:
        return causes.RECLASSIFIED
    if rule_changed and not inputs_changed:
        return causes.RULE
    if "u" in (old, new):
        return causes.COVERAGE
    if new == "f":
        return causes.REGRESSION
    return causes.FIX if old == "f" else causes.RECLASSIFIED
