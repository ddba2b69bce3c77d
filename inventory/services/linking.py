"""Links: stored with the asset that states them, resolved once everything was seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from aispm.core.models import new_id
from inventory.documents import LinkTo
from inventory.models import Link, Source
from inventory.services.bulk import be_patient, execute, mark_derived

INSERT = """
INSERT INTO inventory_link (id, source_id, origin_id, type, target_kind, target_ref, target_id, derived)
SELECT r.id, %(source)s, r.origin, r.type, r.kind, r.ref, NULL, %(derived)s
FROM json_to_recordset(%(rows)s::json) AS r(id uuid, origin uuid, type text, kind text, ref text)
ON CONFLICT (origin_id, type, target_kind, target_ref)
    DO UPDATE SET derived = inventory_link.derived AND EXCLUDED.derived
"""
DELETE = "DELETE FROM inventory_link WHERE id = ANY(%(ids)s) RETURNING target_id"

LOSE_GONE = """
UPDATE inventory_link l SET target_id = NULL FROM inventory_asset t
WHERE l.target_id = t.id AND t.source_id = %(source)s AND t.gone_at IS NOT NULL
RETURNING l.origin_id
"""
# The references are looked up first and judged afterwards: before the first ANALYZE of a new table the planner would
# otherwise read a whole index for every link.
FIND = """
WITH named AS MATERIALIZED (
    SELECT l.id AS link, l.source_id AS ours, l.target_ref, l.target_kind, a.id, a.kind, a.source_id, a.gone_at
    FROM inventory_link l JOIN inventory_asset a ON a.external_id = l.target_ref
    WHERE l.target_id IS NULL AND {links}
), found AS (
    SELECT DISTINCT ON (link) link, id FROM named
    WHERE gone_at IS NULL AND target_kind IN ('', kind) AND (source_id = ours OR target_ref LIKE 'arn:%%') AND {assets}
    ORDER BY link, (source_id = ours) DESC, kind, id
)
UPDATE inventory_link SET target_id = found.id FROM found WHERE inventory_link.id = found.link
RETURNING inventory_link.origin_id, inventory_link.target_id
"""
FIND_OWN = FIND.format(links="l.source_id = %(source)s", assets="true")
FIND_FROM_ELSEWHERE = FIND.format(
    links="l.target_ref LIKE 'arn:%%' AND l.source_id <> %(source)s", assets="source_id = %(source)s"
)


@dataclass(frozen=True, slots=True)
class Relinked:
    """Assets whose links are other ones now, and assets that links no longer lead to."""

    origins: set[UUID]
    left: set[UUID]


def replace_links(
    *, source: Source, links: Mapping[UUID, Iterable[LinkTo]], fresh: Iterable[UUID] = (), derived: bool = False
) -> Relinked:
    """Makes these the links of these assets (`fresh` ones have none yet)."""
    known = sorted(links.keys() - set(fresh))
    wanted = {(origin, to.type, to.kind, to.ref) for origin, targets in links.items() for to in targets}
    rows = Link.objects.filter(origin__in=known, derived=derived) if known else Link.objects.none()
    columns = ("origin_id", "type", "target_kind", "target_ref", "id")
    have = {(origin, type, kind, ref): id for origin, type, kind, ref, id in rows.values_list(*columns)}
    lost = sorted(id for key, id in have.items() if key not in wanted)
    left = {target for (target,) in execute(DELETE, ids=lost) if target is not None} if lost else set()
    added = [
        {"id": new_id(), "origin": origin, "type": type, "kind": kind, "ref": ref}
        for origin, type, kind, ref in sorted(wanted - have.keys())
    ]
    if added:
        execute(INSERT, added, source=source.pk, derived=derived)
    return Relinked({origin for origin, *_ in wanted ^ have.keys()}, left)


def point_links(*, source: Source) -> set[UUID]:
    """Gives every link that can have one its target. Returns both ends of those that got one."""
    found = execute(FIND_OWN, source=source.pk) + execute(FIND_FROM_ELSEWHERE, source=source.pk)
    return {end for ends in found for end in ends}


@transaction.atomic
def resolve_links(*, source: Source) -> set[UUID]:
    """Points links at what was collected: of the same source first, by ARN also of others. Returns assets affected."""
    be_patient()
    Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    affected = {origin for (origin,) in execute(LOSE_GONE, source=source.pk)} | point_links(source=source)
    mark_derived(affected, source.pk)
    return affected
