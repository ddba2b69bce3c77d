"""A database that goes away or has no room in the middle of a run: the run is taken up again and nothing is lost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone

from integrations import services
from integrations.models import Run, RunState
from tests.faults.runs import assert_sums_agree, connect, forget, known

pytestmark = pytest.mark.django_db(transaction=True)
USUAL: dict[str, Any] = {}


class Trouble:
    """Counts statements and lets one of them fail."""

    def __init__(self, at: int, kind: str) -> None:
        self.at, self.kind, self.statements = at, kind, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements += 1
        if self.statements == self.at and self.kind == "full":
            raise OperationalError("could not extend file: No space left on device")
        if self.statements == self.at and self.kind == "away":
            _hang_up()
        return execute(sql, params, many, context)


def _hang_up() -> None:
    """What a restart of the server does to this connection."""
    assert connection.connection is not None
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with _another() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@contextmanager
def _another() -> Iterator[Any]:
    apart = connection.copy()
    try:
        with apart.cursor() as cursor:
            yield cursor
    finally:
        apart.close()


def perform(run: Run, at: int = 0, kind: str = "") -> int:
    """Performs the run with that trouble; how many statements it took."""
    trouble = Trouble(at, kind)
    with connection.execute_wrapper(trouble):
        services.perform_run(run_id=run.pk)
    return trouble.statements


@pytest.fixture
def usual(tmp_path: Path) -> dict[str, Any]:
    """How many statements a run takes, and what is known after it; worked out once."""
    if not USUAL:
        run = services.request_run(source=connect(tmp_path).source)
        USUAL["statements"] = perform(run)
        USUAL["known"] = known(run.source)
        forget(run.source)
    return USUAL


@pytest.mark.parametrize("kind", ["away", "full"])
@pytest.mark.parametrize("part", range(4))
def test_a_run_that_the_database_interrupts_is_taken_up_again_and_ends_the_same(
    tmp_path: Path, usual: dict[str, Any], kind: str, part: int
) -> None:
    run = services.request_run(source=connect(tmp_path).source)
    size = usual["statements"] // 4
    at = random.randint(part * size + 4, (part + 1) * size)
    with pytest.raises(DatabaseError):
        perform(run, at, kind)
    connection.close()
    run.refresh_from_db()
    assert run.state == RunState.RUNNING, at
    assert services.take_due_runs(at=timezone.now()) == [], "its lease has not run out yet"
    assert services.take_due_runs(at=timezone.now() + timedelta(minutes=2)) == [run.pk]
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now())
    perform(run)
    run.refresh_from_db()
    assert run.state == RunState.INCOMPLETE
    assert known(run.source) == usual["known"], at
    assert_sums_agree()
