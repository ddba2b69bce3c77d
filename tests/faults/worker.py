"""A worker's process that dies on request: `python -m tests.faults.worker RUN PHASE NUMBER`.

It kills itself before that statement of that phase, or where the phase ends. With phase `none` it lives, and tells as
JSON how many statements each phase has.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

LEASE = timedelta(seconds=0.5)
NEVER = "none"


class Death:
    """Counts the statements of each phase and kills this process before one of them."""

    def __init__(self, phase: str, number: int) -> None:
        self.phase, self.number = phase, number
        self.now, self.statements = "starting", Counter[str]()

    def enter(self, phase: str) -> None:
        if phase != self.now == self.phase:
            self.kill()
        self.now = phase

    def kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements[self.now] += 1
        if self.now == self.phase and self.statements[self.now] == self.number:
            self.kill()
        return execute(sql, params, many, context)


def main(run_id: str, phase: str, number: int) -> None:
    import django

    django.setup()
    from django.db import connection

    from integrations.services import leasing, running

    leasing.LEASE, leasing.BEAT_SECONDS = LEASE, 0.1
    death = Death(phase, number)
    usual, usual_end = running.Progress.write, running._end

    def write(progress: running.Progress, *, phase: str = "collecting", force: bool = False) -> None:
        death.enter(phase)
        usual(progress, phase=phase, force=force)

    def end(*args: Any, **options: Any) -> None:
        death.enter("ended")  # what comes now is no part of a phase: a run that has ended is not taken up again
        usual_end(*args, **options)

    running._end = end
    running.Progress.write = write  # type: ignore[method-assign, assignment]
    with connection.execute_wrapper(death):
        running.perform_run(run_id=uuid.UUID(run_id))
    sys.stdout.write(json.dumps(death.statements))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
