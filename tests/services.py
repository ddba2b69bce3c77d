"""A pytest plugin that gives the tests a real PostgreSQL and a real Valkey of their own.

It is loaded with `-p tests.services`, before Django's settings are read, because the settings refuse to
start without a database. Workers of pytest-xdist inherit the servers through the environment; each has its own
database (named by pytest-django) and its own Valkey database.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aispm.core import places
from aispm.runtime import postgres, valkey
from aispm.runtime.home import Home
from aispm.runtime.privileges import unprivileged
from aispm.runtime.processes import Program, Running, spawn, stop_all

# The data is thrown away, so nothing waits for the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
STATE = "AISPM_TEST_STATE"
WITHIN_S = 60
_running: list[Running] = []


def _start(root: Path) -> None:
    home, account = Home(root), unprivileged()
    home.prepare(account)
    postgres.ensure_cluster(home, account, sync=False)
    _launch(postgres.program(home, account, FAST), home, lambda: postgres.answers(home))
    _launch(valkey.program(home), home, lambda: valkey.answers(home))


def _launch(program: Program, home: Home, ready: Callable[[], bool]) -> None:
    running = spawn(program, home, os.environ)
    _running.append(running)
    until = time.monotonic() + WITHIN_S
    while not ready():
        if not running.alive or time.monotonic() > until:
            raise pytest.UsageError(f"{program.name} did not start:\n{home.tail(program.name)}")
        time.sleep(0.02)


def _stop() -> None:
    for running in reversed(_running):
        stop_all([running])
    _running.clear()
    root = Path(os.environ.pop(STATE))
    shutil.rmtree(places.run_dir(root), ignore_errors=True)
    shutil.rmtree(root, ignore_errors=True)


def _own_valkey_database(worker: str) -> str:
    """`gw3` → 4; the controller and a run without workers use 0."""
    return str(int(worker.removeprefix("gw")) + 1) if worker.startswith("gw") else "0"


if STATE not in os.environ:
    os.environ["AISPM_SECRET_KEY"] = "tests-only-" + "k" * 40
    os.environ["AISPM_ENCRYPTION_KEYS"] = "dGVzdHMtb25seS1rZXktb2YtMzItYnl0ZXMtbG9uZyE="
    os.environ[STATE] = tempfile.mkdtemp(prefix="aispm-tests-")
    _start(Path(os.environ[STATE]))

os.environ["AISPM_ALLOW_LOOPBACK"] = "on"  # simulated clouds and clusters answer on this machine
_home = Home(Path(os.environ[STATE]))
os.environ["DATABASE_URL"] = places.postgres_url(_home.root)
_database = _own_valkey_database(os.environ.get("PYTEST_XDIST_WORKER", ""))
os.environ["REDIS_URL"] = f"{places.valkey_url(_home.root)}?db={_database}"


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if _running:
        _stop()
