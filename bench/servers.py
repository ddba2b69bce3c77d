"""A PostgreSQL and a Valkey that exist for one bench: the product's own, with the product's settings."""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from aispm.core import places
from aispm.runtime import postgres, valkey
from aispm.runtime.home import Home
from aispm.runtime.privileges import unprivileged
from aispm.runtime.processes import Program, Running, spawn, stop_all

WITHIN_S = 60
# A background worker that starts in the middle would be measured too: benches ANALYZE when they have filled tables,
# and no checkpoint falls between two scans.
QUIET = {"autovacuum": "off", "checkpoint_timeout": "1h", "max_wal_size": "16GB"}
OURS = ("DATABASE_URL", "REDIS_URL", "AISPM_HOME", "AISPM_SECRET_KEY", "AISPM_ENCRYPTION_KEYS")


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A folder for state, removed with its sockets."""
    root = Path(tempfile.mkdtemp(prefix="aispm-bench-"))
    try:
        yield root
    finally:
        shutil.rmtree(places.run_dir(root), ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def throwaway(root: Path) -> Iterator[dict[str, str]]:
    """Runs both servers; gives the environment in which our processes reach them and nothing else."""
    home, account = Home(root), unprivileged()
    home.prepare(account)
    postgres.ensure_cluster(home, account, sync=False)
    running: list[Running] = []
    try:
        _launch(postgres.program(home, account, QUIET), home, lambda: postgres.answers(home), running)
        _launch(valkey.program(home), home, lambda: valkey.answers(home), running)
        yield clean_environment() | {
            "AISPM_HOME": str(root),
            "AISPM_SECRET_KEY": "bench-only-" + "b" * 40,
            "AISPM_ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"bench-only-bench-only-bench-only").decode(),
            "AISPM_ALLOW_LOOPBACK": "on",
            "DATABASE_URL": places.postgres_url(root),
            "REDIS_URL": places.valkey_url(root),
            "AISPM_API_RATE": "1000000/min",
            "AISPM_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "aispm.settings",
        }
    finally:
        for child in reversed(running):
            stop_all([child])


def clean_environment() -> dict[str, str]:
    """Ours, without anything that points at data of the user."""
    return {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in OURS}


def _launch(program: Program, home: Home, ready: Callable[[], bool], running: list[Running]) -> None:
    environment: Mapping[str, str] = os.environ
    child = spawn(program, home, environment)
    running.append(child)
    until = time.monotonic() + WITHIN_S
    while not ready():
        if not child.alive or time.monotonic() > until:
            raise RuntimeError(f"{program.name} did not start:\n{home.tail(program.name)}")
        time.sleep(0.02)
