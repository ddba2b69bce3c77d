"""A whole stack as a person starts it, in a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("DATABASE_URL", "REDIS_URL", "AISPM_SECRET_KEY", "AISPM_ENCRYPTION_KEYS", "AISPM_TEST_STATE")
UP = "Ctrl-C stops everything."
WITHIN_S = 180


def environment(home: Path) -> dict[str, str]:
    """As on a machine where nothing is set but AISPM_HOME."""
    return {name: value for name, value in os.environ.items() if name not in OURS} | {"AISPM_HOME": str(home)}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def until(happens: Callable[[], Any], what: str, within_s: float = WITHIN_S) -> Any:
    """Wait for something that another process does."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if result := happens():
            return result
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {within_s:.0f} s")


def refused(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "aispm", "up", *arguments],
        env=environment(home) | variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
    )


@dataclass(slots=True)
class Stack:
    """One `aispm up`."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    output: Path

    @classmethod
    def start(cls, home: Path, output: Path, *arguments: str) -> Stack:
        port = free_port()
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "aispm", "up", "--port", str(port), *arguments],
                env=environment(home),
                cwd=ROOT,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        stack = cls(home, port, process, output)
        until(lambda: UP in stack.said or process.poll() is not None, f"the start in {home}")
        assert process.poll() is None, stack.said
        return stack

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def ready(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.get("/health/ready")[0] == 200
        return False

    def children(self) -> dict[str, int]:
        """The recorded processes: name → number."""
        record = json.loads((self.home / "processes.json").read_text(encoding="utf-8"))
        return {child["name"]: child["pid"] for child in record["children"]}

    def everything(self) -> list[psutil.Process]:
        return family(self.process.pid)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=WITHIN_S)

    def kill_everything(self) -> None:
        """For the end of a test, whatever state it left."""
        with suppress(psutil.NoSuchProcess):
            for process in self.everything():
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self.process.wait(timeout=WITHIN_S)


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def listening(processes: list[psutil.Process]) -> set[int]:
    """The ports of the network that these processes listen on; one that has ended meanwhile listens nowhere."""
    ports: set[int] = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            ports |= {c.laddr.port for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}
    return ports


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
