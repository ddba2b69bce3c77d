"""Figures with their units and targets, and the means to take them."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
PEAK = "5"  # what the kernel calls resetting the high-water mark


@dataclass(slots=True)
class Figures:
    """name → value, unit and, where the design states one, target and whether it is met."""

    values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(
        self, name: str, value: float, unit: str, *, at_most: float | None = None, at_least: float | None = None
    ) -> None:
        entry: dict[str, Any] = {"value": _rounded(value), "unit": unit}
        if at_most is not None:
            entry |= {"target": f"≤ {_rounded(at_most)}", "met": value <= at_most}
        if at_least is not None:
            entry |= {"target": f"≥ {_rounded(at_least)}", "met": value >= at_least}
        self.values[name] = entry


def _rounded(value: float) -> float | int:
    if isinstance(value, int):
        return value
    return round(value, 1) if abs(value) >= 100 else round(value, 3)


@dataclass(slots=True)
class Span:
    """Seconds on the clock, and of processor time in this process."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def span() -> Iterator[Span]:
    taken = Span()
    wall, cpu = time.perf_counter(), time.process_time()
    yield taken
    taken.wall, taken.cpu = time.perf_counter() - wall, time.process_time() - cpu


def forget_peak() -> None:
    """The peak counts from now on, where the kernel can do that."""
    try:
        CLEAR.write_text(PEAK, encoding="ascii")
    except OSError:
        return


def peak_mb() -> float:
    """The most resident memory that this process had."""
    try:
        line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass(slots=True)
class Statements:
    """Counts what a connection executes."""

    count: int = 0

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


@contextmanager
def statements() -> Iterator[Statements]:
    from django.db import connection

    counted = Statements()
    with connection.execute_wrapper(counted):
        yield counted


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; `share` from 0 to 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 100) * len(ordered) // 100) - 1))]
