"""`aispm findings`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.http import QueryDict

from aispm.core.errors import Invalid
from aispm.core.filtering import checked
from findings.posture.filters import FindingFilter
from findings.posture.models import Finding, Severity
from findings.posture.queries.system import findings_for_system
from findings.posture.rule import SEVERITIES

SHOWN = 50


class Command(BaseCommand):
    help = "List findings. Takes the same query string as the findings page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query", nargs="?", default="", help='for instance "severity=critical,high&step=data"')
        parser.add_argument("--limit", type=int, help="how many to list; 0: all (default: 50, as JSON all)")
        parser.add_argument("--fail-on", choices=tuple(SEVERITIES), help="exit 1 when one this grave or graver is open")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: object, **options: Any) -> None:
        filters = FindingFilter(QueryDict(options["query"]), queryset=findings_for_system())
        try:
            rows = checked(filters)
        except Invalid as error:
            self.stderr.write(str(error))
            sys.exit(2)
        limit = _limit(options["limit"], as_json=options["json"])
        ordered = (
            rows.order_by("-priority", "-id") if "priority" in filters.sorts else rows.order_by("-changed_at", "-id")
        )
        shown = list(ordered[:limit])
        if options["json"]:
            self.stdout.write(json.dumps([_document(finding) for finding in shown], indent=2, default=str))
        else:
            self._table(shown, rows.count())
        sys.exit(1 if _over(rows, options["fail_on"]) else 0)

    def _table(self, shown: list[Finding], count: int) -> None:
        for finding in shown:
            severity = Severity(finding.severity).label.lower()
            stale = "  (no longer read)" if finding.stale else ""
            self.stdout.write(
                f"{finding.priority:>3}  {severity:8}  {finding.source.name}  {finding.asset.name}  "
                f"{finding.title}{stale}"
            )
        rest = " --limit 0 lists all." if len(shown) < count else ""
        self.stdout.write(f"{len(shown)} of {count} findings.{rest}")


def _limit(given: int | None, *, as_json: bool) -> int | None:
    if given is None:
        return None if as_json else SHOWN
    if given < 0:
        raise CommandError("--limit must be 0 or more.", returncode=2)
    return given or None


def _over(rows: QuerySet[Finding], fail_on: str | None) -> bool:
    return fail_on is not None and rows.filter(severity__gte=SEVERITIES[fail_on]).exists()


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.pk,
        "fingerprint": finding.fingerprint,
        "rule": finding.rule_id,
        "title": finding.title,
        "step": finding.step,
        "severity": Severity(finding.severity).name.lower(),
        "status": finding.status,
        "stale": finding.stale,
        "priority": finding.priority,
        "factors": finding.factors,
        "source": finding.source.name,
        "asset": {"kind": finding.asset.kind, "id": finding.asset.external_id, "name": finding.asset.name},
        "discriminator": finding.discriminator,
        "evidence": finding.evidence,
        "opened_at": finding.opened_at,
        "due_at": finding.due_at,
    }
