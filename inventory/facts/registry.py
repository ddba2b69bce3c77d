"""Where facts, derived links and views are declared. A fact is a pure function over one asset and its estate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from inventory.documents import Document, LinkTo, Unknown
from inventory.facts.estate import Estate, Node
from inventory.kinds import expand

FactFunction = Callable[[Node, Estate], Any]
LinkFunction = Callable[[Node, Estate], Iterable[LinkTo]]
ViewFunction = Callable[[Node], Document]
F = TypeVar("F", bound=FactFunction)
L = TypeVar("L", bound=LinkFunction)
V = TypeVar("V", bound=ViewFunction)


@dataclass(frozen=True, slots=True)
class Fact:
    """A derived value. `looks_at`: kinds other than the asset itself whose change may change the value.

    `same_place`: of those only the ones in its own region or namespace, and those that have none ("-").
    `linked`: kinds of which only assets matter that are at most two links away.
    `through`: a fact of what it looks at; while that is as it was, a change of the asset alters nothing.
    `last_known`: assets that a broken-off reading did not show again still count; otherwise the value is unknown then.
    """

    name: str
    kinds: frozenset[str]
    looks_at: frozenset[str]
    title: str
    compute: FactFunction
    same_place: bool = False
    last_known: bool = False
    linked: frozenset[str] = frozenset()
    through: str = ""


@dataclass(frozen=True, slots=True)
class DerivedLink:
    """Links of one type that are worked out from several documents."""

    type: str
    kinds: frozenset[str]
    looks_at: frozenset[str]
    compute: LinkFunction
    same_place: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A part of a document under one name for many kinds; computed when asked, never stored.

    `parts`: the top-level fields that it is made of; while another one is unread, it is known all the same.
    """

    name: str
    kinds: frozenset[str]
    parts: frozenset[str]
    compute: ViewFunction


FACTS: list[Fact] = []
DERIVED_LINKS: list[DerivedLink] = []
VIEWS: list[View] = []


def fact(
    name: str,
    *,
    kinds: Sequence[str],
    looks_at: Sequence[str] = (),
    linked: Sequence[str] = (),
    title: str = "",
    **how: Any,
) -> Callable[[F], F]:
    """Declares `facts.<name>`. The function answers any JSON value, or Unknown(reason) when an input was not read."""

    def declare(compute: F) -> F:
        asked = frozenset(expand(*kinds))
        _refuse_second(name, asked, ((f.name, f.kinds) for f in FACTS))
        shown = title or _first_line(compute)
        around = frozenset(expand(*linked))
        FACTS.append(Fact(name, asked, frozenset(expand(*looks_at)), shown, compute, linked=around, **how))
        return compute

    return declare


def derived_link(
    type: str, *, kinds: Sequence[str], looks_at: Sequence[str] = (), same_place: bool = False
) -> Callable[[L], L]:
    """Declares links of one type that no single document states."""

    def declare(compute: L) -> L:
        asked, others = frozenset(expand(*kinds)), frozenset(expand(*looks_at))
        DERIVED_LINKS.append(DerivedLink(type, asked, others, compute, same_place))
        return compute

    return declare


def view(name: str, *, kinds: Sequence[str], parts: Sequence[str]) -> Callable[[V], V]:
    """Declares `<name>.…` for rules that ask the same of several kinds."""

    def declare(compute: V) -> V:
        asked = frozenset(expand(*kinds))
        _refuse_second(name, asked, ((v.name, v.kinds) for v in VIEWS))
        VIEWS.append(View(name, asked, frozenset(parts), compute))
        return compute

    return declare


def facts_of(kind: str) -> list[Fact]:
    return [f for f in FACTS if kind in f.kinds]


def views_of(kind: str) -> list[View]:
    return [v for v in VIEWS if kind in v.kinds]


def fact_title(name: str, kind: str = "") -> str:
    """What a fact says, in words; of any kind when none is named. Empty for a name that is no derived fact."""
    return next((f.title for f in FACTS if f.name == name and (not kind or kind in f.kinds)), "")


@cache
def parts_of_view(kind: str, name: str) -> tuple[str, ...]:
    """The top-level fields that a view of a kind is made of, in order."""
    return tuple(sorted({part for v in views_of(kind) if v.name == name for part in v.parts}))


def lenses() -> list[Fact]:
    """The facts through which others look at an asset."""
    names = {f.through for f in FACTS}
    return [f for f in FACTS if f.name in names]


def fact_names() -> frozenset[str]:
    return frozenset(f.name for f in FACTS)


def encode(value: Any) -> Any:
    """A fact's value as it is stored: Unknown becomes {"unknown": reason}."""
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    if isinstance(value, dict) and value.keys() == {"unknown"}:
        raise ValueError("A fact may not be an object with the single key 'unknown'.")
    return value


def decode(stored: Any) -> Any:
    """The inverse of `encode`."""
    if isinstance(stored, dict) and stored.keys() == {"unknown"}:
        return Unknown(str(stored["unknown"]))
    return stored


def _first_line(compute: FactFunction) -> str:
    return (compute.__doc__ or compute.__name__.replace("_", " ")).strip().splitlines()[0].rstrip(".")


def _refuse_second(name: str, kinds: frozenset[str], known: Iterable[tuple[str, frozenset[str]]]) -> None:
    for other, taken in known:
        if other == name and kinds & taken:
            raise ValueError(f"{name} is declared twice for {', '.join(sorted(kinds & taken))}.")
