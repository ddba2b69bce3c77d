"""The three processes of AISPM itself, and the one that prepares the database."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from aispm.runtime.home import Home
from aispm.runtime.processes import Program

CODE = Path(__file__).resolve().parent.parent.parent
QUEUES = "collect,evaluate,signals,deliver"
CHILD_LIMIT_KIB = 150_000  # a pool process that grew beyond this is replaced after its task


def bootstrap() -> Program:
    return Program(
        name="bootstrap",
        argv=(sys.executable, "-m", "aispm.runtime.bootstrap"),
        stop=((signal.SIGTERM, 5),),
        cwd=CODE,
    )


def web(listening: int) -> Program:
    """`listening`: the descriptor of the socket that the supervisor holds, so a restart refuses nobody."""
    return Program(
        name="web",
        argv=(
            *(sys.executable, "-m", "gunicorn", "aispm.wsgi:application", "--bind", f"fd://{listening}"),
            *("--workers", "2", "--threads", "4", "--preload", "--no-control-socket"),
            *("--timeout", "60", "--graceful-timeout", "4", "--log-level", "warning"),
        ),
        stop=((signal.SIGTERM, 6),),
        pass_fds=(listening,),
        cwd=CODE,
    )


def worker() -> Program:
    return Program(
        name="worker",
        argv=(
            *(sys.executable, "-m", "celery", "-A", "aispm", "worker", "-n", "aispm@%h", "-Q", QUEUES),
            *("--concurrency", "2", "--max-memory-per-child", str(CHILD_LIMIT_KIB), "--loglevel", "INFO"),
            *("--without-gossip", "--without-mingle"),
        ),
        # First finish what is short, then give up: an interrupted run is taken up again.
        stop=((signal.SIGTERM, 3), (signal.SIGQUIT, 5)),
        on_death=signal.SIGQUIT,
        cwd=CODE,
    )


def tick(home: Home) -> Program:
    return Program(
        name="tick",
        argv=(
            *(sys.executable, "-m", "celery", "-A", "aispm", "beat", "--loglevel", "WARNING"),
            *("--schedule", str(home.root / "tick-schedule"), "--pidfile", ""),
        ),
        stop=((signal.SIGTERM, 5),),
        cwd=CODE,
    )
