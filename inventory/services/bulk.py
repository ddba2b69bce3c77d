"""Many rows in one statement: rows travel as one JSON parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

BATCH = 1000


def fragment(encoded: bytes) -> orjson.Fragment:
    """JSON that is already encoded, inside a row."""
    return orjson.Fragment(encoded)


def execute(sql: str, rows: Sequence[Mapping[str, Any]] = (), **values: Any) -> list[tuple[Any, ...]]:
    """Runs one statement; `rows` is its `%(rows)s::json`. Answers what it returns, if it returns rows."""
    if rows:
        values["rows"] = orjson.dumps(rows).decode()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


PATIENCE_SECONDS = 600


def be_patient() -> None:
    """Lets the statements of this transaction take longer than a page may wait: they concern a whole source."""
    execute("SELECT set_config('statement_timeout', %(limit)s, true)", limit=f"{PATIENCE_SECONDS}s")


@contextmanager
def flushed_together() -> Iterator[None]:
    """Commits within do not wait for the disk; the next one after does, for all of them: the log keeps their order.

    Only for work that is done again when the machine dies before that. Hundreds of scopes would wait for the disk each.
    """
    execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        execute("RESET synchronous_commit")


MARK = """
UPDATE inventory_asset SET facts_digest = '' WHERE id IN (
    SELECT id FROM inventory_asset WHERE id = ANY(%(ids)s) AND facts_digest <> '' ORDER BY id FOR UPDATE)
"""


def mark_for_derivation(ids: set[UUID]) -> None:
    """What is derived from these assets or their links has to be worked out again, whatever happens in between."""
    if ids:
        execute(MARK, ids=sorted(ids))
