"""`aispm assets`: what exists, in the terminal or as JSON."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.http import QueryDict

from inventory.filters import AssetFilter
from inventory.models import Asset

FIELDS = ("id", "kind", "name", "place", "ai_role", "ai_product", "ai_confidence", "exposure", "owner")


class Command(BaseCommand):
    help = "List assets. Filters are the query string of the inventory page: aispm assets --filter 'role=endpoint'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--filter", default="", help="query string of the inventory page, e.g. 'ai=all&exposure=internet'"
        )
        parser.add_argument("--limit", type=int, default=200)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = AssetFilter(QueryDict(options["filter"]), queryset=Asset.objects.present())
        rows = list(chosen.qs.order_by("name", "id").values("source__name", *FIELDS)[: options["limit"]])
        if options["json"]:
            self.stdout.write(json.dumps(rows, default=str))
            return
        for row in rows:
            role = f"{row['ai_role']} {row['ai_confidence']}%" if row["ai_role"] else "-"
            self.stdout.write(
                f"{row['kind']:<40} {row['name']:<44} {row['place']:<16} {role:<18} {row['source__name']}"
            )
        self.stdout.write(f"{len(rows)} assets" + (" (more with --limit)" if len(rows) == options["limit"] else ""))
