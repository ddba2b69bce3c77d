"""Links that may lead to an asset although nobody could tell of them."""

from __future__ import annotations

from collections.abc import Set

from inventory.documents import Unknown
from inventory.facts.estate import Estate
from inventory.provenance import link_untold, origins


def unseen_origins(estate: Estate, target: str, type: str = "", among: Set[str] | None = None) -> Unknown | None:
    """Why links of a type (empty: any) may lead to assets of a kind unseen; `among`: only from these kinds."""
    kinds = origins(type, target) if among is None else origins(type, target) & among
    return estate.once(
        f"unseen {type} to {target} of {sorted(among or ())}", lambda: _unseen(estate, target, type, kinds)
    )


def _unseen(estate: Estate, target: str, type: str, kinds: Set[str]) -> Unknown | None:
    unread = estate.read.unread(kinds)
    if unread is not None:
        return unread
    for node in estate.all(*sorted(kinds)):
        part = link_untold(node.kind, node.config, node.unread, type, target) if node.unread else None
        if part is not None:
            return Unknown(f"{part.part or 'The document'} of {node.name} could not be read.")
    return None
