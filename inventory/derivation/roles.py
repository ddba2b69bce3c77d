"""AI roles: from an asset's own document, then from what it is connected to, until nothing changes any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

import structlog

from inventory.facts.estate import Estate, Node
from inventory.recognition import Recognition, recognise, recognise_by_relation, relation_kinds

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
