"""The state's folder: its paths, its secrets, and refusals in words."""

import errno
import json
import os
import stat
from pathlib import Path

import psutil
import pytest

from aispm.core import places
from aispm.runtime import postgres
from aispm.runtime.home import Home, explained, lock
from aispm.runtime.processes import read_record, stop_leftovers
from aispm.runtime.trouble import Trouble


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EIO, "error"),
    ],
)
def test_a_failed_write_says_what_to_do(code: int, word: str, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=word), explained(tmp_path):
        raise OSError(code, os.strerror(code), str(tmp_path / "x"))


def test_secrets_are_made_once_and_for_us_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare(None)
    first = {path.name: path.read_bytes() for path in home.secrets.iterdir()}
    home.prepare(None)
    assert {path.name: path.read_bytes() for path in home.secrets.iterdir()} == first
    assert {"secret-key", "encryption-keys"} == set(first)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in home.secrets.iterdir())


def test_the_lock_is_held_by_one_and_free_when_dropped(tmp_path: Path) -> None:
    held = lock(Home(tmp_path))
    assert held is not None
    assert lock(Home(tmp_path)) is None
    held.close()
    again = lock(Home(tmp_path))
    assert again is not None
    again.close()


def test_socket_paths_stay_within_the_kernels_limit(tmp_path: Path) -> None:
    assert places.run_dir(Path("/srv/aispm")) == Path("/srv/aispm/run")
    deep = places.run_dir(tmp_path / ("x" * 90))
    assert len(str(deep / ".s.PGSQL.5432")) < 104
    assert deep != places.run_dir(tmp_path / ("y" * 90))


def test_a_recorded_number_that_belongs_to_somebody_else_now_is_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    stranger = {"name": "web", "pid": os.getpid(), "created": psutil.Process().create_time() - 3600}
    home.record.write_text(json.dumps({"pid": 1, "url": "", "token": "t", "children": [stranger]}))
    assert stop_leftovers(home) == []
    assert not home.record.exists()


def test_a_torn_record_is_no_obstacle(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.record.write_text('{"pid": 1')
    assert read_record(home) == {}
    assert stop_leftovers(home) == []


def test_a_stale_pid_file_of_the_database_is_removed_and_its_namesake_lives(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare(None)
    stale = [home.postgres / "postmaster.pid", home.run / ".s.PGSQL.5432", home.run / ".s.PGSQL.5432.lock"]
    for path in stale:
        path.write_text(f"{os.getpid()}\n{home.postgres}\n")
    postgres.clear_stale(home)
    assert not any(path.exists() for path in stale)


def test_data_of_another_postgresql_is_refused_untouched(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare(None)
    (home.postgres / "PG_VERSION").write_text("16\n")
    with pytest.raises(Trouble, match="written by PostgreSQL 16"):
        postgres.ensure_cluster(home, None)
    assert (home.postgres / "PG_VERSION").read_text() == "16\n"
