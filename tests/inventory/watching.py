"""Runs every fact and derived link over a stored estate and notes what each looks at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from inventory.documents import Document
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import DERIVED_LINKS, FACTS, DerivedLink, Fact
from inventory.kinds import expand
from inventory.models import Source
from inventory.queries import estate_of
from inventory.queries.estates import StoredNode


class Watch:
    """Kinds looked at since `start`: listed, looked up, or read by a document other than the asset's own."""

    def __init__(self) -> None:
        self.node: Node | None = None
        self.kinds: set[str] = set()
        self.far: set[str] = set()

    def start(self, node: Node) -> None:
        self.node = node

    def note(self, kinds: Iterable[str]) -> None:
        if self.node is not None:
            self.kinds.update(kinds)


@contextmanager
def watching(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    watch = Watch()
    listed, looked_up, read = Estate.all, Estate.get, StoredNode.config.fget
    assert read is not None

    def config(self: StoredNode) -> Document:
        if self is not watch.node:
            watch.note([self.kind])
            if watch.node is not None and self.place not in (watch.node.place, "-"):
                watch.far.add(f"{self.kind} of another place")
        return read(self)

    def all_of(self: Estate, *kinds: str) -> Any:
        watch.note(expand(*kinds))
        return listed(self, *kinds)

    def get(self: Estate, kind: str, external_id: str) -> Node | None:
        watch.note([kind] if kind else [])
        return looked_up(self, kind, external_id)

    with monkeypatch.context() as patched:
        patched.setattr(StoredNode, "config", property(config))
        patched.setattr(Estate, "all", all_of)
        patched.setattr(Estate, "get", get)
        yield watch


def undeclared(source: Source, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Kinds that a fact or derived link looked at without saying so, by its name."""
    found: dict[str, set[str]] = {}
    declarations: list[Fact | DerivedLink] = [*DERIVED_LINKS, *FACTS]
    for declared in declarations:
        estate = estate_of(source)
        nodes = list(estate.all(*sorted(declared.kinds)))
        if nodes:
            estate.links_into(nodes[0])  # builds the index of incoming links before anybody watches
        with watching(monkeypatch) as watch:
            for node in nodes:
                watch.start(node)
                answer = declared.compute(node, estate)
                if isinstance(declared, DerivedLink):
                    list(answer)
        known = declared.looks_at | getattr(declared, "linked", frozenset())
        extra = watch.kinds - known | (watch.far if declared.same_place else set())
        if extra:
            found[getattr(declared, "name", "") or declared.compute.__name__] = extra
    return found
