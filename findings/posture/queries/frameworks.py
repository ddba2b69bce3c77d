"""How the controls of the frameworks come out, from the rules that are mapped to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Sum

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from aispm.core.errors import NotAllowed
from findings.posture.models import Rule as RuleRow
from findings.posture.queries.in_force import rulebook
from findings.posture.rule import Control, Framework, Rule, frameworks
from findings.posture.scoring import percent
from inventory import queries as inventory

COUNTS = ("failed", "unknown", "passed", "not_applicable", "open")


class Standing(StrEnum):
    """How a control comes out."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105
    NOT_APPLICABLE = "not-applicable"
    NOT_ASKED = "not-asked"
    NOT_AUTOMATABLE = "not-automatable"


@dataclass(frozen=True, slots=True)
class AskedRule:
    """A rule that is mapped to a control, and its verdicts. `unread`: assets it would ask may be there unseen.

    `known`: it has been asked before, so that it has a page of its own."""

    rule: Rule
    known: bool
    unread: bool
    failed: int = 0
    unknown: int = 0
    passed: int = 0
    not_applicable: int = 0
    open: int = 0

    @property
    def standing(self) -> Standing:
        if self.failed or self.open:
            return Standing.FAIL
        if self.unknown or self.unread:
            return Standing.UNKNOWN
        return Standing.PASS if self.passed else Standing.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class ControlStanding:
    """One control with the rules that ask it, those that fail first. Counts are verdicts, summed over its rules."""

    control: Control
    rules: Sequence[AskedRule]

    @property
    def standing(self) -> Standing:
        """The worst of its rules; what does not apply says nothing as long as another rule has an answer."""
        if not self.rules:
            return Standing.NOT_ASKED if self.control.automatable else Standing.NOT_AUTOMATABLE
        found = {asked.standing for asked in self.rules}
        return next(standing for standing in Standing if standing in found)

    @property
    def failed(self) -> int:
        return sum(asked.failed for asked in self.rules)

    @property
    def unknown(self) -> int:
        return sum(asked.unknown for asked in self.rules)

    @property
    def passed(self) -> int:
        return sum(asked.passed for asked in self.rules)

    @property
    def not_applicable(self) -> int:
        return sum(asked.not_applicable for asked in self.rules)

    @property
    def open(self) -> int:
        """Open findings under its rules, stale ones too."""
        return sum(asked.open for asked in self.rules)


@dataclass(frozen=True, slots=True)
class FrameworkStanding:
    """A framework with its controls, in the order of its catalogue."""

    framework: Framework
    controls: Sequence[ControlStanding]

    @property
    def size(self) -> int:
        return len(self.controls)

    @property
    def counts(self) -> Mapping[str, int]:
        """Controls by standing, every standing named."""
        found = Counter(control.standing for control in self.controls)
        return {standing.value: found[standing] for standing in Standing}

    @property
    def answered(self) -> int:
        """Controls that pass or fail."""
        return self.counts[Standing.PASS] + self.counts[Standing.FAIL]

    @property
    def answerable(self) -> int:
        """Controls that apply here and that settings can answer."""
        counts = self.counts
        return self.size - counts[Standing.NOT_APPLICABLE] - counts[Standing.NOT_AUTOMATABLE]

    @property
    def coverage(self) -> int | None:
        """Percent of those with an answer; None where there are none."""
        return percent(self.answered, self.answerable)


def frameworks_for(user: User) -> list[FrameworkStanding]:
    """Every framework, in two statements."""
    asked = _asked(user)
    return [_standing(framework, asked) for framework in frameworks().values()]


def framework_for(user: User, slug: str) -> FrameworkStanding | None:
    """One framework, in two statements."""
    framework = frameworks().get(slug)
    return _standing(framework, _asked(user)) if framework else None


def _standing(framework: Framework, asked: Sequence[AskedRule]) -> FrameworkStanding:
    mapped: dict[str, list[AskedRule]] = defaultdict(list)
    for entry in asked:
        for control in entry.rule.maps.get(framework.id, ()):
            mapped[control].append(entry)
    return FrameworkStanding(
        framework, [ControlStanding(control, mapped.get(control.id, [])) for control in framework.controls.values()]
    )


def _asked(user: User) -> list[AskedRule]:
    """The rules in force with their verdicts, in the order in which they want to be looked at."""
    if not user.may(Permission.READ_POSTURE):
        raise NotAllowed("You may not see the posture.")
    counted = _verdicts()
    unread = inventory.kinds_not_read(user)
    found = [_with_verdicts(rule, counted.get(rule.id), unread) for rule in rulebook().rules]
    order = list(Standing)
    return sorted(found, key=lambda entry: (order.index(entry.standing), -entry.rule.severity, entry.rule.id))


def _with_verdicts(rule: Rule, counts: Mapping[str, int] | None, unread: Iterable[str]) -> AskedRule:
    return AskedRule(rule, counts is not None, not rule.kinds.isdisjoint(unread), **(counts or {}))


def _verdicts() -> dict[str, dict[str, int]]:
    """rule → counts of its verdicts, and of its open findings."""
    rows: Any = RuleRow.objects.filter(withdrawn_at=None).order_by()
    sums = {f"{name}_": Sum(f"tallies__{name}", default=0) for name in COUNTS}
    found = rows.values("pk").annotate(**sums)
    return {row["pk"]: {name: row[f"{name}_"] for name in COUNTS} for row in found}
