"""What a verdict means for the findings that exist: a pure comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aispm.core.models import new_id
from findings.posture.engine import Verdict
from findings.posture.models import Resolution, Status, Transition
from findings.posture.rule import Outcome, Rule

Cause = Transition.Cause
DAYS_TO_FIX: Mapping[int, int] = {4: 7, 3: 14, 2: 30, 1: 90}


@dataclass(frozen=True, slots=True)
class State:
    """The columns of a finding that an evaluation decides."""

    id: UUID
    rule_id: str
    discriminator: str
    title: str
    step: str
    severity: int
    environment: str
    status: str
    resolution: str
    stale: bool
    stale_reason: str
    priority: int
    fix_key: str
    evidence: Mapping[str, Any]
    factors: Sequence[Mapping[str, Any]]
    opened_at: datetime
    first_seen: datetime
    resolved_at: datetime | None
    due_at: datetime | None

    @property
    def open(self) -> bool:
        return self.status == Status.OPEN

    @property
    def severe(self) -> bool:
        return self.open and self.severity == 4


@dataclass(frozen=True, slots=True)
class Change:
    """A finding before and after; without `cause` it is still the same episode, with other values."""

    before: State | None
    after: State
    cause: Cause | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for every rule of one asset. `rank`: severity → priority and its factors."""

    at: datetime
    environment: str
    rank: Callable[[int], tuple[int, Sequence[Mapping[str, Any]]]]
    inputs_changed: bool


def settle(
    rule: Rule, verdict: Verdict, known: Sequence[State], setting: Setting, *, rule_changed: bool
) -> Iterator[Change]:
    """What becomes of the findings of one rule on one asset."""
    standing = [state for state in known if state.status != Status.RESOLVED]
    because_of_rule = rule_changed and not setting.inputs_changed
    if verdict.outcome is Outcome.UNKNOWN:
        yield from _stale(rule, standing, verdict.reason, setting)
    elif verdict.outcome is Outcome.FAIL:
        yield from _failing(rule, verdict, known, setting, because_of_rule=because_of_rule)
    elif because_of_rule:
        yield from resolve(standing, Resolution.RULE_CHANGED, Cause.RULE_CHANGED, setting.at)
    elif verdict.outcome is Outcome.PASS:
        yield from resolve(standing, Resolution.FIXED, Cause.FIX, setting.at)
    else:
        yield from resolve(standing, Resolution.NOT_APPLICABLE, Cause.NOT_APPLICABLE, setting.at)


def resolve(
    known: Sequence[State], resolution: Resolution, cause: Cause, at: datetime, note: str = ""
) -> Iterator[Change]:
    """Ends those that are not resolved yet."""
    for state in known:
        if state.status != Status.RESOLVED:
            after = replace(
                state, status=Status.RESOLVED, resolution=resolution, resolved_at=at, stale=False, stale_reason=""
            )
            yield Change(state, after, cause, note)


def _stale(rule: Rule, standing: Sequence[State], reason: str, setting: Setting) -> Iterator[Change]:
    for state in standing:
        after = replace(_described(rule, state, setting), stale=True, stale_reason=reason[:300])
        if after != state:
            yield Change(state, after, None if state.stale else Cause.COVERAGE_LOST, reason[:300])


def _described(rule: Rule, state: State, setting: Setting) -> State:
    """With the words and weights that the rule and the asset give it now."""
    priority, factors = setting.rank(rule.severity)
    return replace(
        state,
        title=rule.title,
        step=rule.step,
        severity=rule.severity,
        environment=setting.environment,
        priority=priority,
        fix_key=rule.fix.key_of(state.evidence),
        factors=factors,
        due_at=state.opened_at + timedelta(days=DAYS_TO_FIX[rule.severity]),
    )


def _failing(
    rule: Rule, verdict: Verdict, known: Sequence[State], setting: Setting, *, because_of_rule: bool
) -> Iterator[Change]:
    by_name = {state.discriminator: state for state in known}
    for name in verdict.discriminators:
        before = by_name.pop(name, None)
        if before is not None and _goes_on(before, rule, verdict, setting):
            continue
        after = _standing(rule, verdict, name, before, setting)
        yield Change(before, after, _cause(before, because_of_rule=because_of_rule))
    passed = list(by_name.values())
    if because_of_rule:
        yield from resolve(passed, Resolution.RULE_CHANGED, Cause.RULE_CHANGED, setting.at)
    else:
        yield from resolve(passed, Resolution.FIXED, Cause.FIX, setting.at)


def _goes_on(state: State, rule: Rule, verdict: Verdict, setting: Setting) -> bool:
    """Whether the finding stands as it stood: the common case, asked without making anything."""
    return (
        state.status != Status.RESOLVED
        and not state.stale
        and state.evidence == verdict.evidence
        and state.severity == rule.severity
        and state.environment == setting.environment
        and (state.priority, state.factors) == setting.rank(rule.severity)
        and (state.title, state.step, state.fix_key) == (rule.title, rule.step, rule.fix.key_of(state.evidence))
    )


def _cause(before: State | None, *, because_of_rule: bool) -> Cause | None:
    if before is None:
        return Cause.NEW
    if before.status == Status.RESOLVED:
        if before.resolution == Resolution.NOT_CHOSEN:
            return Cause.COVERAGE_BACK
        return Cause.RULE_CHANGED if because_of_rule else Cause.REGRESSION
    return Cause.COVERAGE_BACK if before.stale else None


def _standing(rule: Rule, verdict: Verdict, name: str, before: State | None, setting: Setting) -> State:
    """The finding as it stands now: new, reopened, or going on."""
    if before is None:
        return _new(rule, verdict, name, setting)
    state = before
    if state.status == Status.RESOLVED:
        state = replace(state, status=Status.OPEN, resolution="", resolved_at=None, opened_at=setting.at)
    state = replace(state, stale=False, stale_reason="", evidence=verdict.evidence)
    return _described(rule, state, setting)


def _new(rule: Rule, verdict: Verdict, name: str, setting: Setting) -> State:
    priority, factors = setting.rank(rule.severity)
    return State(
        id=new_id(),
        rule_id=rule.id,
        discriminator=name,
        title=rule.title,
        step=rule.step,
        severity=rule.severity,
        environment=setting.environment,
        status=Status.OPEN,
        resolution="",
        stale=False,
        stale_reason="",
        priority=priority,
        fix_key=rule.fix.key_of(verdict.evidence),
        evidence=verdict.evidence,
        factors=factors,
        opened_at=setting.at,
        first_seen=setting.at,
        resolved_at=None,
        due_at=setting.at + timedelta(days=DAYS_TO_FIX[rule.severity]),
    )
