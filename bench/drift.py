"""Whether writing findings slows down as the table grows: the first tenth against the last, by the same code."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psutil
from django.db import connection, transaction
from django.utils import timezone

from bench.children import stage
from bench.figures import Figures, statements
from bench.options import Options
from bench.seeding import PER_ASSET, seeded
from findings.posture.engine import Verdict
from findings.posture.queries.in_force import rulebook
from findings.posture.queries.subjects import rows_of
from findings.posture.rule import Outcome, Rule
from findings.posture.scoring import Circumstances, priority
from findings.posture.services import sync_rules
from findings.posture.services.changes import Change, Setting, settle
from findings.posture.services.writing import Moment, known_findings, write_changes
from inventory.models import Asset, Source

ASSETS = 100_000  # with ten findings each: a million rows
AT_ONCE = 100  # assets a batch: a thousand findings
KEPT, STATEMENTS = 0.9, 20


@dataclass(slots=True)
class Written:
    """What a stretch of findings took. `cpu`: here and in the database's own process."""

    findings: int = 0
    statements: int = 0
    wall: float = 0.0
    cpu: float = 0.0

    def __iadd__(self, other: Written) -> Written:
        self.findings, self.statements = self.findings + other.findings, self.statements + other.statements
        self.wall, self.cpu = self.wall + other.wall, self.cpu + other.cpu
        return self


def measure(options: Options) -> dict[str, Any]:
    stage("drift", "filled", options)
    return stage("drift", "written", options)


def filled(options: Options) -> dict[str, Any]:
    seeded(assets=options.assets or ASSETS, findings=0, seed=options.seed)
    return {}


def written(options: Options) -> dict[str, Any]:
    """All findings in batches of a thousand. The first hundredth is not counted: nothing is warm then."""
    sync_rules()
    batches = _batches()
    counted, tenth = [], max(1, len(batches) // 10)
    for number, batch in enumerate(batches):
        counted.append(_write(*batch, number))
        if number % tenth == 0:
            _housekeeping()
    warm = min(len(counted) - 1, max(1, len(counted) // 100))
    first, last, whole = Written(), Written(), Written()
    for stretch, part in ((first, counted[warm : warm + tenth]), (last, counted[-tenth:]), (whole, counted)):
        for one in part:
            stretch += one
    return {
        "parameters": {"assets": options.assets or ASSETS, "findings": whole.findings, "seed": options.seed},
        "figures": _figures(first, last, whole),
    }


def _figures(first: Written, last: Written, whole: Written) -> dict[str, Any]:
    figures = Figures()
    figures.add("findings", whole.findings, "findings")
    figures.add("stretch", last.findings, "findings")
    for name, one in (("first", first), ("last", last)):
        figures.add(f"{name}_per_second", one.findings / one.wall, "1/s", at_least=5000)
        figures.add(f"{name}_per_cpu_second", one.findings / one.cpu, "1/s")
    figures.add("last_to_first", first.wall / first.findings * last.findings / last.wall, "times", at_least=KEPT)
    figures.add("last_to_first_cpu", first.cpu / first.findings * last.findings / last.cpu, "times", at_least=KEPT)
    for name, one in (("first", first), ("last", last)):
        share = 1000 * one.statements / one.findings
        figures.add(f"{name}_statements_per_1000", share, "statements", at_most=STATEMENTS)
    return figures.values


def _housekeeping() -> None:
    """What autovacuum, which is off here, does whenever a table has grown by a tenth."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE posture_finding, posture_transition")


def _batches() -> list[tuple[Source, Sequence[UUID]]]:
    """Sources in turn, as their runs would come."""
    found: list[tuple[Source, Sequence[UUID]]] = []
    for source in Source.objects.order_by("external_id"):
        ids = list(Asset.objects.filter(source=source).order_by("pk").values_list("pk", flat=True))
        found += [(source, ids[start : start + AT_ONCE]) for start in range(0, len(ids), AT_ONCE)]
    return found


def _write(source: Source, ids: Sequence[UUID], number: int) -> Written:
    """One batch as an evaluation writes it: known findings looked up, compared, written in one transaction."""
    rows, rules = rows_of(ids), rulebook().rules
    moment = Moment(source.pk, (source.kind, source.external_id), timezone.now(), None)
    with statements() as counted:
        began, used = time.perf_counter(), _used()
        with transaction.atomic():
            known = known_findings(ids)
            changes = []
            for place, row in enumerate(rows):
                setting = Setting(moment.at, row.environment, _rank, inputs_changed=True)
                for rule in _asked(rules, number + place):
                    there = known.get((row.id, rule.id), ())
                    changes += [(row, change) for change in _failing(rule, there, setting)]
            write_changes(changes, moment)
        return Written(len(changes), counted.count, time.perf_counter() - began, _used() - used)


def _asked(rules: Sequence[Rule], place: int) -> list[Rule]:
    return [rules[(place * 7 + step * 3) % len(rules)] for step in range(PER_ASSET)]


def _failing(rule: Rule, known: Sequence[Any], setting: Setting) -> list[Change]:
    verdict = Verdict(rule.id, Outcome.FAIL, evidence={"KmsKeyId": None, "Name": rule.id}, discriminators=("",))
    return list(settle(rule, verdict, known, setting, rule_changed=False))


def _rank(severity: int) -> tuple[int, list[dict[str, Any]]]:
    points, factors = priority(
        Circumstances(severity, exposure="internet", data_class="", criticality=2, ai_role="endpoint")
    )
    return points, [factor.as_document() for factor in factors]


def _used() -> float:
    """Seconds of processor time, of this process and of the database's one for it."""
    if connection.connection is None:
        connection.ensure_connection()
    here = time.process_time()
    times = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return here + float(times.user + times.system)
