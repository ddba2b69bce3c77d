"""What to do first: fixes in order of the worst finding that each puts right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Count, F, Func, Max, OuterRef, Q, Subquery, Sum, TextField
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KT

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from findings.posture.models import Finding, Rule, Status
from findings.posture.queries.sums import ALL, Area, area_filter, sums_by_area
from findings.posture.scoring import RULE_WEIGHTS, Sums, five_steps, gain
from inventory.models import Exposure

# What the evidence of a finding calls its fix, as text.
FIX = RawSQL("""'$.keyvalue() ? (@.key like_regex "[.]fix$").value'::jsonpath""", ())
WORDS = Func(F("evidence"), FIX, template="jsonb_path_query_first(%(expressions)s) #>> '{}'", output_field=TextField())

TOTALS = ("open_at_all", "severe_at_all", "failed_weight", "priority")
ASKED = ("id", "title", "step", "severity", "fix_key", "summary", "effort", "by", *TOTALS)


@dataclass(frozen=True, slots=True)
class FirstFix:
    """One change and what it gives. `points`: hundredths of the overall score; `step_points`: of each step's."""

    key: str
    title: str
    summary: str
    effort: str
    step: str
    severity: int
    count: int
    priority: int
    points: int
    step_points: Mapping[str, int]
    rules: Sequence[str]


def what_first(user: User, n: int = 5, area: str = ALL, known: Area | None = None) -> list[FirstFix]:
    """The n fixes with the highest priority among open findings. Two statements, from tallies and one index; a
    third when findings of a rule are fixed by different changes.

    `known`: the sums of the area, for a page that has them already; saves one statement.
    """
    if not user.may(Permission.READ_FINDINGS):
        return []
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rules(area):
        groups[row["fix_key"] or row["id"]].append(row)
    ranked = sorted(groups.items(), key=lambda item: (-max(r["priority"] for r in item[1]), -_count(item[1]), item[0]))
    sums = {step: found.sums for step, found in (known or sums_by_area(area)[area]).items()}
    return [_fix(key, rows, sums) for key, rows in ranked[:n]]


def _rules(area: str) -> list[dict[str, Any]]:
    worst = Finding.objects.filter(area_filter(area), rule=OuterRef("pk"), status=Status.OPEN).order_by(
        "-priority", "-id"
    )
    rows = (
        Rule.objects.filter(area_filter(area, "tallies__"))
        .annotate(
            open_at_all=Sum("tallies__open"),
            severe_at_all=Sum("tallies__severe"),
            failed_weight=Sum("tallies__fail_weight"),
            priority=Subquery(worst.values("priority")[:1]),
            fix_key=KT("document__fix__key"),
            summary=KT("document__fix__summary"),
            effort=KT("document__fix__effort"),
            by=KT("document__fix__by"),
        )
        .filter(open_at_all__gt=0)
        .order_by()
        .values(*ASKED)
    )
    found: list[dict[str, Any]] = [{**row, "priority": row["priority"] or 0} for row in rows]
    return [row for row in found if not row["by"]] + _by_change({row["id"]: row for row in found if row["by"]}, area)


def _by_change(rules: Mapping[str, Mapping[str, Any]], area: str) -> list[dict[str, Any]]:
    """Rules whose findings tell which change fixes them: a row for each change, with its own words."""
    if not rules:
        return []
    rows = (
        Finding.objects.filter(area_filter(area), rule__in=rules, status=Status.OPEN)
        .order_by()
        .values("rule_id", "fix_key")
        .annotate(
            open_at_all=Count("pk"),
            severe_at_all=Count("pk", filter=Q(asset__exposure=Exposure.INTERNET) | Q(asset__criticality=3)),
            failed_weight=Sum("asset__criticality"),
            priority=Max("priority"),
            words=Max(WORDS),
        )
    )
    found: list[dict[str, Any]] = []
    for row in rows:
        rule = rules[row["rule_id"]]
        found.append({**rule, **cast(dict[str, Any], row), "summary": row["words"] or rule["summary"]})
    return found


def _fix(key: str, rows: Sequence[Mapping[str, Any]], sums: Mapping[str, Sums]) -> FirstFix:
    first = max(rows, key=lambda row: (row["priority"], row["severity"], row["id"]))
    points = {step: gain(sums[step], _fixed(rows, step)) for step in sums}
    return FirstFix(
        key=key,
        title=first["title"],
        summary=first["summary"] or "",
        effort=first["effort"] or "",
        step=first["step"],
        severity=first["severity"],
        count=_count(rows),
        priority=first["priority"],
        points=_overall(points, sums),
        step_points={step: value for step, value in points.items() if value},
        rules=sorted(row["id"] for row in rows),
    )


def _fixed(rows: Sequence[Mapping[str, Any]], step: str) -> Sums:
    fixed = Sums()
    for row in rows:
        if row["step"] == step:
            critical = row["severity"] == 4
            weight = RULE_WEIGHTS[row["severity"]] * row["failed_weight"]
            fixed += Sums(
                failed=weight,
                critical=row["open_at_all"] if critical else 0,
                severe=row["severe_at_all"] if critical else 0,
            )
    return fixed


def _overall(points: Mapping[str, int], sums: Mapping[str, Sums]) -> int:
    weights = {step: weight for step, weight in five_steps().weights.items() if sums[step].known > 0}
    total = sum(weights.values())
    return sum(weights[step] * points[step] for step in weights) // total if total else 0


def _count(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(row["open_at_all"] for row in rows)
