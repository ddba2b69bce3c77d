"""Runs facts and derived links over an estate: all of them, or those that a change may have altered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from inventory.documents import LinkTo, Unknown
from inventory.facts.estate import Estate, Identity, Node
from inventory.facts.registry import DERIVED_LINKS, FACTS, DerivedLink, Fact, encode

log = structlog.get_logger()
NO_PLACE = "-"
MANY = 200


class Interrupted(Exception):
    """The derivation was called off: nothing of it is kept."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class Extent:
    """What to work out again: `everything`, or what these assets and changes of (kind, place) may have altered.

    `gone`: kinds of which an asset is there no more, so that nobody can tell what it was linked to.
    `quiet`: (kind, place, fact): what changed there left that fact as it was.
    `stopped` is asked between steps: true calls the derivation off.
    """

    everything: bool = False
    nodes: dict[UUID, Node] = field(default_factory=dict)
    changed: set[tuple[str, str]] = field(default_factory=set)
    gone: frozenset[str] = frozenset()
    quiet: set[tuple[str, str, str]] = field(default_factory=set)
    stopped: Callable[[], bool] = _never

    def go_on(self) -> None:
        """Raises Interrupted when the work is to end."""
        if self.stopped():
            raise Interrupted

    def add(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            if node.id is not None:
                self.nodes[node.id] = node
                self.changed.add((node.kind, node.place))

    def asked(self, declared: Fact | DerivedLink, estate: Estate) -> list[Node]:
        """The assets for which a fact or derived link has to be worked out."""
        linked, through = (declared.linked, declared.through) if isinstance(declared, Fact) else (frozenset(), "")
        looked_at = ((kind, place) for kind, place in self.changed if kind in declared.looks_at)
        places = {place for kind, place in looked_at if (kind, place, through) not in self.quiet}
        changed = [node for node in self.nodes.values() if node.kind in linked]
        widely = len(changed) > MANY or bool(linked & self.gone)
        if self.everything or widely or (places and not declared.same_place) or NO_PLACE in places:
            return list(estate.all(*sorted(declared.kinds)))
        found = [node for node in self.nodes.values() if node.kind in declared.kinds]
        found += self._around(changed, declared.kinds, estate)
        if places:
            near = (
                node for place in sorted(places) for kind in declared.kinds for node in estate.in_place(kind, place)
            )
            found += [node for node in near if node.id not in self.nodes]
        return found

    def hush(self, lens: Fact, nodes: Iterable[Node], same: Callable[[Node], bool]) -> None:
        """Notes where a fact that others look through is the same as before for all that changed."""
        loud = {(node.kind, node.place) for node in nodes if not same(node)}
        asked = {(kind, place) for kind, place in self.changed if kind in lens.kinds and kind not in self.gone}
        self.quiet |= {(kind, place, lens.name) for kind, place in asked - loud}

    def _around(self, changed: Iterable[Node], kinds: frozenset[str], estate: Estate) -> list[Node]:
        """Assets of these kinds, besides those of the extent, that are at most two links away."""
        near = {id(one): one for node in changed for one in estate.neighbours(node)}
        near |= {id(two): two for one in list(near.values()) for two in estate.neighbours(one)}
        own = (node for node in near.values() if node.kind in kinds and node.id not in self.nodes)
        return [node for node in own if estate.get(*node.identity) is node]


def derive_links(extent: Extent, estate: Estate) -> dict[tuple[Identity, str], list[LinkTo]]:
    """The derived links of every (asset, type) that was asked; also put into the estate."""
    wanted: dict[tuple[Identity, str], list[LinkTo]] = {}
    for declared in DERIVED_LINKS:
        extent.go_on()
        for node in extent.asked(declared, estate):
            targets = wanted.setdefault((node.identity, declared.type), [])
            targets += _links(declared, node, estate)
    estate.relink(wanted)
    return wanted


def derive_facts(extent: Extent, estate: Estate) -> dict[UUID, dict[str, Any]]:
    """The facts that were asked, in stored form, by asset. Facts of an asset that were not asked are not there.

    Asset by asset: what one fact has read of a document is at hand for the next.
    """
    asked: dict[Node, list[Fact]] = defaultdict(list)
    for declared in FACTS:
        for node in extent.asked(declared, estate):
            asked[node].append(declared)
    values: dict[UUID, dict[str, Any]] = {}
    for node, facts in asked.items():
        extent.go_on()
        if node.id is not None:
            values[node.id] = {declared.name: value_of(declared, node, estate) for declared in facts}
    return values


def value_of(declared: Fact, node: Node, estate: Estate) -> Any:
    """A fact of one asset, in stored form."""
    try:
        value, doubt = estate.doubt_of(lambda: declared.compute(node, estate))
        return encode(Unknown(doubt) if doubt and not declared.last_known else value)
    except Exception as error:  # a scanned document may be anything: what breaks one fact makes it unknown, no more
        log.exception("fact_failed", fact=declared.name, kind=node.kind, external_id=node.external_id)
        return encode(Unknown(f"The document has an unexpected form ({type(error).__name__})."))


def _links(declared: DerivedLink, node: Node, estate: Estate) -> list[LinkTo]:
    try:
        return [LinkTo(declared.type, to.kind, to.ref) for to in declared.compute(node, estate) if to.ref]
    except Exception:  # a scanned document may be anything: this asset then has no such link, all others have theirs
        log.exception("link_failed", link=declared.type, kind=node.kind, external_id=node.external_id)
        return []
