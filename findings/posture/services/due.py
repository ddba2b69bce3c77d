"""Which assets have to be judged again: their inputs or the rules for them differ from their judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from findings.posture.queries.reading import Reading
from findings.posture.queries.subjects import CURRENT, link_types
from findings.posture.rule import RuleSet
from inventory.kinds import GROUPS
from inventory.services.bulk import be_patient


def _state(asset: str, scope: str) -> str:
    current = CURRENT.replace("s.", f"{scope}.").replace("a.last", f"{asset}.last")
    return f"CASE WHEN {current} THEN '' ELSE {scope}.state || {scope}.problem END"


def _other(asset: str, scope: str) -> str:
    """What a linked asset adds to the inputs."""
    return f"{asset}.config_digest, {asset}.facts_digest, {asset}.gone_at IS NULL, {_state(asset, scope)}"


DUE = f"""
WITH linked AS (
    SELECT id, md5(string_agg(part, '|' ORDER BY part)) AS digest FROM (
        SELECT l.origin_id AS id, concat_ws(' ', l.type, l.target_kind, l.target_ref,
            CASE WHEN t.gone_at IS NULL AND t.id IS NOT NULL THEN '' ELSE stands.how END, {_other("t", "ts")}) AS part
        FROM inventory_link l LEFT JOIN inventory_asset t ON t.id = l.target_id
            LEFT JOIN inventory_scope ts ON ts.id = t.scope_id
            LEFT JOIN unnest(%(read)s::text[], %(standing)s::text[]) AS stands(kind, how) ON stands.kind = l.target_kind
        WHERE l.source_id = %(source)s AND l.type = ANY(%(away)s)
        UNION ALL
        SELECT l.target_id, concat_ws(' ', '<', l.type, l.origin_id, {_other("o", "os")})
        FROM inventory_link l JOIN inventory_asset o ON o.id = l.origin_id
            JOIN inventory_scope os ON os.id = o.scope_id
            JOIN inventory_asset here ON here.id = l.target_id AND here.source_id = %(source)s
        WHERE l.type = ANY(%(here)s)
    ) parts GROUP BY id),
judged AS (
    SELECT a.id, a.kind, md5(concat_ws(' ', a.config_digest, a.facts_digest, a.ai_role, a.exposure, a.data_class,
        a.environment, a.criticality, a.owner, {_state("a", "s")},
        CASE WHEN a.kind = ANY(%(linking)s) THEN linked.digest END,
        unseen.why)) AS inputs
    FROM inventory_asset a JOIN inventory_scope s ON s.id = a.scope_id LEFT JOIN linked ON linked.id = a.id
        LEFT JOIN unnest(%(led_to)s::text[], %(unseen)s::text[]) AS unseen(kind, why) ON unseen.kind = a.kind
    WHERE a.source_id = %(source)s AND a.gone_at IS NULL)
SELECT judged.id, judged.inputs FROM judged
LEFT JOIN posture_judgement j ON j.asset_id = judged.id
LEFT JOIN unnest(%(kinds)s::text[], %(digests)s::text[]) AS asked(kind, digest) ON asked.kind = judged.kind
WHERE CASE WHEN asked.kind IS NULL THEN j.asset_id IS NOT NULL
    ELSE j.asset_id IS NULL OR j.inputs <> judged.inputs OR j.rules <> asked.digest END
ORDER BY judged.id
"""  # noqa: S608 - only our own constants
GONE = """
SELECT j.asset_id FROM posture_judgement j JOIN inventory_asset a ON a.id = j.asset_id
WHERE j.source_id = %s AND a.gone_at IS NOT NULL ORDER BY j.asset_id
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Assets to judge with the digest of their inputs, and judged assets that are gone."""

    assets: Mapping[UUID, str]
    gone: list[UUID]


def due(rules: RuleSet, digests: Mapping[str, str], reading: Reading) -> Due:
    """What an evaluation of this source has to do. Three statements besides the reading's."""
    away, here = link_types(rules)
    kinds = [*reading.read.kinds, *GROUPS]
    led_to = sorted(kind for kind in rules.by_kind if link_types(rules, [kind])[1])
    values: dict[str, Any] = {
        "source": reading.source_id,
        "read": kinds,
        "standing": [reading.read.standing(kind) for kind in kinds],
        "away": away,
        "here": here,
        "linking": sorted(kind for kind in rules.by_kind if any(link_types(rules, [kind]))),
        "led_to": led_to,
        "unseen": [" ".join(map(" ".join, reading.unseen(kind, rules).items())) for kind in led_to],
        "kinds": list(digests),
        "digests": list(digests.values()),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        be_patient()
        cursor.execute(DUE, values)
        assets = dict(cursor.fetchall())
        cursor.execute(GONE, [reading.source_id])
        return Due(assets, [id for (id,) in cursor.fetchall()])
