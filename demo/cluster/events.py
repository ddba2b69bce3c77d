"""What watches of the double tell: every change of a list since a version, and how such a telling goes wrong."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from demo.cluster.bodies import Object

FIRST = 1_000_000  # beyond the versions of anything recorded
BOOKMARK = b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"%d"}}}\n'
FAILURES = {"gone-event": (410, "Expired"), "error-event": (500, "InternalError")}
KINDS_OF_SPOILT = (*FAILURES, "cut", "truncated", "not-json", "ends", "malformed")


@dataclass(slots=True)
class Events:
    """By list, in order. `calls` that somebody waits in go on until they are hung up on."""

    version: int = FIRST
    oldest: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    told: dict[str, list[tuple[int, bytes]]] = field(default_factory=lambda: defaultdict(list))
    hung_up: int = 0
    open: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    news: threading.Condition = field(default_factory=threading.Condition)

    def next_version(self) -> int:
        with self.news:
            self.version += 1
            return self.version

    def tell(self, path: str, version: int, event: Object) -> None:
        with self.news:
            self.told[path].append((version, orjson.dumps(event) + b"\n"))
            self.news.notify_all()

    def bookmark(self, path: str) -> int:
        """Tells who watches that nothing else happened up to a version."""
        version = self.next_version()
        with self.news:
            self.told[path].append((version, BOOKMARK % version))
            self.news.notify_all()
        return version

    def forget(self, path: str) -> None:
        """Earlier versions of a list are not known any more."""
        with self.news:
            self.told[path].clear()
            self.oldest[path] = self.version
            self.news.notify_all()

    def hang_up(self) -> None:
        """Every watch ends, as when its time is over."""
        with self.news:
            self.hung_up += 1
            self.news.notify_all()

    def since(self, path: str, version: int, closing: threading.Event) -> Iterator[bytes]:
        """Lines after a version, as they come."""
        with self.news:
            began = self.hung_up
            self.open[path] += 1
        try:
            while not closing.is_set():
                with self.news:
                    lost = version < self.oldest[path]
                    lines = [(at, line) for at, line in self.told[path] if at > version]
                    if not lines and not lost and self.hung_up == began:
                        self.news.wait(0.2)
                        continue
                if lost:
                    yield self.spoilt("gone-event")
                if lost or not lines:
                    return
                version = lines[-1][0]
                yield from (line for _at, line in lines)
        finally:
            with self.news:
                self.open[path] -= 1
                self.news.notify_all()

    def spoilt(self, kind: str) -> bytes:
        """One line, or what is left of it, that a watch goes wrong with."""
        if kind in FAILURES:
            code, reason = FAILURES[kind]
            status = {"kind": "Status", "status": "Failure", "reason": reason, "message": reason, "code": code}
            return orjson.dumps({"type": "ERROR", "object": status}) + b"\n"
        if kind == "malformed":
            return b'{"type":"MODIFIED","object":{"spec":"an object without a name"}}\n'
        whole = BOOKMARK % self.version
        return {"cut": whole[:20], "truncated": whole[:20] + b"\n", "ends": b""}.get(kind, b"<html>Sign in</html>\n")
