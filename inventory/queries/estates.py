"""One source as an Estate. Documents are fetched a kind at a time, when the first one is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from inventory.documents import Document, LinkTo, ScopeState, ScopeView, Unread
from inventory.facts.aws_controls import TOLD as TOLD_KINDS
from inventory.facts.estate import Edge, Estate, Node
from inventory.kinds import kind_of
from inventory.models import Scope, Source, SourceKind

NOT_SEEN_AGAIN = "s.state <> 'complete' AND a.last_seen < s.attempted_at"
NODES = f"""
SELECT a.id, a.kind, a.external_id, a.name, a.place, a.ai_role, a.unread::text, a.tags::text, a.ai_product,
    a.config_digest, a.facts_digest, a.exposure,
    CASE WHEN {NOT_SEEN_AGAIN} THEN ARRAY[s.collector, s.region, s.problem] END
FROM inventory_asset a JOIN inventory_scope s ON s.id = a.scope_id
WHERE {{which}} AND a.gone_at IS NULL ORDER BY a.kind, a.external_id
"""  # noqa: S608 - only our own constants
OWN = NODES.format(which="a.source_id = %(source)s")
ELSEWHERE = NODES.format(which="a.id = ANY(%(ids)s) AND a.source_id <> %(source)s")
UNSEEN = f"""
SELECT a.id FROM inventory_asset a JOIN inventory_scope s ON s.id = a.scope_id
WHERE a.source_id = %(source)s AND a.gone_at IS NULL AND {NOT_SEEN_AGAIN} ORDER BY a.id
"""  # noqa: S608 - only our own constants
TOLD = NODES.format(which="a.source_id = %(source)s AND a.kind = ANY(%(kinds)s)")
# Whoever lists the account as a member of its organization, the management account before a delegated one; and the
# accounts that are connected.
TELLER = """
SELECT (
    SELECT a.source_id FROM inventory_asset a JOIN inventory_source s ON s.id = a.source_id
    WHERE a.kind = 'aws.organizations.account' AND a.gone_at IS NULL AND a.external_id LIKE %(member)s
        AND a.source_id <> %(source)s
    ORDER BY split_part(a.external_id, ':', 5) <> s.external_id, s.id LIMIT 1
), ARRAY(SELECT external_id FROM inventory_source WHERE kind = 'aws')
"""
LISTENERS = """
SELECT m.id FROM inventory_asset o JOIN inventory_asset m
    ON m.kind = 'aws.account' AND m.external_id = split_part(o.external_id, '/', 3) AND m.gone_at IS NULL
