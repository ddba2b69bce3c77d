"""Links that an asset may have, or that may lead to it, although nobody could tell of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from inventory.documents import Completeness, Unknown
from inventory.facts.estate import Estate, Node
from inventory.provenance import link_untold, origins

NodesOf = Callable[[Set[str]], Iterable[Node]]
"""The present assets of these kinds; those without an unread part may be left out."""


def unseen_origins(estate: Estate, target: str, type: str = "", among: Set[str] | None = None) -> Unknown | None:
    """As `links_unseen`, for an estate."""
    return estate.once(
        f"unseen {type} to {target} of {sorted(among or ())}",
        lambda: links_unseen(estate.read, lambda kinds: estate.all(*sorted(kinds)), target, type, among),
    )


def links_unseen(
    read: Completeness, nodes_of: NodesOf, target: str, type: str, among: Set[str] | None = None
) -> Unknown | None:
    """Why links of a type (empty: any) may lead to assets of a kind unseen; `among`: only from these kinds.

    Either assets that could have them were not read, or the part of one that would have told.
    """
    kinds = origins(type, target) if among is None else origins(type, target) & among
    unread = read.unread(kinds)
    if unread is not None:
        return unread
    for node in nodes_of(kinds):
        part = link_untold(node.kind, node.config, node.unread, type, target) if node.unread else None
        if part is not None:
            return Unknown(f"{part.part or 'The document'} of {node.name} could not be read.")
    return None


def untold(node: Node, type: str, target: str = "") -> Unknown | None:
    """Why an asset may have more, or other, links of a type (empty: any) than are known."""
    part = link_untold(node.kind, node.config, node.unread, type, target)
    if part is None:
        return None
    return Unknown(f"{part.part or 'The document'} was not read: {part.message or part.problem.value}")


def first(answers: Iterable[object]) -> Unknown | None:
    """The first of these that is not known."""
    return next((answer for answer in answers if isinstance(answer, Unknown)), None)
