"""`aispm tick`: asks every ten seconds what is due, hands runs to the workers, and has chores done in a process of
their own. It waits for neither, so no collection and no large source keeps the next turn from coming.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import structlog

from aispm.runtime.chores import AFTER_START
from aispm.runtime.privileges import child_setup
from aispm.runtime.turning import keep_turning

EVERY_S = 10.0
CHORES_LIMIT_S = 3600
BACK_OFF_S = (30, 60, 120, 300, 600)
STOPPED_WITHIN_S = 4
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Chores:
    """At most one process that does chores; after one that left something undone, the next waits."""

    argv: tuple[str, ...] = (sys.executable, "-m", "aispm.runtime.chores")
    process: subprocess.Popen[bytes] | None = None
    whole: bool = True
    began: float = 0.0
    not_before: float = 0.0
    failures: int = 0

    def may_start(self) -> bool:
        """Whether none runs, after seeing to the one that did."""
        if self.process is not None:
            if self.process.poll() is None:
                if time.monotonic() - self.began > CHORES_LIMIT_S:
                    log.error("chores_too_long")
                    self.process.kill()
                return False
            self._ended(self.process.returncode)
        return time.monotonic() >= self.not_before

    def start(self) -> None:
        more = (AFTER_START,) if self.whole else ()
        setup = child_setup(None, reach_all=False, on_death=signal.SIGTERM)
        self.process = subprocess.Popen([*self.argv, *more], stdin=subprocess.DEVNULL, preexec_fn=setup)
        self.began = time.monotonic()

    def stop(self) -> None:
        """Whatever it does is taken up again at the next start."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _ended(self, code: int) -> None:
        self.process = None
        if code == 0:
            self.whole, self.failures = False, 0
            return
        self.not_before = time.monotonic() + BACK_OFF_S[min(self.failures, len(BACK_OFF_S) - 1)]
        self.failures += 1
        log.warning("chores_left", code=code, again_in=round(self.not_before - time.monotonic()))


@dataclass(slots=True)
class Tick:
    """One turn after another, whatever goes wrong in one."""

    chores: Chores = field(default_factory=Chores)
    trouble: str = ""

    def turn(self) -> None:
        from django.db import Error, connection
        from kombu.exceptions import OperationalError
        from redis import RedisError

        from aispm.core import heartbeat
        from aispm.core.errors import Invalid
        from integrations import services, tasks

        try:
            heartbeat.beat_tick()
            tasks.hand_out()
            if self.chores.may_start() and (
                self.chores.whole or services.removals_due() or services.sources_to_judge()
            ):
                self.chores.start()
        except (Error, OperationalError, RedisError, OSError, Invalid) as error:
            self._say(f"{type(error).__name__}: {error}")
            connection.close()  # a fresh one next time
        else:
            self._say("")

    def stop(self) -> None:
        self.chores.stop()

    def _say(self, trouble: str) -> None:
        """Once, not at every turn."""
        if trouble and trouble != self.trouble:
            log.error("tick_failed", error=trouble)
        self.trouble = trouble


if __name__ == "__main__":
    sys.exit(keep_turning(Tick, EVERY_S))
