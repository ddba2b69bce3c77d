"""Wildcards: `*` stands for anything, `?` for one character. And an index that finds the patterns of a name."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

T = TypeVar("T")
WILD = re.compile(r"[*?]")
VARIABLE = re.compile(r"\$\{([^}]*)\}")
SPECIAL = re.compile("[*?\ue000\ue001]")
# `${*}` is a star and no wildcard: it is kept as a sign that no name has.
STAR, MARK = "\ue000", "\ue001"
LITERAL_VARIABLES = {"*": STAR, "?": MARK, "$": "$"}
LITERALS = {STAR: "*", MARK: "?"}
PROBE = "probe-7f3a91"


def matches(pattern: str, text: str) -> bool:
    """Whether the text is covered by a pattern; upper and lower case differ."""
    if pattern == "*" or pattern == text:
        return True
    return bool(SPECIAL.search(pattern)) and compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=65536)
def compiled(pattern: str) -> re.Pattern[str]:
    """A wildcard pattern as a regular expression."""
    written = ({"*": ".*", "?": "."}.get(one) or re.escape(LITERALS.get(one, one)) for one in _merged(pattern))
    return re.compile("".join(written), re.DOTALL)


def plain(text: str) -> str:
    """A text without wildcards as it is compared letter by letter."""
    return text.replace(STAR, "*").replace(MARK, "?")


def _merged(pattern: str) -> str:
    """`**` says no more than `*` and would be slow."""
    return re.sub(r"\*+", "*", pattern)


@lru_cache(maxsize=65536)
def _covers(patterns: tuple[str, ...], action: str) -> bool:
    return action in patterns or any(matches(pattern, action) for pattern in patterns if WILD.search(pattern))


def covers(patterns: Sequence[str], action: str) -> bool:
    """Whether one of these patterns covers the action; all in lower case. Most name thousands in full."""
    return _covers(tuple(patterns), action)


def arn_matches(pattern: str, arn: str) -> bool:
    """ArnLike: each of the six parts between colons is compared by itself."""
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    if len(wanted) != len(given):
        return pattern == "*"
    return all(matches(one, other) for one, other in zip(wanted, given, strict=True))


def concrete(pattern: str) -> str:
    """A name that the pattern covers and hardly any other pattern that is not as wide."""
    return pattern.replace("*", PROBE).replace("?", "7")


def rests(pattern: str, prefix: str) -> set[str]:
    """What may follow this start in the names that the pattern covers, as patterns."""
    reached = {0}
    for letter in prefix:
        reached = {after for place in _skipped(pattern, reached) for after in _step(pattern, place, letter)}
    found = {pattern[place:] for place in reached}
    return {"*"} if "*" in found else found


@lru_cache(maxsize=65536)
def common(one: str, other: str) -> str | None:
    """A pattern of names that both cover, as wide as is easily found; nothing when there are none."""
    if not one or not other:
        return "" if set(one + other) <= {"*"} else None
    if other[0] == "*" and one[0] != "*":
        one, other = other, one
    if one[0] != "*":
        if one[0] != other[0] and "?" not in (one[0], other[0]):
            return None
        return _after(other[0] if one[0] == "?" else one[0], common(one[1:], other[1:]))
    if other[0] == "*":
        found = common(one[1:], other)
        return _after("*", found if found is not None else common(one, other[1:]))
    found = _after(other[0], common(one, other[1:]))
    return found if found is not None else common(one[1:], other)


def _after(start: str, rest: str | None) -> str | None:
    return None if rest is None else start + rest


def _skipped(pattern: str, reached: set[int]) -> set[int]:
    """A star may stand for nothing."""
    found = set(reached)
    for place in reached:
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            found.add(place)
    return found


def _step(pattern: str, place: int, letter: str) -> tuple[int, ...]:
    if place == len(pattern):
        return ()
    if pattern[place] == "*":
        return (place,)
    return (place + 1,) if pattern[place] in ("?", letter) else ()


@lru_cache(maxsize=65536)
def literal_prefix(pattern: str) -> str:
    """What every covered name starts with."""
    return re.split(r"[*?\ue000\ue001]|\$\{", pattern, maxsplit=1)[0]


class PatternIndex(Generic[T]):
    """Items under resource patterns. Only patterns whose literal start fits a name are looked at."""

    def __init__(self) -> None:
        self._items: dict[str, list[tuple[str, T]]] = {}
        self._lengths: tuple[int, ...] | None = None
        self._sorted: list[str] | None = None

    def add(self, pattern: str, item: T) -> None:
        self._items.setdefault(literal_prefix(pattern), []).append((pattern, item))
        self._lengths = self._sorted = None

    def near(self, name: str) -> Iterator[tuple[str, T]]:
        """(pattern, item) whose literal start the name has; whether the rest fits is to be seen."""
        if self._lengths is None:
            self._lengths = tuple(sorted({len(prefix) for prefix in self._items}))
        size = len(name)
        for length in self._lengths:
            if length > size:
                return
            yield from self._items.get(name[:length], ())

    def below(self, prefix: str) -> Iterator[tuple[str, T]]:
        """(pattern, item) that may cover a name with this start, without covering all of them."""
        if self._sorted is None:
            self._sorted = sorted(self._items)
        for place in range(bisect_left(self._sorted, prefix), len(self._sorted)):
            start = self._sorted[place]
            if not start.startswith(prefix):
                break
            yield from self._items[start]
        for pattern, item in self.near(prefix):
            if literal_prefix(pattern) != prefix:
                yield pattern, item
