"""The processes of AISPM itself, the same under `aispm up`, in containers and in a cluster."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from aispm.runtime.processes import Program
from aispm.runtime.trouble import Trouble

CODE = Path(__file__).resolve().parent.parent.parent
QUEUES = "collect"
CHILD_LIMIT_KIB = 150_000  # a pool process that grew beyond this is replaced after its task
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (gunicorn's own heartbeat files; a disk would slow it down)


def web_argv(bind: str) -> tuple[str, ...]:
    """`bind`: host:port, or fd://N for a socket that the caller holds."""
    scratch = ("--worker-tmp-dir", str(SHARED_MEMORY)) if SHARED_MEMORY.is_dir() else ()
    return (
        *(sys.executable, "-m", "gunicorn", "aispm.wsgi:application", "--bind", bind),
        *("--workers", _number("AISPM_WEB_PROCESSES", 2), "--threads", _number("AISPM_WEB_THREADS", 4)),
        *("--preload", "--no-control-socket", "--log-level", "warning", *scratch),
        *("--timeout", "60", "--graceful-timeout", "4"),
    )


def worker_argv() -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "celery", "-A", "aispm", "worker", "-n", "aispm@%h"),
        *("-Q", os.environ.get("AISPM_WORKER_QUEUES") or QUEUES),
        *("--concurrency", _number("AISPM_WORKER_PROCESSES", 2), "--max-memory-per-child", str(CHILD_LIMIT_KIB)),
        *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
    )


def tick_argv() -> tuple[str, ...]:
    return (sys.executable, "-m", "aispm.runtime.ticking")


def watch_argv() -> tuple[str, ...]:
    return (sys.executable, "-m", "aispm.runtime.watching")


def prepare_argv() -> tuple[str, ...]:
    return (sys.executable, "-m", "aispm.runtime.prepare")


def _number(name: str, default: int) -> str:
    value = os.environ.get(name) or str(default)
    if not value.isdigit() or not 1 <= int(value) <= 64:
        raise Trouble(f"{name} is {value!r}: use a number from 1 to 64.", code=2)
    return value


# --- As children of `aispm up` ------------------------------------------------------------------------------


def prepare() -> Program:
    return Program(name="prepare", argv=prepare_argv(), stop=((signal.SIGTERM, 5),), cwd=CODE)


def web(listening: int) -> Program:
    """`listening`: the descriptor of the socket that the supervisor holds, so a restart refuses nobody."""
    return Program(
        name="web",
        argv=web_argv(f"fd://{listening}"),
        stop=((signal.SIGTERM, 6),),
        pass_fds=(listening,),
        cwd=CODE,
    )


def worker() -> Program:
    return Program(
        name="worker",
        argv=worker_argv(),
        # First finish what is short, then give up: an interrupted run is taken up again.
        stop=((signal.SIGTERM, 3), (signal.SIGQUIT, 5)),
        on_death=signal.SIGQUIT,
        cwd=CODE,
    )


def tick() -> Program:
    return Program(name="tick", argv=tick_argv(), stop=((signal.SIGTERM, 6),), cwd=CODE)


def watch() -> Program:
    return Program(name="watch", argv=watch_argv(), stop=((signal.SIGTERM, 4),), cwd=CODE)


# --- Alone, in a container of their own ------------------------------------------------------------------------


def become(role: str) -> int:
    """Turn this process into one of the ROLES; it never returns when that works."""
    argv = {
        "web": lambda: web_argv(os.environ.get("AISPM_BIND") or "127.0.0.1:8000"),
        "worker": worker_argv,
        "tick": tick_argv,
        "watch": watch_argv,
        "prepare": prepare_argv,
    }[role]
    try:
        command = argv()
    except Trouble as trouble:
        sys.stderr.write(f"aispm {role}: {trouble}\n")
        return trouble.code
    os.chdir(CODE)
    os.execv(command[0], command)  # noqa: S606 (our own interpreter and modules, no shell)
