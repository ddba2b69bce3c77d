"""One clock for all of moto, so that seeded things carry the times of a believable past, the same at every start.

moto stamps what it creates with the machine's time in many modules and many ways. `install` replaces the names
`datetime` and `time` inside the modules of moto (only there) by ones that ask `Clock`.
"""

from __future__ import annotations

import datetime as real_datetime
import sys
import time as real_time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from types import ModuleType
from typing import Any


class Clock:
    """The machine's time, unless a moment has been set."""

    def __init__(self) -> None:
        self._moment: datetime | None = None

    def now(self) -> datetime:
        return self._moment or datetime.now(UTC)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Stands still at `moment` (aware) inside the block."""
        before, self._moment = self._moment, moment
        try:
            yield
        finally:
            self._moment = before


CLOCK = Clock()


class _AlsoReal(type):
    """Makes real datetimes instances of the replacement, as moto's own checks expect."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


class _Datetime(datetime, metaclass=_AlsoReal):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        now = CLOCK.now()
        return now.astimezone(tz) if tz else now.replace(tzinfo=None)

    @classmethod
    def utcnow(cls) -> datetime:  # type: ignore[override]
        return CLOCK.now().replace(tzinfo=None)

    @classmethod
    def today(cls) -> datetime:  # type: ignore[override]
        return CLOCK.now().replace(tzinfo=None)


class _Module(ModuleType):
    """A module with a few names replaced."""

    def __init__(self, original: ModuleType, **replaced: Any) -> None:
        super().__init__(original.__name__)
        self.__dict__.update({**vars(original), **replaced})


def _time() -> float:
    return CLOCK.now().timestamp()


_REPLACEMENTS: dict[int, Any] = {
    id(datetime): _Datetime,
    id(real_datetime): _Module(real_datetime, datetime=_Datetime),
    id(real_time.time): _time,
    id(real_time): _Module(real_time, time=_time),
}


def install() -> None:
    """Puts the clock into every module of moto that is loaded by now; harmless when repeated."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("moto.") or module is None:
            continue
        for attribute, value in list(vars(module).items()):
            replacement = _REPLACEMENTS.get(id(value))
            if replacement is not None:
                setattr(module, attribute, replacement)
