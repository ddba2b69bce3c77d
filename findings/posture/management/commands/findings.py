"""`aispm findings`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet
from django.http import QueryDict

from aispm.core.errors import Invalid
from aispm.core.filtering import checked
from aispm.core.listing import add_limit, counted, limit_of
from findings.posture.filters import FindingFilter
from findings.posture.models import Finding, Severity
from findings.posture.queries.system import findings_for_system
from findings.posture.rule import SEVERITIES


class Command(BaseCommand):
    help = "List findings. Takes the same query string as the findings page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query", nargs="?", default="", help='for instance "severity=critical,high&step=data"')
        parser.add_argument("--fail-on", choices=tuple(SEVERITIES), help="exit 1 when one this grave or graver is open")
        add_limit(parser)

    def handle(self, *args: object, **options: Any) -> None:
        filters = FindingFilter(QueryDict(options["query"]), queryset=findings_for_system())
        try:
            rows = checked(filters)
        except Invalid as error:
            self.stderr.write(str(error))
            sys.exit(2)
        limit = limit_of(options)
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
        self.stdout.write(counted(len(shown), count, "findings"))


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
