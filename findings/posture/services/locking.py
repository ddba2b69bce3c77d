"""One evaluation a source at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from uuid import UUID

from django.db import connection

from aispm.core.errors import TransientError


class Busy(TransientError):
    """Another process judges this source just now."""


@contextmanager
def evaluation_of(source_id: UUID) -> Iterator[None]:
    """Holds the lock of one source; it ends with the connection when the process dies. Raises Busy."""
    key = key_of(source_id)
    if not _ask("SELECT pg_try_advisory_lock(%s)", key):
        raise Busy("This source is being judged already: try again in a moment.")
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s)", key)


def key_of(source_id: UUID) -> int:
    """The advisory lock of a source's evaluation."""
    return int.from_bytes(blake2b(b"evaluate" + source_id.bytes, digest_size=8).digest(), signed=True)


def _ask(statement: str, key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [key])
        row = cursor.fetchone()
    return bool(row and row[0])
