"""How completely one source was read, as far as judging asks. For the system."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from uuid import UUID

import orjson
from django.db import connection

from findings.posture.rule import RuleSet
from inventory.documents import Completeness, Unread
from inventory.facts.estate import Node
from inventory.facts.unseen import links_unseen
from inventory.kinds import expand
from inventory.models import Source
from inventory.queries.estates import scopes_of

PARTLY_READ = """
SELECT kind, external_id, name, config::text, unread::text FROM inventory_asset
WHERE source_id = %s AND kind = ANY(%s) AND gone_at IS NULL AND unread <> '[]' ORDER BY kind, external_id
"""


@dataclass(slots=True)
class Reading:
    """`account`: the source's own id. What was asked once is remembered: made anew for each evaluation."""

    source_id: UUID
    account: str
    read: Completeness
    _unseen: dict[str, dict[str, str]] = field(default_factory=dict)

    def would_show(self, kind: str, ref: str) -> bool:
        return self.read.would_show(kind, ref, self.account)

    def unseen(self, kind: str, rules: RuleSet) -> dict[str, str]:
        """{type with `<` in front: why links of it may lead to assets of this kind unseen}, as far as rules ask."""
        if kind not in self._unseen:
            self._unseen[kind] = dict(self._unread_origins(kind, rules))
        return self._unseen[kind]

    def _unread_origins(self, kind: str, rules: RuleSet) -> Iterator[tuple[str, str]]:
        asked = {(link.type, link.kind) for rule in rules.for_kind(kind) for link in rule.links.values()}
        for type, origin in sorted(asked):
            if type.startswith("<"):
                among = {*expand(origin)} if origin else None
                missing = links_unseen(self.read, self._partly_read, kind, type[1:], among)
                if missing is not None:
                    yield type, missing.reason

    def _partly_read(self, kinds: Set[str]) -> Iterator[Node]:
        with connection.cursor() as cursor:
            cursor.execute(PARTLY_READ, [self.source_id, sorted(kinds)])
            for kind, external_id, name, config, unread in cursor.fetchall():
                parts = tuple(Unread.from_document(part) for part in orjson.loads(unread))
                yield Node(kind=kind, external_id=external_id, name=name, config=orjson.loads(config), unread=parts)


def reading_of(source: Source) -> Reading:
    """How a source stands now."""
    return Reading(source.pk, source.external_id, Completeness(scopes_of(source.pk)))
