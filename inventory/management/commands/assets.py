"""`aispm assets`: what exists, in the terminal or as JSON."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from aispm.core.errors import Invalid
from aispm.core.filtering import checked
from inventory.filters import AssetFilter
from inventory.models import Asset
from inventory.ui.words import role_words

FIELDS = ("id", "kind", "name", "place", "ai_role", "ai_product", "ai_confidence", "exposure", "owner")
SHOWN = 50


class Command(BaseCommand):
    help = "List assets. Filters are the query string of the inventory page: aispm assets --filter 'role=endpoint'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--filter", default="", help="query string of the inventory page, e.g. 'ai=all&exposure=internet'"
        )
        parser.add_argument("--limit", type=int, help="how many to list; 0: all (default: 50, as JSON all)")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = checked(AssetFilter(QueryDict(options["filter"]), queryset=Asset.objects.all()))
        except Invalid as error:
            self.stderr.write(str(error))
            sys.exit(2)
        limit = _limit(options["limit"], as_json=options["json"])
        rows = list(found.order_by("name", "id").values("source__name", *FIELDS)[:limit])
        if options["json"]:
            self.stdout.write(json.dumps(rows, default=str))
        else:
            self._table(rows, found.count())

    def _table(self, rows: list[dict[str, Any]], count: int) -> None:
        for row in rows:
            role = f"{role_words(row['ai_role'], row['kind'])} {row['ai_confidence']}%" if row["ai_role"] else "-"
            self.stdout.write(
                f"{row['kind']:<40} {row['name']:<44} {row['place']:<16} {role:<22} {row['source__name']}"
            )
        rest = " --limit 0 lists all." if len(rows) < count else ""
        self.stdout.write(f"{len(rows)} of {count} assets.{rest}")


def _limit(given: int | None, *, as_json: bool) -> int | None:
    if given is None:
        return None if as_json else SHOWN
    if given < 0:
        raise CommandError("--limit must be 0 or more.", returncode=2)
    return given or None
