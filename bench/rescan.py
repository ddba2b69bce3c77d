"""What an unchanged rescan writes, compared with the first scan: rows and write-ahead log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from bench.account import account
from bench.figures import Figures, span
from bench.options import Options
from bench.recording import collect
from findings.posture.services import evaluate
from integrations import registry
from integrations.models import Connection
from inventory.models import Asset
from inventory.services import derive

ASSETS = 1000
ROWS_PERCENT, WAL_PERCENT = 1, 5
PER_TABLE = """
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
"""


@dataclass(frozen=True, slots=True)
class Written:
    """Since the database was made: rows by table, bytes of log."""

    rows: dict[str, int]
    wal: int


def measure(options: Options) -> dict[str, Any]:
    asked, figures = options.assets or ASSETS, Figures()
    with account(asked, options.seed) as aws:
        known = aws.connected()
        start = written()
        scan(known)
        first = written()
        with span() as again:
            scan(known)
        second = written()
    rows = {name: count - first.rows.get(name, 0) for name, count in second.rows.items()}
    new = sum(first.rows.values()) - sum(start.rows.values())
    figures.add("assets", Asset.objects.present().count(), "assets")
    figures.add("first_rows", new, "rows")
    figures.add("first_wal", first.wal - start.wal, "bytes")
    figures.add("rescan_rows", sum(rows.values()), "rows")
    figures.add("rescan_wal", second.wal - first.wal, "bytes")
    figures.add("rows_percent", 100 * sum(rows.values()) / new, "%", at_most=ROWS_PERCENT)
    figures.add("wal_percent", 100 * (second.wal - first.wal) / (first.wal - start.wal), "%", at_most=WAL_PERCENT)
    figures.add("rescan_wall", again.wall, "s")
    tables = {name: count for name, count in sorted(rows.items()) if count}
    return {"parameters": {"assets": asked, "seed": options.seed}, "figures": figures.values, "rescan_tables": tables}


def scan(known: Connection) -> None:
    """Collect, derive, judge, as a run does it."""
    with registry.collector_for(known) as collector:
        recorded = collect(collector, known.source).recorded
    derive(source=known.source, touched=recorded.touched)
    evaluate(source=known.source)


def written() -> Written:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(PER_TABLE)
        rows = {str(name): int(count) for name, count in cursor.fetchall()}
        cursor.execute("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")
        return Written(rows, int(cursor.fetchone()[0]))
