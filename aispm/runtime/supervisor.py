"""Keeps the stack's processes running until somebody asks it to stop."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType

from aispm.runtime.home import LOG_KEPT_BYTES, Home
from aispm.runtime.processes import TOKEN, Program, Running, spawn, stop_all, write_record
from aispm.runtime.terminal import say
from aispm.runtime.trouble import Trouble

ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BACKOFF_S = (1, 2, 4, 8, 16, 30)
SETTLED_S = 60  # a child that ran this long starts again at once
LOG_CHECK_S = 60
FOUNDATION = ("postgres", "valkey")  # stopped after everything that uses them


class Stopped(Exception):
    """Somebody asked us to stop."""


@dataclass(slots=True)
class Supervisor:
    """Starts programs, starts them again when they die, and stops them all."""

    home: Home
    env: Mapping[str, str]
    url: str = ""
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    children: dict[str, Running] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    retry_at: dict[str, tuple[float, Program]] = field(default_factory=dict)
    asked: bool = False
    _wake: tuple[int, int] = (-1, -1)
    _logs_at: float = 0

    def listen(self) -> None:
        """From now on Ctrl-C and SIGTERM mean: stop in order."""
        self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._wake[1], warn_on_full_buffer=False)
        for which in ASKED:
            signal.signal(which, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)

    def _on_signal(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True

    def pause(self, seconds: float) -> None:
        """Wait; a signal or a child's end cuts it short. Raises Stopped when asked to stop."""
        if not self.asked:
            select.select([self._wake[0]], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake[0], 512)
        if self.asked:
            raise Stopped

    def start(self, program: Program) -> Running:
        running = spawn(program, self.home, {**self.env, TOKEN: self.token})
        self.children[program.name] = running
        self._record()
        return running

    def start_until(self, program: Program, ready: Callable[[], bool], *, seconds: float, tries: int = 3) -> None:
        """Start and wait until it answers."""
        for _ in range(tries):
            running = self.start(program)
            if self._came_up(running, ready, seconds):
                return
            self.pause(1)
        name = program.name
        raise Trouble(f"{name} does not start. The end of {self.home.log(name)}:\n{self.home.tail(name)}")

    def _came_up(self, running: Running, ready: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until and running.alive:
            if ready():
                return True
            self.pause(0.05)
        return False

    def finish(self, program: Program, *, seconds: float) -> int:
        """Run a program to its end; returns its exit code."""
        running = self.start(program)
        until = time.monotonic() + seconds
        while running.alive:
            if time.monotonic() > until:
                stop_all([running])
                raise Trouble(
                    f"{program.name} did not finish within {seconds:.0f} s; see {self.home.log(program.name)}"
                )
            self.pause(0.2)
        del self.children[program.name]
        self._record()
        return running.process.wait()

    def watch(self) -> None:
        """Until asked to stop: start again what dies, and keep the logs small."""
        while True:
            self.tend()
            self.pause(1)

    def tend(self, *, give_up_after: int | None = None) -> None:
        """Start again what died. `give_up_after`: so many deaths of one child are a failed start."""
        for name, running in list(self.children.items()):
            if not running.alive:
                self._died(name, running)
                if give_up_after and self.failures[name] >= give_up_after:
                    raise Trouble(f"{name} does not stay up. The end of {self.home.log(name)}:\n{self.home.tail(name)}")
        for name, (at, program) in list(self.retry_at.items()):
            if time.monotonic() >= at:
                del self.retry_at[name]
                self.start(program)
                say(f"  {name} started again")
        if time.monotonic() - self._logs_at > LOG_CHECK_S:
            self._logs_at = time.monotonic()
            self._trim_logs()

    def _died(self, name: str, running: Running) -> None:
        del self.children[name]
        settled = time.monotonic() - running.since > SETTLED_S
        failures = 0 if settled else self.failures.get(name, 0)
        wait = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
        self.failures[name] = failures + 1
        self.retry_at[name] = (time.monotonic() + wait, running.program)
        say(f"  {name} ended unexpectedly ({_how(running.process.returncode)}); starting it again in {wait} s.")
        say(f"  What it said last is in {self.home.log(name)}")

    def _trim_logs(self) -> None:
        """Children append to their logs, so emptying a large one in place loses nothing but the oldest lines."""
        for path in self.home.logs.glob("*.log"):
            if path.stat().st_size > LOG_KEPT_BYTES:
                shutil.copyfile(path, path.with_suffix(".log.1"))
                os.truncate(path, 0)

    def stop(self) -> None:
        """Stop everything: first what uses the servers, then the servers."""
        for which in ASKED:
            signal.signal(which, signal.SIG_IGN)
        stop_all([child for name, child in self.children.items() if name not in FOUNDATION])
        for name in reversed(FOUNDATION):
            stop_all([child for child in self.children.values() if child.program.name == name])
        self.children.clear()
        self.home.record.unlink(missing_ok=True)

    def _record(self) -> None:
        write_record(self.home, url=self.url, token=self.token, running=self.children.values())


def _how(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