WHERE o.source_id = %(source)s AND o.kind = 'aws.organizations.account' AND m.source_id <> %(source)s
"""
LINKS = """
SELECT origin_id, type, target_kind, target_ref, derived, target_id
FROM inventory_link WHERE source_id = %(source)s ORDER BY origin_id, type, target_kind, target_ref
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the table says of a node besides its document."""

    node: Node
    ai_role: str
    ai_product: str
    config_digest: str
    facts_digest: str
    exposure: str


@dataclass(frozen=True, slots=True)
class StoredEstate:
    """An estate with the rows behind it. `rows` includes assets of other sources that links lead to."""

    estate: Estate
    rows: dict[UUID, Stored]
    own: Sequence[Stored]
    documents: Documents

    def forget_documents(self) -> None:
        """Gives their memory back; one that is read again is fetched again."""
        for stored in self.rows.values():
            if isinstance(stored.node, StoredNode):
                stored.node.forget()


class Documents:
    """Fetches documents: some by id in advance, otherwise all of a kind at once."""

    def __init__(self, source: Source) -> None:
        self._source = source.pk
        self._kinds: set[str] = set()
        self._texts: dict[UUID, str] = {}

    def prefetch(self, ids: Iterable[UUID]) -> None:
        wanted = sorted(set(ids) - self._texts.keys())
        if wanted:
            self._fetch("id = ANY(%s)", [wanted])

    def take(self, id: UUID, kind: str) -> Document:
        """Parsed; the caller keeps it. An asset deleted meanwhile is empty."""
        if id not in self._texts and kind not in self._kinds:
            self._kinds.add(kind)
            self._fetch("source_id = %s AND kind = %s AND gone_at IS NULL", [self._source, kind])
        if id not in self._texts:
            self.prefetch([id])
        document: Document = orjson.loads(self._texts.pop(id, "{}"))
        return document

    def _fetch(self, condition: str, values: Sequence[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, config::text FROM inventory_asset WHERE {condition}", values)  # noqa: S608 - ours
            self._texts.update(cursor.fetchall())


class StoredNode(Node):
    """A node whose document is fetched when it is first read."""

    __slots__ = ("_document", "_documents")
    _document: Document | None
    _documents: Documents

    def __init__(self, documents: Documents, **fields: Any) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_documents", documents)
        object.__setattr__(self, "_document", None)

    @property
    def config(self) -> Document:
        if self._document is None and self.id is not None:
            object.__setattr__(self, "_document", self._documents.take(self.id, self.kind))
        return self._document or {}

    def forget(self) -> None:
        object.__setattr__(self, "_document", None)


def estate_of(source: Source) -> Estate:
    """The present assets of one source, their links and its scopes. For the system."""
    return stored_estate_of(source).estate


def stored_estate_of(source: Source) -> StoredEstate:
    """As `estate_of`, with digests."""
    documents = Documents(source)
    own = [_stored(row, documents, source.environment, own=True) for row in _rows(OWN, source=source.pk)]
    rows = {key_of(stored.node): stored for stored in own}
    links = _rows(LINKS, source=source.pk)
    away = sorted({target for *_, target in links if target is not None and target not in rows})
    foreign = [
        _stored(row, documents, "unknown", own=False)
        for row in (_rows(ELSEWHERE, source=source.pk, ids=away) if away else ())
    ]
    edges = [
        Edge(rows[origin].node.identity, LinkTo(type, kind, ref), derived)
        for origin, type, kind, ref, derived, _target in links
        if origin in rows
    ]
    estate = Estate(
        (stored.node for stored in own),
        edges,
        scopes_of(source.pk),
        foreign=(stored.node for stored in foreign),
        account=source.external_id,
    )
    estate.organization, estate.connected = _organization_of(source)
    rows |= {key_of(stored.node): stored for stored in foreign}
    return StoredEstate(estate, rows, own, documents)


def _organization_of(source: Source) -> tuple[Estate | None, frozenset[str]]:
    """What another source tells of the organization that this account is a member of; the accounts connected."""
    if source.kind != SourceKind.AWS:
        return None, frozenset()
    [(listing, connected)] = _rows(TELLER, source=source.pk, member=f"%/{source.external_id}")
    if listing is None:
        return None, frozenset(connected)
    teller = Source.objects.get(pk=listing)
    documents = Documents(teller)
    rows = _rows(TOLD, source=teller.pk, kinds=list(TOLD_KINDS))
    nodes = [_stored(row, documents, teller.environment, own=True).node for row in rows]
    return Estate(nodes, (), scopes_of(teller.pk), account=teller.external_id), frozenset(connected)


def listeners_of(source: UUID) -> set[UUID]:
    """The accounts, as assets of other sources, that this source tells of their organization. For the system."""
    return {id for (id,) in _rows(LISTENERS, source=source)}


def scopes_of(source: UUID) -> list[ScopeView]:
    """How every scope of a source stands. For the system."""
    rows = Scope.objects.filter(source=source).values_list("region", "collector", "state")
    return [ScopeView(region, collector, ScopeState(state)) for region, collector, state in rows]


def unseen_of(source: Source) -> list[UUID]:
    """Assets that the last reading of their scope should have shown and, broken off, did not. For the system."""
    return [id for (id,) in _rows(UNSEEN, source=source.pk)]


def key_of(node: Node) -> UUID:
    """The id of a node that came from the table."""
    if node.id is None:
        raise LookupError(f"{node.kind} {node.external_id} is not stored.")
    return node.id


def _rows(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _stored(row: tuple[Any, ...], documents: Documents, environment: str, *, own: bool) -> Stored:
    (id, kind, external_id, name, place, ai_role, unread, tags, ai_product, config_digest, facts_digest, exposure,
     scope) = row  # fmt: skip
    node = StoredNode(
        documents,
        id=id,
        kind=kind,
        external_id=external_id,
        name=name,
        place=place,
        ai_role=ai_role,
        unread=tuple(Unread.from_document(part) for part in orjson.loads(unread)) if unread != "[]" else (),
        tags=orjson.loads(tags) if tags != "{}" else {},
        source_environment=environment,
        stale=_why(*scope) if scope and own else "",
    )
    return Stored(node, ai_role, ai_product, config_digest, facts_digest, exposure)


def _why(collector: str, region: str, problem: str) -> str:
    where = "" if region == "-" else f" in {region}"
    return f"{kind_of(collector).plural}{where} could not be read again{problem and f' ({problem})'}."
