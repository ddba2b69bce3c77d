"""Commands say in one line what keeps them from working."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aispm.runtime import ROLES
from tests.runtime.stack import ROOT, environment


def aispm(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aispm", *arguments]
    env = environment(home) | variables
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A state whose servers do not run."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "secret-key").write_text("k" * 50)
    (tmp_path / "secrets" / "encryption-keys").write_text("dGVzdHMtb25seS1rZXktb2YtMzItYnl0ZXMtbG9uZyE=")
    return tmp_path


@pytest.mark.parametrize(
    "command", [("findings",), ("posture", "--json"), ("evaluate",), ("assets",), ("collect",), ("user", "list")]
)
def test_a_command_names_the_state_whose_stack_is_stopped(stopped: Path, command: tuple[str, ...]) -> None:
    answer = aispm(stopped, *command)
    assert (answer.returncode, answer.stdout) == (4, "")
    assert answer.stderr.startswith(f"aispm {command[0]}: PostgreSQL does not answer: ")
    assert f"The state is {stopped}: start it with `aispm up`, or point AISPM_HOME" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_folder_that_holds_no_state_is_named(tmp_path: Path) -> None:
    answer = aispm(tmp_path / "elsewhere", "findings")
    assert answer.returncode == 2
    assert answer.stderr.startswith("aispm findings: No AISPM_SECRET_KEY: set it")
    assert answer.stderr.count("\n") == 1


def test_an_outside_server_is_named_by_its_variable(stopped: Path) -> None:
    answer = aispm(stopped, "findings", DATABASE_URL="postgresql://aispm:secret@127.0.0.1:1/aispm")
    assert (answer.returncode, "correct DATABASE_URL" in answer.stderr) == (4, True)
    assert "secret" not in answer.stderr


def test_a_reader_that_has_gone_is_no_trouble(stopped: Path) -> None:
    command = [sys.executable, "-m", "aispm", "rules", "list", "--json"]
    process = subprocess.Popen(
        command, env=environment(stopped), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("asked", ["help", "--help", "-h"])
def test_help_lists_every_command_of_the_product_and_none_of_djangos(tmp_path: Path, asked: str) -> None:
    answer = aispm(tmp_path, asked)
    told = set(re.findall(r"^  aispm (\w+)", answer.stdout, re.MULTILINE))
    apps = ("aispm", "findings", "integrations", "inventory")
    files = [file for app in apps for file in (ROOT / app).glob("**/management/commands/*.py")]
    ours = {file.stem for file in files if file.stem != "__init__"}
    assert answer.returncode == 0
    assert told == ours | {"up", "bench", "check", *ROLES}


def test_manifests_are_checked_without_any_settings(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "aispm", "check", "deploy/kubernetes", "--fail-on", "never", "--format", "json"]
    answer = subprocess.run(command, env={}, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.stderr == ""
    assert json.loads(answer.stdout)["objects"] > 0


def test_the_check_of_the_settings_keeps_its_name(stopped: Path) -> None:
    assert "System check" in aispm(stopped, "check", "--tag", "models").stdout
