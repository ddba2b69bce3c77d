"""A process that does its turn again and again, until it is told to end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Protocol

import django


class Turner(Protocol):
    """What is done at each turn, and at the end."""

    def turn(self) -> None: ...

    def stop(self) -> None: ...


def keep_turning(make: Callable[[], Turner], every_s: float) -> int:
    """Runs until SIGTERM or SIGINT. The turner is made once Django is there; seconds pass between its turns."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aispm.settings")
    ended = threading.Event()
    for which in (signal.SIGTERM, signal.SIGINT):
        signal.signal(which, lambda _signal, _frame: ended.set())
    django.setup()
    turner = make()
    try:
        while not ended.is_set():
            turner.turn()
            ended.wait(every_s)
    finally:
        turner.stop()
    return 0
