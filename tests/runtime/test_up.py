"""`aispm up` as a person meets it: real servers, real processes, real signals."""

import os
import re
import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from aispm.core import places
from tests.runtime.stack import Stack, alive, free_port, listening, refused, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose state lies so deep that a socket's path would be too long there."""
    folder = tmp_path_factory.mktemp("deep") / ("a-folder-with-a-long-name-" * 4)
    stack = Stack.start(folder, tmp_path_factory.mktemp("output") / "out")
    yield stack
    stack.kill_everything()
    shutil.rmtree(places.run_dir(folder), ignore_errors=True)


def test_one_command_brings_up_everything(running: Stack) -> None:
    assert running.ready()
    assert {"postgres", "valkey", "web", "worker", "tick", "watch"} == set(running.children())
    assert running.get("/accounts/sign-in/")[0] == 200


def test_a_deep_home_listens_in_a_short_private_folder(running: Stack) -> None:
    run = places.run_dir(running.home)
    assert run.parent != running.home
    assert stat.S_IMODE(run.stat().st_mode) == 0o700


def test_the_login_is_generated_printed_and_kept_for_us_alone(running: Stack) -> None:
    kept = running.home / "secrets" / "initial-admin"
    password = kept.read_text(encoding="utf-8").strip()
    assert f"admin / {password}" in running.said
    assert re.fullmatch(r"(\w{5}-){3}\w{5}", password)
    for path in (running.home / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_nothing_but_the_web_server_listens_on_the_network(running: Stack) -> None:
    assert listening(running.everything()) == {running.port}


def test_a_second_start_is_refused_and_says_where_the_first_is(running: Stack) -> None:
    second = refused(running.home, "--port", str(free_port()))
    assert second.returncode == 2
    assert f"already running at http://127.0.0.1:{running.port}" in second.stderr
    assert str(running.process.pid) in second.stderr
    assert running.ready()


def test_a_process_that_dies_is_started_again(running: Stack) -> None:
    before = running.children()
    os.kill(before["valkey"], signal.SIGKILL)
    os.kill(before["worker"], signal.SIGKILL)
    until(lambda: all(running.children().get(name, pid) != pid for name, pid in killed(before)), "the restart")
    until(running.ready, "being ready again")
    assert running.children()["web"] == before["web"]


def killed(before: dict[str, int]) -> list[tuple[str, int]]:
    return [(name, before[name]) for name in ("valkey", "worker")]


def test_a_killed_supervisor_leaves_nothing_that_stops_the_next_start(tmp_path: Path) -> None:
    first = Stack.start(tmp_path / "home", tmp_path / "first")
    secret = (first.home / "secrets" / "secret-key").read_bytes()
    processes = first.everything()
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(timeout=60)

    second = Stack.start(first.home, tmp_path / "second")
    try:
        assert second.ready()
        assert not alive(processes)
        assert (second.home / "secrets" / "secret-key").read_bytes() == secret
        assert "the first password is in" in second.said
        everything = second.everything()
        assert second.stop() == 0
        assert not alive(everything), "Ctrl-C leaves no process"
    finally:
        for stack in (first, second):
            if stack.process.poll() is None:
                stack.kill_everything()


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = refused(tmp_path / "home", "--port", str(port))
    assert answer.returncode == 1
    assert f"port {port} on 127.0.0.1 is taken" in answer.stderr
    assert not (tmp_path / "home" / "postgres" / "PG_VERSION").exists()


def test_a_home_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    answer = refused(tmp_path / "file" / "home")
    assert answer.returncode == 1
    assert "cannot write its state" in answer.stderr
    assert "Point AISPM_HOME elsewhere" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_outside_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    nowhere = f"postgresql://aispm:secret@127.0.0.1:{free_port()}/aispm"
    answer = refused(
        tmp_path / "home", "--port", str(free_port()), DATABASE_URL=nowhere, REDIS_URL="redis://127.0.0.1:1"
    )
    assert answer.returncode == 1
    assert "PostgreSQL refuses" in answer.stderr
    assert "correct DATABASE_URL" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "secret" not in answer.stderr


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    outside = {"DATABASE_URL": "postgresql://aispm@127.0.0.1:1/aispm", "REDIS_URL": "redis://127.0.0.1:1"}
    answer = refused(tmp_path / "home", "--port", str(free_port()), **outside, AISPM_BEHIND_TLS="maybe")
    assert answer.returncode == 1
    assert "AISPM_BEHIND_TLS is 'maybe': use on or off." in answer.stderr


def test_a_wrong_option_is_a_usage_error(tmp_path: Path) -> None:
    assert refused(tmp_path / "home", "--port", "70000").returncode == 2
