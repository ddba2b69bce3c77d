"""Assets that are not in the database: derived and judged as those that are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from findings.posture.engine.judging import Judge
from findings.posture.engine.subject import Subject, Verdict
from findings.posture.rule import RuleSet
from inventory.derivation.attributes import Defaults, attributes_of, doubtful_attributes
from inventory.derivation.roles import doubtful_roles, recognise_own, recognise_related
from inventory.derivation.values import Extent, derive_facts, derive_links
from inventory.documents import Document, Observed, ScopeView
from inventory.facts.estate import Dangling, Edge, Estate, Node
from inventory.facts.registry import encode, views_of
from inventory.facts.unseen import links_unseen
from inventory.kinds import expand
from inventory.recognition import Recognition

DEFAULTS = Defaults(environment="unknown", criticality=2, owner="")


@dataclass(frozen=True, slots=True)
class Judged:
    """One asset and what every rule for its kind says of it."""

    seen: Observed
    subject: Subject
    verdicts: Sequence[Verdict]


def judge_unstored(
    seen: Iterable[Observed], scopes: Iterable[ScopeView], rules: RuleSet, now: datetime
) -> Iterator[Judged]:
    """Judges what one source holds, in the order given."""
    assets = {uuid4(): one for one in seen}
    nodes = {id: _node(id, one) for id, one in assets.items()}
    edges = (Edge(node.identity, link) for id, node in nodes.items() for link in assets[id].links)
    estate = Estate(nodes.values(), edges, scopes)
    facts = _facts(nodes, estate)
    judges: dict[str, Judge] = {}
    for id, node in nodes.items():
        judge = judges.setdefault(node.kind, Judge(rules.for_kind(node.kind)))
        subject = _subject(node, estate, facts, rules)
        yield Judged(assets[id], subject, judge(subject, now))


def _node(id: UUID, one: Observed) -> Node:
    return Node(
        kind=one.kind, external_id=one.external_id, name=one.name, place=one.place, config=one.config,
        unread=one.unread, tags=one.tags, id=id,
    )  # fmt: skip


def _facts(nodes: Mapping[UUID, Node], estate: Estate) -> dict[UUID, Document]:
    """What is derived of every asset, in the form in which it would be stored."""
    everything = Extent(everything=True)
    own = recognise_own(nodes.values(), estate)
    derive_links(everything, estate)
    settled = {id: found.role for id, found in own.items() if found}
    related = recognise_related(estate, settled)
    doubts = doubtful_roles(estate, settled, related)
    derived = derive_facts(everything, estate)
    found = {}
    for id, node in nodes.items():
        facts = {name: encode(doubt) for name, doubt in doubtful_attributes(node, estate).items()}
        facts |= derived.get(id, {}) | ({"ai_role": encode(doubts[id])} if id in doubts else {})
        found[id] = _columns(node, own.get(id) or related.get(id), estate, facts) | facts
    return found


def _columns(node: Node, recognised: Recognition | None, estate: Estate, facts: Document) -> Document:
    attributes = asdict(attributes_of(node, estate, facts, DEFAULTS))
    if attributes["exposure"] == "unknown":
        attributes["exposure"] = {"unknown": "The exposure is not known."}
    return attributes | {
        "name": node.name,
        "kind": node.kind,
        "place": node.place,
        "tags": dict(node.tags),
        "ai_role": node.ai_role,
        "ai_product": recognised.product if recognised else "",
    }


def _subject(node: Node, estate: Estate, facts: Mapping[Any, Document], rules: RuleSet) -> Subject:
    asked = rules.for_kind(node.kind)
    wanted = {read.root for rule in asked for read in rule.reads}
    views: dict[str, Document] = {}
    broken: dict[str, str] = {}
    for view in views_of(node.kind):
        if view.name in wanted:
            try:
                views[view.name] = view.compute(node)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                broken[view.name] = f"The document has an unexpected form ({type(error).__name__})."
    types = {link.type for rule in asked for link in rule.links.values()}
    return Subject(
        kind=node.kind,
        config=node.config,
        unread=node.unread,
        facts=facts[node.id],
        linked={type: [_bare(one, facts) for one in _along(type, node, estate)] for type in types},
        unseen=dict(_unseen(node.kind, estate, rules)),
        views=views,
        broken=broken,
    )


def _along(type: str, node: Node, estate: Estate) -> Sequence[Node | Dangling]:
    return estate.into(node, type[1:]) if type.startswith("<") else estate.out(node, type)


def _bare(target: Node | Dangling, facts: Mapping[Any, Document]) -> Subject | Dangling:
    if isinstance(target, Dangling):
        return target
    return Subject(kind=target.kind, config=target.config, unread=target.unread, facts=facts[target.id])


def _unseen(kind: str, estate: Estate, rules: RuleSet) -> Iterator[tuple[str, str]]:
    """Types of links, with `<` in front, of which more may lead to assets of this kind; and why."""
    for type, origin in sorted(
        {(link.type, link.kind) for rule in rules.for_kind(kind) for link in rule.links.values()}
    ):
        if type.startswith("<"):
            among = {*expand(origin)} if origin else None
            missing = links_unseen(estate.read, lambda kinds: estate.all(*sorted(kinds)), kind, type[1:], among)
            if missing is not None:
                yield type, missing.reason
