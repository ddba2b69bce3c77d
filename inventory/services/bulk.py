"""Many rows in one statement: rows travel as one JSON parameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


LOCK = "SELECT id FROM inventory_asset WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"
MARK = f"""
UPDATE inventory_asset SET derive_mark = gen_random_uuid() WHERE id IN ({LOCK})
"""  # noqa: S608 - only our own constants
ORIGINS_ELSEWHERE = """
SELECT DISTINCT l.origin_id FROM inventory_link l WHERE l.target_id = ANY(%(ids)s) AND l.source_id <> %(source)s
"""


# An asset that was never derived is derived anyway; but of another source, perhaps just now by somebody else.
MARK_DERIVED = MARK.replace("ORDER BY", "AND (facts_digest <> '' OR source_id <> %(source)s) ORDER BY")


def lock_assets(ids: Iterable[UUID]) -> None:
    """Locks rows that this transaction is about to write, in the one order that everybody keeps."""
    execute(LOCK, ids=list(ids))


def mark_for_derivation(ids: set[UUID]) -> None:
    """What is derived from these assets or their links has to be worked out again, whatever happens in between."""
    if ids:
        execute(MARK, ids=list(ids))


def mark_derived(ids: set[UUID], source: UUID) -> None:
    """As `mark_for_derivation`, without a write for assets of this source that wait for their first derivation.

    For who has locked the source, so that nobody else is deriving them.
    """
    if ids:
        execute(MARK_DERIVED, ids=list(ids), source=source)


def origins_elsewhere(ids: Iterable[UUID], source: UUID) -> set[UUID]:
    """Assets of other sources whose links lead to these."""
    return {id for (id,) in execute(ORIGINS_ELSEWHERE, ids=list(ids), source=source)}
