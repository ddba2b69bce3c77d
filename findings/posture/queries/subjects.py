"""Assets as the engine judges them, with what they are linked to. For the system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from findings.posture.engine import Subject
from findings.posture.queries.reading import Reading
from findings.posture.rule import RuleSet
from inventory.documents import Document, ScopeState, Unread
from inventory.facts.estate import Dangling, Node
from inventory.facts.registry import views_of
from inventory.kinds import kind_of

TAGS = "Tags"  # the unread part that stands for an asset's tags, wherever its document keeps them
FROM_TAGS = ("tags", "owner", "environment", "criticality", "data_class")
CURRENT = "s.state = 'complete' OR s.attempted_at IS NULL OR a.last_seen >= s.attempted_at"
COLUMNS = f"""
SELECT a.id, a.kind, a.external_id, a.name, a.place, a.config::text, a.facts::text, a.unread::text, a.tags::text,
    a.ai_role, a.ai_product, a.exposure, a.data_class, a.environment, a.criticality, a.owner, a.gone_at IS NOT NULL,
    CASE WHEN {CURRENT} THEN NULL ELSE ARRAY[s.collector, s.region, s.state, s.problem, s.message, s.permission] END,
    s.state = 'not-chosen'
FROM inventory_asset a JOIN inventory_scope s ON s.id = a.scope_id
WHERE a.id = ANY(%s) ORDER BY a.id
"""  # noqa: S608 - only our own constants
LINKS_OUT = """
SELECT origin_id, type, target_kind, target_ref, target_id FROM inventory_link
WHERE origin_id = ANY(%s) AND type = ANY(%s) ORDER BY target_kind, target_ref
"""
LINKS_IN = """
SELECT target_id, type, '', '', origin_id FROM inventory_link
WHERE target_id = ANY(%s) AND type = ANY(%s) ORDER BY origin_id
"""


@dataclass(frozen=True, slots=True)
class Row:
    """An asset as it is stored."""

    id: UUID
    kind: str
    external_id: str
    name: str
    place: str
    config: Document
    facts: Mapping[str, Any]
    unread: tuple[Unread, ...]
    tags: Mapping[str, str]
    ai_role: str
    ai_product: str
    exposure: str
    data_class: str
    environment: str
    criticality: int
    owner: str
    gone: bool
    unreadable: str
    unchosen: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """A row, and the subject made of it."""

    row: Row
    subject: Subject


def link_types(rules: RuleSet, kinds: Iterable[str] | None = None) -> tuple[list[str], list[str]]:
    """Types of links that rules (for these kinds) follow: leading away, and leading here."""
    asked = rules.rules if kinds is None else [rule for kind in kinds for rule in rules.for_kind(kind)]
    types = {link.type for rule in asked for link in rule.links.values()}
    return sorted(t for t in types if not t.startswith("<")), sorted(t[1:] for t in types if t.startswith("<"))


def load(ids: Sequence[UUID], rules: RuleSet, reading: Reading) -> list[Loaded]:
    """These assets in order of their ids. At most four statements, whatever their number, besides the reading's."""
    rows = rows_of(ids)
    away, here = link_types(rules, {row.kind for row in rows})
    linked = _linked(rows, away, here)
    others = {row.id: row for row in rows}
    missing = sorted({other for links in linked.values() for *_, other in links if other} - others.keys())
    others |= {row.id: row for row in rows_of(missing)}
    follow = _Follow(others, reading)
    return [Loaded(row, _subject(row, rules, follow, linked.get(row.id, ()))) for row in rows]


def rows_of(ids: Sequence[UUID]) -> list[Row]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [list(ids)])
        return [_row(values) for values in cursor.fetchall()]


_Link = tuple[str, str, str, UUID | None]


def _linked(rows: Sequence[Row], away: list[str], here: list[str]) -> dict[UUID, list[_Link]]:
    found: dict[UUID, list[_Link]] = defaultdict(list)
    ids = [row.id for row in rows]
    for statement, types, mark in ((LINKS_OUT, away, ""), (LINKS_IN, here, "<")):
        if not types:
            continue
        with connection.cursor() as cursor:
            cursor.execute(statement, [ids, types])
            for id, type, kind, ref, other in cursor.fetchall():
                found[id].append((mark + type, kind, ref, other))
    return found


