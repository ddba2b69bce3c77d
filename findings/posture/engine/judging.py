"""Judging one asset under many rules. Errors never become a pass: they are unknown, with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import cel

from findings.posture.engine.evidence import LONGEST_TEXT, evidence
from findings.posture.engine.gate import gaps_of, unknown_reads
from findings.posture.engine.plan import plan
from findings.posture.engine.subject import Subject, Verdict
from findings.posture.rule import Outcome, Rule

# What the CEL library raises for a value that an expression does not expect.
_EXPRESSION_ERRORS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
MOST_DISCRIMINATORS = 5_000


class Judge:
    """Judges one subject after another under the same rules. Not for several threads at once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._plan = plan(tuple(rules))
        self._contexts = [cel.Context(variables=group.params()) for group in self._plan.groups]

    def __call__(self, subject: Subject, now: datetime, *, explain: bool = False) -> list[Verdict]:
        """One verdict a rule, in their order. Evidence comes with failures only, unless `explain`."""
        gaps = gaps_of(subject, self._plan.facts)
        verdicts: list[Any] = [None] * self._plan.size
        for group, context in zip(self._plan.groups, self._contexts, strict=True):
            variables = group.variables(subject, now)
            try:
                context.update(variables)
            except _EXPRESSION_ERRORS as error:
                for position, rule, _ in group.rules:
                    verdicts[position] = Verdict(rule.id, Outcome.UNKNOWN, _readable(error))
                continue
            for position, rule, needs in group.rules:
                verdict = _unsure(rule, subject, context) if needs.touched_by(gaps) else None
                verdict = verdict or _judge_one(rule, context)
                if explain or verdict.outcome is Outcome.FAIL:
                    verdict.evidence = evidence(rule.reads, variables)
                verdicts[position] = verdict
        return verdicts


def judge(rules: Sequence[Rule], subject: Subject, now: datetime, *, explain: bool = False) -> list[Verdict]:
    """As `Judge`, for one subject."""
    return Judge(rules)(subject, now, explain=explain)


def _judge_one(rule: Rule, context: cel.Context) -> Verdict:
    try:
        if rule.when_program is not None:
            applies = rule.when_program.execute(context)
            if applies is False:
                return Verdict(rule.id, Outcome.NOT_APPLICABLE)
            if applies is not True:
                return _not_boolean(rule, "when", applies)
        fails = rule.fail_program.execute(context)
        if fails is False:
            return Verdict(rule.id, Outcome.PASS)
        if fails is not True:
            return _not_boolean(rule, "fail", fails)
        return Verdict(rule.id, Outcome.FAIL, discriminators=_discriminators(rule, context))
    except _EXPRESSION_ERRORS as error:
        return Verdict(rule.id, Outcome.UNKNOWN, _readable(error))


def _unsure(rule: Rule, subject: Subject, context: cel.Context) -> Verdict | None:
    """The verdict of a rule some of whose inputs are not known; nothing when it needs none of those."""
    if subject.unreadable and rule.reads:
        return Verdict(rule.id, Outcome.UNKNOWN, subject.unreadable)
    missing = unknown_reads(rule, subject)
    if not missing:
        return None
    if rule.when_program is not None and not (rule.when_reads & missing.keys()):
        try:
            if rule.when_program.execute(context) is False and not _uses_link(rule, missing):
                return Verdict(rule.id, Outcome.NOT_APPLICABLE)
        except _EXPRESSION_ERRORS as error:
            return Verdict(rule.id, Outcome.UNKNOWN, _readable(error))
    return Verdict(rule.id, Outcome.UNKNOWN, next(iter(missing.values())))


def _uses_link(rule: Rule, missing: Mapping[str, str]) -> bool:
    """Whether `when` looks at a link that is not known."""
    program = rule.when_program
    return program is not None and bool(missing.keys() & rule.links.keys() & set(program.variables()))


def _discriminators(rule: Rule, context: cel.Context) -> tuple[str, ...]:
    if rule.discriminator_program is None:
        return ("",)
    named: Any = rule.discriminator_program.execute(context)
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise TypeError("`discriminator` did not give a list of texts")
    if not named:
        raise ValueError("`discriminator` gave an empty list although the rule fails")
    if len(set(named)) > MOST_DISCRIMINATORS:  # cutting the list off would resolve what still fails
        raise ValueError(f"`discriminator` gave more than {MOST_DISCRIMINATORS} names")
    return tuple(sorted(set(named)))


def _not_boolean(rule: Rule, key: str, value: Any) -> Verdict:
    return Verdict(rule.id, Outcome.UNKNOWN, f"`{key}` gave {str(value)[:60]!r}; expected true or false.")


def _readable(error: Exception) -> str:
    text = str(error).split(":", 1)[0] if isinstance(error, TypeError) else str(error).strip("'\"")
    if isinstance(error, LookupError):
        return f"The rule looks at {text[:80]!r}, which is not there."
    if text.startswith("No such overload"):
        return "A value has another type than the rule expects."
    return f"The expression could not be evaluated: {text[:LONGEST_TEXT]}"
