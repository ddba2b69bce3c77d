"""Findings, transitions and judgements into tables: one statement each, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson

from aispm.core.models import new_id
from findings.posture.queries.subjects import Row
from findings.posture.services.changes import Change, State
from inventory.search import words_of
from inventory.services.bulk import execute

SHAPE = """(id uuid, fingerprint text, rule_id text, asset_id uuid, discriminator text, title text, step text,
    severity int, environment text, status text, resolution text, stale bool, stale_reason text, evidence jsonb,
    priority int, factors jsonb, fix_key text, words json, opened_at timestamptz, first_seen timestamptz,
    resolved_at timestamptz, due_at timestamptz)"""
INSERT = f"""
INSERT INTO posture_finding (id, fingerprint, rule_id, asset_id, source_id, discriminator, title, step, severity,
    environment, status, resolution, stale, stale_reason, evidence, priority, factors, fix_key, search, opened_at,
    first_seen, changed_at, resolved_at, due_at)
SELECT id, fingerprint, rule_id, asset_id, %(source)s, discriminator, title, step, severity, environment, status,
    resolution, stale, stale_reason, evidence, priority, factors, fix_key,
    array_to_tsvector(ARRAY(SELECT json_array_elements_text(words))), opened_at, first_seen, %(at)s, resolved_at,
    due_at
FROM json_to_recordset(%(rows)s::json) AS r{SHAPE}
"""  # noqa: S608 - only our own constants
UPDATE = f"""
UPDATE posture_finding f SET title = r.title, step = r.step, severity = r.severity, environment = r.environment,
    status = r.status, resolution = r.resolution, stale = r.stale, stale_reason = r.stale_reason,
    evidence = r.evidence, priority = r.priority, factors = r.factors, fix_key = r.fix_key, opened_at = r.opened_at,
    resolved_at = r.resolved_at, due_at = r.due_at, changed_at = %(at)s,
    search = array_to_tsvector(ARRAY(SELECT json_array_elements_text(r.words)))
FROM json_to_recordset(%(rows)s::json) AS r{SHAPE}
WHERE f.id = r.id
"""  # noqa: S608 - only our own constants
TRANSITIONS = """
INSERT INTO posture_transition (id, finding_id, at, before, after, cause, actor_id, run, note)
SELECT id, finding_id, %(at)s, before, after, cause, NULL, %(run)s, note
FROM json_to_recordset(%(rows)s::json)
    AS r(id uuid, finding_id uuid, before text, after text, cause text, note text)
"""
JUDGEMENTS = """
INSERT INTO posture_judgement (asset_id, source_id, environment, criticality, exposed, verdicts, inputs, rules, at)
SELECT asset_id, %(source)s, environment, criticality, exposed, verdicts, inputs, rules, %(at)s
FROM json_to_recordset(%(rows)s::json) AS r(asset_id uuid, environment text, criticality int, exposed bool,
    verdicts jsonb, inputs text, rules text)
ON CONFLICT (asset_id) DO UPDATE SET environment = EXCLUDED.environment, criticality = EXCLUDED.criticality,
    exposed = EXCLUDED.exposed, verdicts = EXCLUDED.verdicts, inputs = EXCLUDED.inputs, rules = EXCLUDED.rules,
    at = EXCLUDED.at
"""
FORGET = "DELETE FROM posture_judgement WHERE asset_id = ANY(%(ids)s)"
STATE = tuple(State.__dataclass_fields__)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMES = ("opened_at", "first_seen", "resolved_at", "due_at")
# Texts and numbers are several times faster to take over than JSON and times.
_CASTS = dict.fromkeys(("evidence", "factors"), "{}::text")
_CASTS |= dict.fromkeys(TIMES, "(extract(epoch FROM {}) * 1000000)::bigint")
KNOWN = f"""
SELECT asset_id, {", ".join(_CASTS.get(name, "{}").format(name) for name in STATE)}
FROM posture_finding WHERE asset_id = ANY(%(ids)s) ORDER BY id
"""  # noqa: S608 - only our own constants


@dataclass(frozen=True, slots=True)
class Moment:
    """Where rows of one batch come from. `identity`: kind and external id of the source."""

    source_id: UUID
    identity: tuple[str, str]
    at: datetime
    run: UUID | None


def fingerprint(rule_id: str, identity: Sequence[str], discriminator: str) -> str:
    """Version 1: "1" and 32 hex digits. `identity`: source kind, source id, asset kind, asset id."""
    digest = blake2b(digest_size=16)
    for part in (rule_id, *identity, discriminator):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(4, "big"))
        digest.update(encoded)
    return f"1{digest.hexdigest()}"


def known_findings(ids: Sequence[UUID]) -> dict[tuple[UUID, str], list[State]]:
    """(asset, rule) → every finding there ever was."""
    found: dict[tuple[UUID, str], list[State]] = {}
    for asset_id, *values in execute(KNOWN, ids=list(ids)):
        plain = dict(zip(STATE, values, strict=True))
        plain |= {name: orjson.loads(plain[name]) for name in ("evidence", "factors")}
        plain |= {name: _moment(plain[name]) for name in TIMES}
        found.setdefault((asset_id, plain["rule_id"]), []).append(State(**plain))
    return found


def _moment(microseconds: int | None) -> Any:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


def write_changes(changes: Iterable[tuple[Row, Change]], moment: Moment) -> None:
    """At most three statements."""
    fresh: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    transitions: list[dict[str, Any]] = []
    for row, change in changes:
        rows = fresh if change.before is None else again
        rows.append(_finding(row, change.after, moment.identity))
        if change.cause is not None:
            transitions.append(_transition(change))
    values = {"at": moment.at}
    if fresh:
        execute(INSERT, fresh, source=moment.source_id, **values)
    if again:
        execute(UPDATE, again, **values)
    if transitions:
        execute(TRANSITIONS, transitions, run=moment.run, **values)


def write_judgements(rows: Sequence[Mapping[str, Any]], forgotten: Sequence[UUID], moment: Moment) -> None:
    if rows:
        execute(JUDGEMENTS, rows, source=moment.source_id, at=moment.at)
    if forgotten:
        execute(FORGET, ids=list(forgotten))


def _finding(row: Row, state: State, identity: tuple[str, str]) -> dict[str, Any]:
    whose = (*identity, row.kind, row.external_id)
    words = {*_words(state.title, state.rule_id), *_words(row.name, row.external_id, row.kind, row.owner)}
    return {
        **{name: getattr(state, name) for name in STATE},
        "asset_id": row.id,
        "fingerprint": fingerprint(state.rule_id, whose, state.discriminator),
        "words": sorted(words.union(words_of([state.discriminator])) if state.discriminator else words),
    }


def _transition(change: Change) -> dict[str, Any]:
    return {
        "id": new_id(),
        "finding_id": change.after.id,
        "before": change.before.status if change.before else "",
        "after": change.after.status,
        "cause": change.cause,
        "note": change.note,
    }


@lru_cache(maxsize=4096)
def _words(*texts: str) -> tuple[str, ...]:
    return tuple(words_of(texts))
