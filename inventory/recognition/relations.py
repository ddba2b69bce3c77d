"""Assets that are AI because of what they are connected to, as relations.yaml says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inventory.recognition.catalogue import Relation, catalogue
from inventory.recognition.result import Evidence, Recognition

if TYPE_CHECKING:
    from inventory.facts.estate import Estate, Node

_SHOWN = 5


def recognise_by_relation(node: Node, estate: Estate) -> Recognition | None:
    """The role that an asset has through its links. Needs the roles of its neighbours to be set already."""
    best: Recognition | None = None
    for relation in catalogue().relations:
        if node.kind in relation.kinds:
            found = _through(relation, node, estate)
            if found and (best is None or found.confidence > best.confidence):
                best = found
    return best


def undecided(node: Node, found: Recognition | None) -> list[Relation]:
    """Relations that could give the asset another role than was found, if more of its links were seen."""
    return [
        relation
        for relation in catalogue().relations
        if node.kind in relation.kinds
        and (found is None or relation.confidence > found.confidence or _rests_on(relation, found))
    ]


def _rests_on(relation: Relation, found: Recognition) -> bool:
    """Whether the role was found because all neighbours are AI, as far as they were seen."""
    return relation.only and any(one["signal"] == relation.id for one in found.evidence)


def relation_kinds() -> frozenset[str]:
    """Kinds that relations can turn into AI: all others need not be asked."""
    return frozenset(kind for relation in catalogue().relations for kind in relation.kinds)


def _through(relation: Relation, node: Node, estate: Estate) -> Recognition | None:
    around: Sequence[Node] = (
        estate.into(node, relation.link) if relation.target else estate.out_nodes(node, relation.link)
    )
    matching = [other for other in around if other.ai_role in relation.neighbours]
    if not matching or (relation.only and len(matching) < len(around)):
        return None
    weight = relation.confidence / 100
    evidence = tuple(
        Evidence(signal=relation.id, where=f"link {relation.link}", value=f"{other.kind} {other.name}", weight=weight)
        for other in matching[:_SHOWN]
    )
    role = matching[0].ai_role if relation.role == "same" else relation.role
    return Recognition(role=role, confidence=relation.confidence, evidence=evidence)
