"""The score of a step, in whole numbers: floor, never rounded up, 100 only if exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

RULE_WEIGHTS: Mapping[int, int] = {4: 10, 3: 6, 2: 3, 1: 1}
LEAST_COVERAGE = 80
CAP_SEVERE, CAP_CRITICAL = 49, 69


@dataclass(frozen=True, slots=True)
class Sums:
    """Σ rule weight · asset criticality, by verdict; and the open critical findings that cap the score."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    critical: int = 0
    severe: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.passed + other.passed,
            self.failed + other.failed,
            self.unknown + other.unknown,
            self.critical + other.critical,
            self.severe + other.severe,
        )

    @property
    def known(self) -> int:
        return self.passed + self.failed


@dataclass(frozen=True, slots=True)
class Score:
    """A step's score. `value` and `coverage` are 0 to 100, or None where nothing applies."""

    step: str
    value: int | None
    numerator: int
    denominator: int
    unknown: int
    coverage: int | None
    provisional: bool
    cap: int | None
    cap_reason: str

    @property
    def uncapped(self) -> int | None:
        return percent(self.numerator, self.denominator)

    @property
    def hundredths(self) -> int | None:
        """The score in hundredths of a point, with the cap."""
        return capped(hundredths(self.numerator, self.denominator), self.cap)


@dataclass(frozen=True, slots=True)
class Overall:
    """The mean of the steps that apply, rounded down, and the lowest of them."""

    value: int | None
    lowest: int | None
    lowest_step: str
    numerator: int
    denominator: int


def percent(part: int, whole: int) -> int | None:
    """floor(100 · part / whole); None when there is nothing to divide by."""
    return 100 * part // whole if whole > 0 else None


def hundredths(part: int, whole: int) -> int | None:
    """floor(10,000 · part / whole), kept within 0 and 10,000."""
    return max(0, min(10_000, 10_000 * part // whole)) if whole > 0 else None


def capped(value: int | None, cap: int | None) -> int | None:
    """Hundredths under a cap in points."""
    return value if value is None or cap is None else min(value, 100 * cap)


def score(step: str, sums: Sums) -> Score:
    """The score of one step from its sums."""
    value = percent(sums.passed, sums.known)
    cap, reason = cap_of(sums) if value is not None else (None, "")
    everything = sums.known + sums.unknown
    return Score(
        step=step,
        value=value if value is None or cap is None else min(value, cap),
        numerator=sums.passed,
        denominator=sums.known,
        unknown=sums.unknown,
        coverage=percent(sums.known, everything),
        provisional=100 * sums.known < LEAST_COVERAGE * everything,
        cap=cap,
        cap_reason=reason,
    )


def cap_of(sums: Sums) -> tuple[int | None, str]:
    """The cap that open critical findings put on a step, and why."""
    if sums.severe > 0:
        return CAP_SEVERE, (
            f"{_findings(sums.severe)} on assets that are exposed to the internet or of the highest criticality"
        )
    if sums.critical > 0:
        return CAP_CRITICAL, _findings(sums.critical)
    return None, ""


def _findings(count: int) -> str:
    return "1 open critical finding" if count == 1 else f"{count} open critical findings"


def overall(scores: Iterable[Score], weights: Mapping[str, int]) -> Overall:
    """floor(Σ weight · score / Σ weight) over the steps that apply."""
    applicable = [(weights[s.step], s.value, s.step) for s in scores if s.value is not None]
    if not applicable:
        return Overall(None, None, "", 0, 0)
    numerator = sum(weight * value for weight, value, _ in applicable)
    denominator = sum(weight for weight, _, _ in applicable)
    lowest, step = min((value, step) for _, value, step in applicable)
    return Overall(numerator // denominator, lowest, step, numerator, denominator)


def gain(sums: Sums, fixed: Sums) -> int:
    """Hundredths of a point that a step's score gains when what `fixed` counts as failed and critical is put right."""
    before = score("", sums).hundredths or 0
    after = Sums(
        sums.passed + fixed.failed,
        sums.failed - fixed.failed,
        sums.unknown,
        sums.critical - fixed.critical,
        sums.severe - fixed.severe,
    )
    return (score("", after).hundredths or 0) - before
