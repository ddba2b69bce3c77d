"""Yes, no or perhaps for many principals at once: a bit each, and for every perhaps its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Why = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Tri:
    """`yes` and `maybe` are sets of principals and share none; everybody else is a no."""

    yes: int = 0
    maybe: int = 0
    why: Why = ()

    def __or__(self, other: Tri) -> Tri:
        if other is NOBODY or self is NOBODY:
            return self if other is NOBODY else other
        yes = self.yes | other.yes
        return Tri(yes, (self.maybe | other.maybe) & ~yes, _why(self.why, other.why))

    def __and__(self, other: Tri) -> Tri:
        yes = self.yes & other.yes
        maybe = (self.yes | self.maybe) & (other.yes | other.maybe) & ~yes
        return Tri(yes, maybe, _of(maybe, _why(self.why, other.why)))

    def within(self, mask: int) -> Tri:
        """The same, of these principals only."""
        yes, maybe = self.yes & mask, self.maybe & mask
        return Tri(yes, maybe, _of(maybe, self.why)) if yes or maybe else NOBODY

    def without(self, other: Tri) -> Tri:
        """Who is in this and not in the other."""
        if not (other.yes | other.maybe) & (self.yes | self.maybe):
            return self
        possible = (self.yes | self.maybe) & ~other.yes
        yes = self.yes & ~other.yes & ~other.maybe
        maybe = possible & ~yes
        return Tri(yes, maybe, _of(maybe, _why(self.why, other.why)))

    def of(self, bit: int) -> bool | None:
        """One principal's answer: nothing for perhaps."""
        if self.yes >> bit & 1:
            return True
        return None if self.maybe >> bit & 1 else False

    def reasons(self) -> list[str]:
        """Why the perhapses are not decided, each reason once."""
        return sorted({reason for reason, mask in self.why if mask & self.maybe})

    def reasons_of(self, bit: int) -> list[str]:
        return sorted({reason for reason, mask in self.why if mask >> bit & 1 and self.maybe >> bit & 1})


NOBODY = Tri()


def perhaps(mask: int, reason: str) -> Tri:
    return Tri(0, mask, ((reason, mask),)) if mask else NOBODY


def union(parts: Iterable[Tri]) -> Tri:
    """Everybody who is in one of them."""
    found = [part for part in parts if part is not NOBODY]
    if len(found) < 2:
        return found[0] if found else NOBODY
    yes = maybe = 0
    why: dict[str, int] = {}
    for part in found:
        yes |= part.yes
        maybe |= part.maybe
        for reason, mask in part.why:
            why[reason] = why.get(reason, 0) | mask
    return Tri(yes, maybe & ~yes, tuple(why.items()))


def bits(mask: int) -> Iterator[int]:
    """The numbers of the principals in a set."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _of(mask: int, why: Why) -> Why:
    """The reasons of these principals only: those of others must not turn up when more is added later."""
    return tuple((reason, whose & mask) for reason, whose in why if whose & mask)


def _why(one: Why, other: Why) -> Why:
    if not one or not other or one is other:
        return one or other
    merged = dict(one)
    for reason, mask in other:
        merged[reason] = merged.get(reason, 0) | mask
    return tuple(merged.items())
