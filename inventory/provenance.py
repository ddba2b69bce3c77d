"""Which part of a document tells what: an asset's name, and its links of each type. Collectors declare it.

What is told by a part that was not read is not known, and what could be told by assets that were not read neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from inventory.documents import Document, Unread
from inventory.kinds import expand


class LinkType(StrEnum):
    """The types of links, as rules name them."""

    USES_ROLE = "uses_role"
    READS_DATA = "reads_data"
    WRITES_DATA = "writes_data"
    PRODUCES = "produces"
    FEEDS = "feeds"
    LOADS = "loads"
    SERVES = "serves"
    RUNS_IMAGE = "runs_image"
    ENCRYPTED_BY = "encrypted_by"
    IN_NETWORK = "in_network"
    GUARDED_BY = "guarded_by"
    STORES_IN = "stores_in"
    INDEXES = "indexes"
    HAS_TOOL = "has_tool"
    DELEGATES_TO = "delegates_to"
    LOGS_TO = "logs_to"
    PART_OF = "part_of"
    SELECTS = "selects"
    ROUTES_TO = "routes_to"
    RUNS_AS = "runs_as"
    BINDS = "binds"
    GRANTS_TO = "grants_to"
    MOUNTS = "mounts"
    BOUND_TO = "bound_to"
    RUNS_ON = "runs_on"


@dataclass(frozen=True, slots=True)
class Told:
    """Assets of `origin` can have links of a type to assets of `target` (empty: of any kind).

    `part` is the top-level field that says so; empty for what comes with the asset itself.
    """

    origin: str
    type: str
    target: str
    part: str = ""


_LINKS: set[Told] = set()
_NAMES: dict[str, frozenset[str]] = {}
_ANSWERS: dict[tuple[str, str], str] = {}


def declare(
    links: Iterable[Told],
    names: Iterable[tuple[str, Iterable[str]]] = (),
    answers: Iterable[tuple[str, str, str]] = (),
) -> None:
    """Says what the documents of some kinds tell.

    `names`: (kind, parts that its name is made of); `answers`: (kind, top-level field, the further call it holds).
    """
    _LINKS.update(links)
    _NAMES.update((kind, frozenset(parts)) for kind, parts in names)
    _ANSWERS.update(((kind, part), call) for kind, part, call in answers)
    origins.cache_clear()
    _parts.cache_clear()


def answer_of(kind: str, part: str) -> str:
    """The further call whose answer a top-level field holds; empty for a field of the provider's own document."""
    return _ANSWERS.get((kind, part), "")


@cache
def origins(type: str, target: str) -> frozenset[str]:
    """Kinds whose assets can have a link of this type to an asset of that kind; empty: of any type, of any kind."""
    of_type = (told for told in _LINKS if type in ("", told.type))
    return frozenset(told.origin for told in of_type if not target or told.target in ("", target))


def link_untold(kind: str, config: Document, unread: Sequence[Unread], type: str, target: str = "") -> Unread | None:
    """The unread part that may tell more, or other, links of this type (empty: any).

    A part named as the type stands for what the links lead to, where only another list could have told that.
    """
    if not unread:
        return None
    found = _first_unread(_parts(kind, type, target), config, unread)
    return found or next((part for part in unread if part.part == type), None)


def name_untold(kind: str, config: Document, unread: Sequence[Unread]) -> Unread | None:
    """The unread part that would have told the asset's name."""
    return _first_unread(_NAMES.get(kind, frozenset()), config, unread)


@cache
def _parts(origin: str, type: str, target: str) -> frozenset[str]:
    targets = {"", *expand(target)} if target else set()
    found = (told for told in _LINKS if told.origin == origin and type in ("", told.type))
    return frozenset(told.part for told in found if told.part and (not targets or told.target in targets))


def _first_unread(parts: Iterable[str], config: Document, unread: Sequence[Unread]) -> Unread | None:
    by_part = {part.part: part for part in unread}
    found = (by_part.get(part) or (by_part.get("") if part not in config else None) for part in sorted(parts))
    return next(filter(None, found), None)
