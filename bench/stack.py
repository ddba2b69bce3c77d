"""`aispm up` on a state of its own, as a user starts it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.children import ROOT, Failed
from bench.servers import clean_environment

STARTED_WITHIN_S = 900
OPEN = "  Open "


@dataclass(slots=True)
class Stack:
    """A running stack. `lines`: seconds after the start, and what it printed."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    began: float
    lines: list[tuple[float, str]] = field(default_factory=list)

    def processes(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def said(self, beginning: str) -> float | None:
        """When it printed a line that begins so."""
        return next((at for at, line in self.lines if line.startswith(beginning)), None)


@contextmanager
def stack(root: Path, *more: str) -> Iterator[Stack]:
    """Runs until the block ends; enters when the address was printed."""
    environment = clean_environment() | {"AISPM_HOME": str(root)}
    began = time.monotonic()
    process = subprocess.Popen(
        aispm("up", "--port", str(_free_port()), *more),
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    started = Stack(process, environment, began)
    reader = threading.Thread(target=_read, args=(started,), daemon=True)
    reader.start()
    try:
        _await_open(started)
        yield started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        reader.join(timeout=5)


def aispm(*words: str) -> Sequence[str]:
    return (sys.executable, "-m", "aispm", *words)


def _read(started: Stack) -> None:
    for line in started.process.stdout or ():
        started.lines.append((time.monotonic() - started.began, line.rstrip("\n")))


def _await_open(started: Stack) -> None:
    until = time.monotonic() + STARTED_WITHIN_S
    while started.said(OPEN) is None:
        if started.process.poll() is not None or time.monotonic() > until:
            said = "\n".join(line for _, line in started.lines[-20:])
            raise Failed(f"aispm up did not start:\n{said}")
        time.sleep(0.02)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def role_of(process: psutil.Process) -> str:
    """Which part of the stack a process belongs to."""
    words = " ".join(process.cmdline())
    marks = {"gunicorn": "web", " worker ": "worker", "ticking": "tick", "watching": "watch", "valkey": "valkey",
             " up ": "supervisor", "postgres": "postgres"}  # fmt: skip
    return next((role for mark, role in marks.items() if mark in f" {words} "), process.name())


def memory_mb(process: psutil.Process) -> tuple[float, float]:
    """(proportional set size, resident set size)."""
    info = process.memory_full_info()
    return getattr(info, "pss", info.rss) / 2**20, info.rss / 2**20
