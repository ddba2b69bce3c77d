"""One batch of assets: judged, compared with what was known, and written in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from findings.posture.engine import Judge, Verdict
from findings.posture.models import Judgement, Resolution, ScoreChange, Status
from findings.posture.models import Rule as RuleRow
from findings.posture.queries.reading import Reading
from findings.posture.queries.subjects import Loaded, Row, load, rows_of
from findings.posture.rule import Outcome, RuleSet
from findings.posture.scoring import Circumstances, priority
from findings.posture.services.changes import Cause, Change, Setting, State, resolve, settle
from findings.posture.services.tallies import LETTERS, Differences, Position, cause_of
from findings.posture.services.writing import (
    Moment,
    known_findings,
    write_changes,
    write_judgements,
)
from inventory.cleaning import fit
from inventory.services.bulk import be_patient
from inventory.services.scopes import NO_LONGER_CHOSEN

SIZE = 1000
LEDGER_LOCK = 7_301_002
LONGEST_NAME = 200
_UNNAMED = ((), ("",))


@dataclass(frozen=True, slots=True)
class Context:
    """What is the same for every batch of an evaluation. `digests`: kind → digest of the rules applied."""

    moment: Moment
    rules: RuleSet
    digests: Mapping[str, str]
    reading: Reading
    stored: Mapping[str, RuleRow]
    judges: dict[str, Judge] = field(default_factory=dict)

    def judge_of(self, kind: str) -> Judge:
        if kind not in self.judges:
            self.judges[kind] = Judge(self.rules.for_kind(kind))
        return self.judges[kind]


@dataclass(slots=True)
class Counted:
    """What an evaluation did."""

    judged: int = 0
    opened: int = 0
    resolved: int = 0
    staled: int = 0

    def include(self, other: Counted) -> None:
        self.judged += other.judged
        self.opened += other.opened
        self.resolved += other.resolved
        self.staled += other.staled

    def add(self, changes: Iterable[Change]) -> None:
        for change in changes:
            before = change.before
            was = before is not None and before.status != Status.RESOLVED
            now = change.after.status != Status.RESOLVED
            self.opened += now and not was
            self.resolved += was and not now
            self.staled += change.after.stale and not (before is not None and before.stale)


@dataclass(slots=True)
class Batch:
    """Collects what has to be written."""

    context: Context
    old: Mapping[UUID, Judgement]
    known: Mapping[tuple[UUID, str], list[State]]
    changes: list[tuple[Row, Change]] = field(default_factory=list)
    judgements: list[dict[str, Any]] = field(default_factory=list)
    forgotten: list[UUID] = field(default_factory=list)
    differences: Differences = field(default_factory=Differences)
    fresh: Counter[tuple[str, str, str, int]] = field(default_factory=Counter)  # verdicts of new assets

    def judged(self, loaded: Loaded, inputs: str) -> None:
        """One asset under the rules for its kind."""
        row = loaded.row
        rules = self.context.rules.for_kind(row.kind)
        old = self.old.get(row.id)
        verdicts = _fitted(self.context.judge_of(row.kind)(loaded.subject, self.context.moment.at))
        setting = self._setting(row, old, inputs)
        before = old.verdicts if old is not None else {}
        stays = old is not None and _place(row) == (old.environment, old.criticality, old.exposed)
        for rule, verdict in zip(rules, verdicts, strict=True):
            known = self.known.get((row.id, rule.id), ())
            if known or verdict.outcome is Outcome.FAIL:
                changed = self._rule_changed(rule.id, old)
                made = list(settle(rule, verdict, known, setting, rule_changed=changed))
                if made or not stays:
                    self._count_findings(row, old, rule.id, made)
            letter = LETTERS[verdict.outcome]
            if old is None:
                self.fresh[rule.id, letter, row.environment, row.criticality] += 1
            elif not stays or before.get(rule.id) != letter:
                self._count_verdict(row, old, (rule.id, letter), setting)
        self._no_longer_asked(row, old, {rule.id for rule in rules})
        standing = {} if old is None else self._held(row, old, setting, stays=stays)
        if rules or standing:
            self._judgement(row, verdicts, standing, inputs)
        else:
            self.forgotten.append(row.id)

    def gone(self, row: Row) -> None:
        """One asset that no longer exists, or that nobody looks for any more: that is coverage given up, no fix."""
        old = self.old[row.id]
        resolution, cause, note = Resolution.ASSET_GONE, Cause.ASSET_GONE, ""
        if row.unchosen:
            resolution, cause, note = Resolution.NOT_CHOSEN, Cause.COVERAGE_LOST, NO_LONGER_CHOSEN
        why = ScoreChange.Cause.COVERAGE if row.unchosen else ScoreChange.Cause.GONE_ASSET
        for rule_id in old.verdicts:
            known = self.known.get((row.id, rule_id), ())
            made = list(resolve(known, resolution, cause, self.context.moment.at, note))
            self._count_findings(row, old, rule_id, made)
            self._count_out(old, rule_id, why)
        self.forgotten.append(row.id)

    def write(self) -> None:
        """At most nine statements."""
        for (rule_id, letter, environment, criticality), count in self.fresh.items():
            self._count_new(rule_id, letter, Position(environment, criticality), count)
        write_changes(self.changes, self.context.moment)
        write_judgements(self.judgements, self.forgotten, self.context.moment)
        self.differences.write(self.context.moment.source_id)

    def _setting(self, row: Row, old: Judgement | None, inputs: str) -> Setting:
        return Setting(
            at=self.context.moment.at,
            environment=row.environment,
            rank=lambda severity: _rank(severity, row.exposure, row.data_class, row.criticality, row.ai_role),
            inputs_changed=old is None or old.inputs != inputs,
        )

    def _rule_changed(self, rule_id: str, old: Judgement | None) -> bool:
        if old is None:
            return False
        return rule_id not in old.verdicts or self.context.stored[rule_id].changed_at > old.at

    def _no_longer_asked(self, row: Row, old: Judgement | None, asked: set[str]) -> None:
        """Rules that were withdrawn or ask about other kinds now."""
        for rule_id in old.verdicts if old is not None else ():
            if rule_id in asked or rule_id in self.context.rules.held or old is None:
                continue
            withdrawn = rule_id not in self.context.rules.by_id
            resolution = Resolution.RULE_WITHDRAWN if withdrawn else Resolution.RULE_CHANGED
            note = "The rule was withdrawn." if withdrawn else "The rule asks about other assets now."
            known = self.known.get((row.id, rule_id), ())
            made = list(resolve(known, resolution, Cause.RULE_CHANGED, self.context.moment.at, note))
            self._count_findings(row, old, rule_id, made)
            self._count_out(old, rule_id, ScoreChange.Cause.RULE)

    def _held(self, row: Row, old: Judgement, setting: Setting, *, stays: bool) -> dict[str, str]:
        """What rules said that cannot be asked now. It stands, and counts where the asset counts."""
        standing = {id: letter for id, letter in old.verdicts.items() if id in self.context.rules.held}
        for rule_id, letter in {} if stays else standing.items():
            known = self.known.get((row.id, rule_id), ())
            made = [Change(state, replace(state, environment=row.environment), None) for state in known]
            self._count_findings(row, old, rule_id, made)
            self._count_verdict(row, old, (rule_id, letter), setting)
        return standing

    def _count_new(self, rule_id: str, letter: str, here: Position, count: int) -> None:
        self.differences.verdict(rule_id, here, letter, count)
        stored = self.context.stored[rule_id]
        now = (letter, count * here.criticality)
        self.differences.shift(stored.step, stored.severity, ScoreChange.Cause.NEW_ASSET, ("", 0), now)

    def _count_verdict(self, row: Row, old: Judgement, now: tuple[str, str], setting: Setting) -> None:
        rule_id, letter = now
        before = old.verdicts.get(rule_id, "")
        if before:
            self.differences.verdict(rule_id, Position(old.environment, old.criticality), before, -1)
        self.differences.verdict(rule_id, Position(row.environment, row.criticality), letter, 1)
        cause = str(ScoreChange.Cause.RULE)
        if before:
            changed = self._rule_changed(rule_id, old)
            cause = cause_of(before, letter, rule_changed=changed, inputs_changed=setting.inputs_changed)
        stored = self.context.stored[rule_id]
        was = (before, old.criticality)
        self.differences.shift(stored.step, stored.severity, cause, was, (letter, row.criticality))

    def _count_out(self, old: Judgement, rule_id: str, cause: str) -> None:
        letter = old.verdicts[rule_id]
        self.differences.verdict(rule_id, Position(old.environment, old.criticality), letter, -1)
        stored = self.context.stored[rule_id]
        self.differences.shift(stored.step, stored.severity, cause, (letter, old.criticality), ("", 0))

    def _count_findings(self, row: Row, old: Judgement | None, rule_id: str, made: Sequence[Change]) -> None:
        self.changes += [(row, change) for change in made]
        known = self.known.get((row.id, rule_id), [])
        after = {state.id: state for state in known} | {change.after.id: change.after for change in made}
        before_place = old.environment if old is not None else row.environment
        exposed_before = old.exposed if old is not None else False
        self._open(rule_id, before_place, known, -1, exposed=exposed_before)
        self._open(rule_id, row.environment, list(after.values()), 1, exposed=_exposed(row))

    def _open(self, rule_id: str, environment: str, states: Sequence[State], sign: int, *, exposed: bool) -> None:
        count = sum(state.open for state in states)
        severe = sum(state.severe for state in states) if exposed else 0
        self.differences.findings(rule_id, environment, open=sign * count, severe=sign * severe)

    def _judgement(self, row: Row, verdicts: Sequence[Verdict], standing: Mapping[str, str], inputs: str) -> None:
        self.judgements.append(
            {
                "asset_id": row.id,
                **dict(zip(("environment", "criticality", "exposed"), _place(row), strict=True)),
                "verdicts": {**standing, **{verdict.rule_id: LETTERS[verdict.outcome] for verdict in verdicts}},
                "inputs": inputs,
                "rules": self.context.digests[row.kind],
            }
        )


@transaction.atomic
def judge_batch(context: Context, assets: Mapping[UUID, str]) -> Counted:
    """`assets`: id → digest of its inputs. A constant number of statements."""
    ids = sorted(assets)
    _share_ledger()
    batch = _batch(context, ids)
    loaded = load(ids, context.rules, context.reading)
    for one in loaded:
        batch.judged(one, assets[one.row.id])
    return _finish(batch, judged=len(loaded))


@transaction.atomic
def retire_batch(context: Context, ids: Sequence[UUID]) -> Counted:
    """Assets that are gone: their findings are resolved, their verdicts no longer count."""
    _share_ledger()
    batch = _batch(context, ids)
    for row in rows_of(ids):
        if row.id in batch.old:
            batch.gone(row)
    return _finish(batch, judged=0)


def _batch(context: Context, ids: Sequence[UUID]) -> Batch:
    old = Judgement.objects.in_bulk(list(ids))
    return Batch(context, old, known_findings(ids))


def _finish(batch: Batch, judged: int) -> Counted:
    batch.write()
    counted = Counted(judged=judged)
    counted.add(change for _, change in batch.changes)
    return counted


def _share_ledger() -> None:
    """While the ledger is written, nothing that it sums up may change. A batch may wait and take its time."""
    be_patient()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LEDGER_LOCK])


def _fitted(verdicts: list[Verdict]) -> list[Verdict]:
    for verdict in verdicts:
        if verdict.discriminators not in _UNNAMED:
            verdict.discriminators = tuple(dict.fromkeys(fit(name, LONGEST_NAME) for name in verdict.discriminators))
    return verdicts


def _exposed(row: Row) -> bool:
    return row.exposure == "internet" or row.criticality == 3


def _place(row: Row) -> tuple[str, int, bool]:
    """What decides where and how an asset's verdicts and findings count."""
    return row.environment, row.criticality, _exposed(row)


@lru_cache(maxsize=4096)
def _rank(
    severity: int, exposure: str, data_class: str, criticality: int, ai_role: str
) -> tuple[int, list[dict[str, Any]]]:
    points, factors = priority(
        Circumstances(severity, exposure=exposure, data_class=data_class, criticality=criticality, ai_role=ai_role)
    )
    return points, [factor.as_document() for factor in factors]
