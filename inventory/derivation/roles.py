"""AI roles: from an asset's own document, then from what it is connected to, until nothing changes any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

import structlog

from inventory.documents import Unknown
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.registry import DERIVED_LINKS
from inventory.facts.unseen import unseen_origins
from inventory.provenance import link_untold
from inventory.recognition import (
    TELLING,
    Recognition,
    Relation,
    recognise,
    recognise_by_relation,
    relation_kinds,
    undecided,
)

log = structlog.get_logger()
ROUNDS = 8


def recognise_own(nodes: Iterable[Node], estate: Estate) -> dict[UUID, Recognition | None]:
    """What the documents of these assets show; sets their roles in the estate."""
    found: dict[UUID, Recognition | None] = {}
    for node in nodes:
        if node.id is not None:
            found[node.id] = own = _own(node)
            estate.assign_role(node, own.role if own else "")
    return found


def recognise_related(estate: Estate, settled: Mapping[UUID, str]) -> dict[UUID, Recognition]:
    """Roles by relation of every asset that has none by itself (`settled`: own roles). Sets them in the estate.

    All assets of a round see the roles of the round before, so the order of assets does not matter.
    """
    open_nodes = [node for node in estate.all(*sorted(relation_kinds())) if node.id not in settled]
    for node in open_nodes:
        estate.assign_role(node, "")
    found: dict[UUID, Recognition] = {}
    waiting = open_nodes
    for _round in range(ROUNDS):
        answers = [(node, recognise_by_relation(node, estate)) for node in waiting]
        moved = [node for node, answer in answers if (answer.role if answer else "") != node.ai_role]
        for node, answer in answers:
            _settle(node, answer, estate, found)
        waiting = _around(moved, estate, settled)
        if not waiting:
            break
    return found


def doubtful_roles(
    estate: Estate, settled: Mapping[UUID, str], found: Mapping[UUID, Recognition]
) -> dict[UUID, Unknown]:
    """Assets that may have another role through links that were not seen, and why. Needs all roles to be set."""
    if estate.read.whole and not any(node.unread for kind in estate.kinds() for node in estate.all(kind)):
        return {}
    doubts = {node.id: reason for node, reason in _untold(estate) if node.id is not None and node.id not in settled}
    open_nodes = estate.all(*sorted(relation_kinds()))
    waiting = [node for node in open_nodes if node.id not in settled and node.id not in doubts]
    for _round in range(ROUNDS):
        fresh = {
            node.id: reason
            for node in waiting
            if node.id is not None and (reason := _doubt(node, found.get(node.id), estate, doubts))
        }
        if not fresh:
            break
        doubts |= {id: Unknown(reason) for id, reason in fresh.items()}
        waiting = [node for node in waiting if node.id not in doubts]
    estate.doubt_roles(doubts)
    return doubts


def _untold(estate: Estate) -> Iterator[tuple[Node, Unknown]]:
    """Assets whose own document would show that they are AI, and could not be read."""
    for kind, parts in TELLING.items():
        for node in estate.all(kind):
            missing = node.unknown(*parts)
            if missing is not None:
                yield node, missing


def _doubt(node: Node, found: Recognition | None, estate: Estate, doubts: Mapping[UUID, Unknown]) -> str:
    reasons = (_unsure(relation, node, estate, doubts) for relation in undecided(node, found))
    return next(filter(None, reasons), "")


def _unsure(relation: Relation, node: Node, estate: Estate, doubts: Mapping[UUID, Unknown]) -> str:
    """Why the asset may be AI by this relation although it was not seen."""
    around = estate.into(node, relation.link) if relation.target else estate.out_nodes(node, relation.link)
    certain = [other for other in around if other.id not in doubts]
    if relation.only and any(other.ai_role not in relation.neighbours for other in certain):
        return ""
    doubtful = next((other.id for other in around if other.id in doubts), None)
    if doubtful is not None:
        return doubts[doubtful].reason
    return _unseen_origins(relation, node, estate) if relation.target else _unseen_targets(relation, node, estate)


def _unseen_origins(relation: Relation, node: Node, estate: Estate) -> str:
    unseen = unseen_origins(estate, node.kind, relation.link)
    return "" if unseen is None else unseen.reason


def _unseen_targets(relation: Relation, node: Node, estate: Estate) -> str:
    untold = link_untold(node.kind, node.config, node.unread, relation.link) if node.unread else None
    if untold is not None:
        return f"{untold.part or 'The document'} could not be read."
    targets = estate.out(node, relation.link)
    named = {target.kind for target in targets if isinstance(target, Dangling)}
    for declared in DERIVED_LINKS:
        if declared.type == relation.link and node.kind in declared.kinds:
            named |= declared.looks_at
    unread = estate.read.unread(named)
    return unread.reason if unread is not None else ""


def _settle(node: Node, answer: Recognition | None, estate: Estate, found: dict[UUID, Recognition]) -> None:
    if node.id is None:
        return
    estate.assign_role(node, answer.role if answer else "")
    if answer:
        found[node.id] = answer
    else:
        found.pop(node.id, None)


def _around(moved: Iterable[Node], estate: Estate, settled: Mapping[UUID, str]) -> list[Node]:
    """Assets whose answer may differ now, each once, in a fixed order."""
    kinds = relation_kinds()
    near = {id(other): other for node in moved for other in estate.neighbours(node)}
    asked = [n for n in near.values() if n.kind in kinds and n.id not in settled and estate.get(*n.identity) is n]
    return sorted(asked, key=lambda n: n.identity)


def _own(node: Node) -> Recognition | None:
    try:
        return recognise(node)
    except Exception:  # a scanned document may be anything: one that breaks the matcher must not stop all others
        log.exception("recognition_failed", kind=node.kind, external_id=node.external_id)
        return None
