"""PostgreSQL is really stopped and started again in the middle of a run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from aispm.runtime import postgres
from aispm.runtime.home import Home
from aispm.runtime.privileges import unprivileged
from aispm.runtime.processes import Running, spawn, stop_all
from integrations import services
from integrations.models import Run, RunState
from tests.faults.runs import assert_sums_agree, connect, forget, known
from tests.services import FAST

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WITHIN_S = 30


@dataclass(slots=True)
class Server:
    """One of our own, which other tests do not need."""

    home: Home
    running: Running | None = None

    def start(self) -> None:
        self.running = spawn(postgres.program(self.home, unprivileged(), FAST), self.home, os.environ)
        until = time.monotonic() + WITHIN_S
        while not postgres.answers(self.home):
            assert time.monotonic() < until, self.home.tail("postgres")
            time.sleep(0.02)

    def stop(self) -> None:
        if self.running is not None:
            stop_all([self.running])
        self.running = None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The database of this test lies on it, empty and migrated."""
    home = Home(tmp_path / "home")
    home.prepare(unprivileged())
    postgres.ensure_cluster(home, unprivileged(), sync=False)
    made = Server(home)
    made.start()
    settings = connections.settings["default"]
    usual = settings["HOST"]
    connection.close()
    settings["HOST"] = str(home.run)
    try:
        with psycopg.connect(host=str(home.run), user="postgres", dbname="postgres", autocommit=True) as first:
            first.execute(f'CREATE DATABASE "{settings["NAME"]}"')
        call_command("migrate", verbosity=0)
        yield made
    finally:
        connection.close()
        settings["HOST"] = usual
        made.stop()


@dataclass(slots=True)
class Restart:
    """Restarts the server once, before the first statement that has these words."""

    server: Server
    words: tuple[str, ...]
    done: bool = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self.done and all(word in sql for word in self.words):
            self.done = True
            self.server.stop()
            self.server.start()
        return execute(sql, params, many, context)


PHASES = (("INSERT INTO inventory_asset",), ("inventory_source", "FOR NO KEY UPDATE"), ("INSERT INTO posture_finding",))


def test_a_run_during_which_the_server_was_restarted_is_taken_up_and_ends_the_same(
    tmp_path: Path, server: Server
) -> None:
    run = services.request_run(source=connect(tmp_path).source)
    services.perform_run(run_id=run.pk)
    usual = known(run.source)
    assert usual["findings"]
    forget(run.source)

    run = services.request_run(source=connect(tmp_path).source)
    for words in PHASES:  # collecting, deriving, judging
        with pytest.raises(DatabaseError), connection.execute_wrapper(Restart(server, words)):
            services.perform_run(run_id=run.pk)
        connection.close()
        run.refresh_from_db()
        assert run.state == RunState.RUNNING, words
        Run.objects.filter(pk=run.pk).update(lease_until=timezone.now())
        assert services.take_due_runs(at=timezone.now()) == [run.pk]
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.INCOMPLETE, 4)
    assert known(run.source) == usual
    assert_sums_agree()
