"""Child processes: started in a session of their own, stopped by asking first, recorded so that a later start
can find and stop what a killed supervisor left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from aispm.runtime.home import Home, explained, write_private
from aispm.runtime.privileges import Account, child_setup

TOKEN = "AISPM_SUPERVISED_BY"  # noqa: S105 (the name of a variable; its value marks our processes, it opens nothing)
SAME_START_S = 2.0  # how far two readings of one process's start time may lie apart


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `stop`: signals in order, each with the seconds it is given; `on_death`: when we are killed."""

    name: str
    argv: Sequence[str]
    stop: Sequence[tuple[signal.Signals, float]]
    on_death: signal.Signals = signal.SIGTERM
    env: Mapping[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()
    account: Account | None = None
    reach_all: bool = False
    cwd: Path | None = None
    shown: bool = False  # what it prints goes to the terminal, not to its log


@dataclass(slots=True)
class Running:
    """A started program."""

    program: Program
    process: subprocess.Popen[bytes]
    created: float
    since: float

    @property
    def alive(self) -> bool:
        return self.process.poll() is None


def spawn(program: Program, home: Home, env: Mapping[str, str]) -> Running:
    with home.open_log(program.name) as log, explained(home.root):
        process = subprocess.Popen(
            list(program.argv),
            stdin=subprocess.DEVNULL,
            stdout=None if program.shown else log,
            stderr=log,
            env={**env, **program.env},
            cwd=program.cwd,
            pass_fds=program.pass_fds,
            start_new_session=True,
            preexec_fn=child_setup(program.account, reach_all=program.reach_all, on_death=program.on_death),
        )
    try:
        created = psutil.Process(process.pid).create_time()
    except psutil.NoSuchProcess:
        created = time.time()
    return Running(program, process, created, time.monotonic())


def stop_all(running: Sequence[Running]) -> None:
    """Ask each to end, more firmly as its patience runs out; nothing of their sessions is left."""
    began = time.monotonic()
    steps = {id(child): _deadlines(child.program, began) for child in running}
    while waiting := [child for child in running if child.alive]:
        for child in waiting:
            todo = steps[id(child)]
            if todo and time.monotonic() >= todo[0][0]:
                _signal(child.process.pid, todo.pop(0)[1], whole_session=not todo)
        time.sleep(0.05)
    for child in running:
        _signal(child.process.pid, signal.SIGKILL, whole_session=True)


def _deadlines(program: Program, began: float) -> list[tuple[float, signal.Signals]]:
    times, at = [], began
    for which, seconds in program.stop:
        times.append((at, which))
        at += seconds
    return [*times, (at, signal.SIGKILL)]


def _signal(pid: int, which: signal.Signals, *, whole_session: bool) -> None:
    try:
        if whole_session:
            os.killpg(pid, which)
        else:
            os.kill(pid, which)
    except (ProcessLookupError, PermissionError):
        return


# --- The record of what runs, and what a killed supervisor leaves behind ---------------------------------


def write_record(home: Home, *, url: str, token: str, running: Iterable[Running]) -> None:
    with explained(home.record):
        write_private(
            home.record,
            json.dumps(
                {
                    "pid": os.getpid(),
                    "url": url,
                    "token": token,
                    "children": [
                        {"name": child.program.name, "pid": child.process.pid, "created": child.created}
                        for child in running
                    ],
                }
            ),
        )


def read_record(home: Home) -> dict[str, Any]:
    """The last record; empty when there is none or a crash left it unreadable."""
    try:
        record = json.loads(home.record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def stop_leftovers(home: Home) -> list[str]:
    """Stop the processes of an earlier start that outlived it; returns their names. Only call with the lock held."""
    record = read_record(home)
    stopped = []
    for entry in record.get("children", []):
        left = _left_of(int(entry["pid"]), float(entry["created"]), str(record.get("token", "")))
        if left:
            stopped.append(str(entry["name"]))
            end(left)
    home.record.unlink(missing_ok=True)
    return stopped


def _left_of(leader: int, created: float, token: str) -> list[psutil.Process]:
    """What is left of a recorded session. A number alone proves nothing: it may belong to somebody else by now."""
    try:
        process = psutil.Process(leader)
        if abs(process.create_time() - created) > SAME_START_S:
            return []
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return [other for other in psutil.process_iter() if _orphan(other, leader, token)]


def _orphan(process: psutil.Process, session: int, token: str) -> bool:
    try:
        return os.getsid(process.pid) == session and process.environ().get(TOKEN) == token
    except (psutil.Error, OSError):
        return False


def end(processes: Sequence[psutil.Process], *, first: signal.Signals = signal.SIGTERM, patience: float = 8) -> None:
    """Ask the first process to end, and kill whatever is still there after `patience` seconds."""
    for which, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
        for process in processes if which is signal.SIGKILL else processes[:1]:
            try:
                process.send_signal(which)
            except psutil.NoSuchProcess:
                continue
        if not psutil.wait_procs(processes, timeout=seconds)[1]:
            return
