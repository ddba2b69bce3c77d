"""Rule files into rows: lists and findings show their words, and a change of digest asks for judging again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from findings.posture.models import Rule as RuleRow
from findings.posture.queries.in_force import rulebook
from findings.posture.rule import Rule, RuleSet
from inventory.services.bulk import execute

LOCK = 7_301_001
UPSERT = """
INSERT INTO posture_rule (id, title, step, severity, family, kinds, digest, document, changed_at, withdrawn_at)
SELECT r.id, r.title, r.step, r.severity, r.family, r.kinds, r.digest, r.document, %(at)s, NULL
FROM json_to_recordset(%(rows)s::json) AS r(id text, title text, step text, severity int, family text, kinds jsonb,
    digest text, document jsonb)
ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, step = EXCLUDED.step, severity = EXCLUDED.severity,
    family = EXCLUDED.family, kinds = EXCLUDED.kinds, document = EXCLUDED.document, digest = EXCLUDED.digest,
    withdrawn_at = NULL, changed_at = CASE
        WHEN posture_rule.digest = EXCLUDED.digest AND posture_rule.withdrawn_at IS NULL THEN posture_rule.changed_at
        ELSE EXCLUDED.changed_at END
"""


@transaction.atomic
def sync_rules(*, at: datetime | None = None) -> RuleSet:
    """Brings the rows in line with the files; writes only what differs. Answers the rules in force."""
    rules = rulebook()
    at = at or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    stored = {row.pk: row for row in RuleRow.objects.all()}
    changed = [_row(rule) for rule in rules.rules if _differs(rule, stored.get(rule.id))]
    if changed:
        execute(UPSERT, changed, at=at)
    gone = stored.keys() - rules.by_id.keys() - rules.held
    _withdraw(sorted(id for id in gone if stored[id].withdrawn_at is None), at)
    return rules


def _withdraw(ids: Sequence[str], at: datetime) -> None:
    if ids:
        RuleRow.objects.filter(pk__in=ids).update(withdrawn_at=at, changed_at=at)


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "step": rule.step,
        "severity": rule.severity,
        "family": rule.family,
        "kinds": sorted(rule.kinds),
        "digest": rule.digest,
        "document": rule.document,
    }


def _differs(rule: Rule, stored: RuleRow | None) -> bool:
    if stored is None or stored.withdrawn_at is not None:
        return True
    return any(getattr(stored, name) != value for name, value in _row(rule).items() if name != "id")
