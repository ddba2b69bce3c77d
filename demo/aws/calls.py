"""The log of every API call that the simulator served, so that tests can assert budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True)
class Served:
    """One call that was answered; `fault` names the injected fault, if any."""

    service: str
    operation: str
    region: str
    account: str
    status: int
    fault: str = ""


class CallLog:
    """Every call since the start or the last `clear()`."""

    def __init__(self) -> None:
        self._served: list[Served] = []
        self._lock = Lock()
        self._under_way = 0
        self.most_at_once = 0

    def record(self, served: Served) -> None:
        with self._lock:
            self._served.append(served)

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Around the answering of one call: `most_at_once` remembers how many overlapped."""
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def all(self) -> Sequence[Served]:
        with self._lock:
            return tuple(self._served)

    def clear(self) -> None:
        with self._lock:
            self._served.clear()
            self.most_at_once = 0

    def count(self, service: str = "", operation: str = "", region: str = "", account: str = "") -> int:
        """How many calls match; an empty word matches everything."""
        wanted = (service, operation, region, account)
        return sum(
            all(not want or want == have for want, have in zip(wanted, _key(served), strict=True))
            for served in self.all()
        )

    def counts(self) -> dict[tuple[str, str, str, str], int]:
        """(service, operation, region, account) → number of calls."""
        return dict(sorted(Counter(_key(served) for served in self.all()).items()))

    def regions(self) -> set[str]:
        return {served.region for served in self.all()}

    def operations(self) -> set[tuple[str, str]]:
        return {(served.service, served.operation) for served in self.all()}

    def __len__(self) -> int:
        return len(self.all())


def _key(served: Served) -> tuple[str, str, str, str]:
    return (served.service, served.operation, served.region, served.account)