@dataclass(slots=True)
class _Follow:
    """Where links lead."""

    rows: Mapping[UUID, Row]
    reading: Reading

    def targets(self, links: Iterable[_Link]) -> dict[str, list[Subject | Dangling]]:
        found: dict[str, list[Subject | Dangling]] = defaultdict(list)
        for type, kind, ref, other in links:
            row = self.rows.get(other) if other else None
            if row is not None and not row.gone:
                found[type].append(_bare(row))
            elif not type.startswith("<"):
                found[type].append(Dangling(type, kind, ref, self.reading.would_show(kind, ref)))
        return found


def _subject(row: Row, rules: RuleSet, follow: _Follow, links: Iterable[_Link]) -> Subject:
    wanted = {read.root for rule in rules.for_kind(row.kind) for read in rule.reads}
    views: dict[str, Document] = {}
    broken: dict[str, str] = {}
    for view in views_of(row.kind):
        if view.name not in wanted:
            continue
        try:
            views[view.name] = view.compute(_node(row))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Documents come from outside: one of an unexpected form makes this asset unknown, and stops nothing.
            broken[view.name] = f"The document has an unexpected form ({type(error).__name__})."
    return Subject(
        kind=row.kind,
        config=row.config,
        unread=row.unread,
        facts=_facts(row),
        linked=follow.targets(links),
        unseen=follow.reading.unseen(row.kind, rules),
        views=views,
        broken=broken,
        unreadable=row.unreadable,
    )


def _bare(row: Row) -> Subject:
    return Subject(kind=row.kind, config=row.config, unread=row.unread, facts=_facts(row), unreadable=row.unreadable)


def _facts(row: Row) -> dict[str, Any]:
    """What was derived, and what the row itself says; a derived fact of the same name counts."""
    return {
        "name": row.name,
        "kind": row.kind,
        "place": row.place,
        "tags": row.tags,
        "owner": row.owner,
        "environment": row.environment,
        "criticality": row.criticality,
        "ai_role": row.ai_role,
        "ai_product": row.ai_product,
        "exposure": row.exposure if row.exposure != "unknown" else {"unknown": "The exposure is not known."},
        "data_class": row.data_class,
        **_untagged(row),
        **row.facts,
    }


def _untagged(row: Row) -> dict[str, Any]:
    """What tags say of an asset is not known while they cannot be read."""
    unread = next((part for part in row.unread if part.part == TAGS), None)
    if unread is None:
        return {}
    missing = f" Missing permission: {unread.permission}." if unread.permission else ""
    unknown = {"unknown": f"Tags could not be read: {unread.message or unread.problem.value}.{missing}"}
    return dict.fromkeys(FROM_TAGS, unknown)


def _node(row: Row) -> Node:
    return Node(
        kind=row.kind,
        external_id=row.external_id,
        name=row.name,
        place=row.place,
        config=row.config,
        unread=row.unread,
        tags=row.tags,
        ai_role=row.ai_role,
        id=row.id,
    )


def _row(values: tuple[Any, ...]) -> Row:
    """Columns in the order of COLUMNS, which is that of Row; four of them are JSON."""
    plain = dict(zip(Row.__dataclass_fields__, values, strict=True))
    scope = plain["unreadable"]
    plain |= {name: orjson.loads(plain[name]) for name in ("config", "facts", "unread", "tags")}
    plain["unread"] = tuple(Unread.from_document(part) for part in plain["unread"])
    plain["unreadable"] = _why(scope) if scope else ""
    return Row(**plain)


def _why(scope: Sequence[str]) -> str:
    collector, region, state, problem, message, permission = scope
    where = kind_of(collector).plural + ("" if region == "-" else f" in {region}")
    if state == ScopeState.NOT_OFFERED:
        return f"{where} are no longer offered here, so this asset could not be read again."
    missing = f" Missing permission: {permission}." if permission else ""
    return f"{where} could not be read: {(message or problem or state)[:160]}.{missing}"
