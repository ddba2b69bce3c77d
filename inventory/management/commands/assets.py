"""`aispm assets`: what exists, in the terminal or as JSON."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.http import QueryDict

from aispm.core.errors import Invalid
from aispm.core.filtering import checked
from aispm.core.listing import add_limit, counted, limit_of
from inventory.filters import AssetFilter
from inventory.models import Asset
from inventory.ui.words import role_words

FIELDS = ("id", "kind", "name", "place", "ai_role", "ai_product", "ai_confidence", "exposure", "owner")


class Command(BaseCommand):
    help = "List assets. Filters are the query string of the inventory page: aispm assets --filter 'role=endpoint'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--filter", default="", help="query string of the inventory page, e.g. 'ai=all&exposure=internet'"
        )
        add_limit(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = checked(AssetFilter(QueryDict(options["filter"]), queryset=Asset.objects.all()))
        except Invalid as error:
            self.stderr.write(str(error))
            sys.exit(2)
        limit = limit_of(options)
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
        self.stdout.write(counted(len(rows), count, "assets"))
