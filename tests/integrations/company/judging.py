"""What the rules say about collected assets, without a database: roles, derived links and facts, then verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from findings.posture.engine import Judge, Subject
from findings.posture.rule import load_rules
from inventory.derivation.roles import recognise_own, recognise_related
from inventory.derivation.values import Extent, derive_facts, derive_links
from inventory.documents import ScopeView
from inventory.facts.aws_controls import MEMBER
from inventory.facts.estate import Dangling, Edge, Estate, Node
from tests.integrations.aws.collecting import Collected

# (rule, kind, asset's name), and how it came out. Names may be there twice.
Answer = tuple[tuple[str, str, str], str]
Verdicts = dict[tuple[str, str, str], str]


def estate_of(collected: Collected, account: str) -> Estate:
    """The collected assets with their links and how their scopes ended, where all members are connected."""
    nodes, edges = [], []
    for asset in collected.assets:
        nodes.append(
            Node(
                kind=asset.kind,
                external_id=asset.external_id,
                name=asset.name,
                place=asset.place,
                config=asset.config,
                unread=asset.unread,
                tags=asset.tags,
                id=uuid4(),
            )
        )
        edges += [Edge((asset.kind, asset.external_id), link) for link in asset.links]
    scopes = [ScopeView(key.region, key.collector, outcome.state) for key, outcome in collected.outcomes.items()]
    estate = Estate(nodes, edges, scopes, account=account)
    estate.connected = frozenset(str(member.config["Id"]) for member in estate.all(MEMBER))
    return estate


def verdicts(collected: Collected, account: str) -> Verdicts:
    """{(rule, kind, asset's name): outcome}"""
    return dict(answers(collected, account))


def answers(collected: Collected, account: str) -> list[Answer]:
    """Every rule's answer on every asset."""
    estate = estate_of(collected, account)
    nodes = [node for kind in estate.kinds() for node in estate.all(kind)]
    derive_links(Extent(everything=True), estate)
    own = recognise_own(nodes, estate)
    recognise_related(estate, {id: found.role for id, found in own.items() if found})
    facts = derive_facts(Extent(everything=True), estate)
    rules, now = load_rules().rules, datetime.now(UTC)
    judges = {kind: Judge([rule for rule in rules if kind in rule.kinds]) for kind in estate.kinds()}
    found: list[Answer] = []
    for node in nodes:
        for verdict in judges[node.kind](_subject(node, estate, facts), now):
            found.append(((verdict.rule_id, node.kind, node.name), verdict.outcome.value))
    return found


def _subject(node: Node, estate: Estate, facts: Mapping[Any, Mapping[str, Any]], *, linked: bool = True) -> Subject:
    links: dict[str, list[Subject | Dangling]] = {}
    if linked:
        for edge in estate.edges(node):
            links.setdefault(edge.to.type, []).append(_target(estate.follow(edge.to), estate, facts))
        for type_, origin in estate.links_into(node):
            links.setdefault(f"<{type_}", []).append(_target(origin, estate, facts))
    return Subject(
        kind=node.kind,
        config=node.config,
        unread=node.unread,
        facts=_of_row(node) | dict(facts.get(node.id, {})),
        linked=links,
    )


def _target(target: Node | Dangling, estate: Estate, facts: Mapping[Any, Mapping[str, Any]]) -> Subject | Dangling:
    return target if isinstance(target, Dangling) else _subject(target, estate, facts, linked=False)


def _of_row(node: Node) -> dict[str, Any]:
    """Facts that have columns of their own; these are worked out where rows are written."""
    named = {"name": node.name, "kind": node.kind, "place": node.place, "tags": dict(node.tags)}
    owner, environment = node.tags.get("owner", ""), node.tags.get("environment", "unknown")
    return {**named, "ai_role": node.ai_role, "owner": owner, "environment": environment}
