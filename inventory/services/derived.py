"""The derived columns of an asset: put together, compared by digest, and written in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import orjson

from inventory import cleaning
from inventory.derivation.attributes import Attributes, Defaults, attributes_of, doubtful_attributes
from inventory.derivation.digests import half
from inventory.documents import Unknown
from inventory.facts.estate import Node
from inventory.facts.registry import decode, encode, facts_of
from inventory.models import Asset, Source
from inventory.queries import StoredEstate
from inventory.queries.estates import key_of
from inventory.recognition import TELLING, Recognition, relation_kinds
from inventory.services.bulk import BATCH, execute, fragment, lock_assets, mark_for_derivation
from inventory.services.preparing import asset_words

AI, ROLE, EXPOSURE = "ai", "ai_role", "exposure"
Marks = Mapping[UUID, UUID | None]
"""What says of an asset that it has to be derived, as it was seen."""
BY_DOCUMENT, BY_RELATION = "document", "relation"

READ = """
SELECT id, facts::text, ai_role, ai_product, ai_confidence, ai_evidence::text
FROM inventory_asset WHERE id = ANY(%(ids)s)
"""
# Only the mark that was seen is cleared: one that somebody set meanwhile stays.
MARK = "CASE WHEN a.derive_mark = r.mark THEN NULL ELSE a.derive_mark END"
WRITE = f"""
UPDATE inventory_asset a SET derive_mark = {MARK}, facts = r.facts, facts_digest = r.facts_digest, ai_role = r.ai_role,
    ai_product = r.ai_product, ai_confidence = r.ai_confidence, ai_evidence = r.ai_evidence, exposure = r.exposure,
    data_class = r.data_class, environment = r.environment, criticality = r.criticality, owner = r.owner,
    search = CASE WHEN r.words IS NULL THEN a.search
        ELSE array_to_tsvector(ARRAY(SELECT json_array_elements_text(r.words))) END
FROM json_to_recordset(%(rows)s::json) AS r(id uuid, facts jsonb, facts_digest text, ai_role text, ai_product text,
    ai_confidence int, ai_evidence jsonb, exposure text, data_class text, environment text, criticality int,
    owner text, words json, mark uuid)
WHERE a.id = r.id
"""  # noqa: S608 - only our own constants
WRITE_DIGEST = f"""
UPDATE inventory_asset a SET derive_mark = {MARK}, facts_digest = r.facts_digest
FROM json_to_recordset(%(rows)s::json) AS r(id uuid, facts_digest text, mark uuid) WHERE a.id = r.id
"""  # noqa: S608 - only our own constants
CLEAR = """
UPDATE inventory_asset a SET derive_mark = NULL
FROM json_to_recordset(%(rows)s::json) AS r(id uuid, mark uuid) WHERE a.id = r.id AND a.derive_mark = r.mark
"""


@dataclass(slots=True)
class Outcome:
    """What one derivation worked out, by asset. An asset that is in neither keeps the recognition it has."""

    own: dict[UUID, Recognition | None]
    related: dict[UUID, Recognition]
    doubts: dict[UUID, Unknown]
    facts: dict[UUID, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The recognition columns. `ai` is the fact that holds what has no column."""

    role: str = ""
    product: str = ""
    confidence: int = 0
    evidence: Sequence[Any] = ()
    ai: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was derived last time."""

    facts: dict[str, Any]
    recognised: Recognised

    def agrees(self, facts: Mapping[str, Any]) -> bool:
        """Whether these facts have the same values as then."""
        return all(name in self.facts and self.facts[name] == value for name, value in facts.items())


@dataclass(frozen=True, slots=True)
class Derived:
    """The derived columns of one asset and the digest over them."""

    node: Node
    facts: bytes
    evidence: bytes
    recognised: Recognised
    attributes: Attributes
    digest: str


def related_before(source: Source) -> set[UUID]:
    """Assets whose role came from what they are connected to."""
    rows = Asset.objects.filter(source=source, gone_at=None).exclude(ai_role="")
    return set(rows.filter(facts__ai__by=BY_RELATION).values_list("pk", flat=True))


def doubted_before(source: Source) -> set[UUID]:
    """Assets whose role was not known for certain."""
    kinds = sorted(relation_kinds() | TELLING.keys())
    rows = Asset.objects.filter(source=source, gone_at=None, kind__in=kinds, facts__has_key=ROLE)
    return set(rows.values_list("pk", flat=True))


def earlier(nodes: Iterable[Node]) -> dict[UUID, Earlier]:
    """What was derived last time for these assets."""
    rows = execute(READ, ids=[key_of(node) for node in nodes])
    found: dict[UUID, Earlier] = {}
    for id, text, role, product, confidence, evidence in rows:
        facts = orjson.loads(text)
        kept = Recognised(role, product, confidence, orjson.loads(evidence), facts.get(AI))
        found[id] = Earlier(facts, kept)
    return found


def assemble(
    nodes: Iterable[Node], stored: StoredEstate, outcome: Outcome, before: Mapping[UUID, Earlier], defaults: Defaults
) -> dict[UUID, Derived]:
    """The derived columns of these assets: what was worked out now, over what is known from before.

    Takes the facts out of the outcome, so that they are not there twice.
    """
    return {key_of(node): _assemble(node, stored, outcome, before.get(key_of(node)), defaults) for node in nodes}


def _assemble(
    node: Node, stored: StoredEstate, outcome: Outcome, before: Earlier | None, defaults: Defaults
) -> Derived:
    id = key_of(node)
    names = {fact.name for fact in facts_of(node.kind)}
    facts = {name: value for name, value in (before.facts if before else {}).items() if name in names}
    facts |= outcome.facts.pop(id, {})
    facts = {name: encode(doubt) for name, doubt in doubtful_attributes(node, stored.estate).items()} | facts
    if id in outcome.doubts:
        facts[ROLE] = encode(outcome.doubts[id])
    recognised = _recognised(id, outcome, before)
    if recognised.ai is not None:
        facts[AI] = recognised.ai
    attributes = attributes_of(node, stored.estate, facts, defaults)
    attributes = _as_exposed_as_before(attributes, node, stored, isinstance(decode(facts.get(EXPOSURE)), Unknown))
    encoded, evidence = cleaning.encode(facts), cleaning.encode(list(recognised.evidence))
    columns = [
        recognised.role, recognised.product, recognised.confidence, attributes.exposure, attributes.data_class,
        attributes.environment, attributes.criticality, attributes.owner,
    ]  # fmt: skip
    return Derived(node, encoded, evidence, recognised, attributes, half(encoded, evidence, cleaning.encode(columns)))


def _as_exposed_as_before(now: Attributes, node: Node, stored: StoredEstate, doubted: bool) -> Attributes:
    """While something is unread, an asset counts as exposed as it was: not seeing the way in does not close it.

    What is unread may be a part of another asset, such as a policy that stands apart: `exposure` is doubtful then.
    """
    before = stored.rows[key_of(node)].exposure
    doubtful = now.exposure == "unknown" and bool(node.unread or not stored.estate.read.whole or doubted)
    return replace(now, exposure=before) if doubtful and before == "internet" else now


def _recognised(id: UUID, outcome: Outcome, before: Earlier | None) -> Recognised:
    own = outcome.own.get(id)
    if own is not None:
        return _columns(own, BY_DOCUMENT)
    if id in outcome.related:
        return _columns(outcome.related[id], BY_RELATION)
    kept = before.recognised if before and id not in outcome.own else None
    if kept and kept.ai and kept.ai.get("by") == BY_DOCUMENT:
        return kept
    return Recognised()


def _columns(found: Recognition, by: str) -> Recognised:
    more = {"vendor": found.vendor, "version": found.version, "models": found.models, "providers": found.providers}
    return Recognised(
        role=cleaning.cut(found.role, 24),
        product=cleaning.cut(found.product, 80),
        confidence=min(100, max(0, found.confidence)),
        evidence=found.evidence,
        ai={"by": by} | {name: value for name, value in more.items() if value},
    )


def write(
    stored: StoredEstate,
    changed: Mapping[UUID, Derived],
    digests: Mapping[UUID, str],
    marks: Marks,
    elsewhere: set[UUID],
) -> set[UUID]:
    """Writes what differs from the table, and tells assets of other sources (`elsewhere`). Returns the ids written.

    Clears the marks with it. All rows of this derivation are locked at once, in order.
    """
    differing = [id for id, digest in digests.items() if stored.rows[id].facts_digest != digest]
    lock_assets({*changed, *differing, *elsewhere, *marks})
    rows = [_row(one, stored, digests[id]) | {"mark": marks.get(id)} for id, one in changed.items()]
    for start in range(0, len(rows), BATCH):
        execute(WRITE, rows[start : start + BATCH])
    light = [{"id": id, "facts_digest": digests[id], "mark": marks.get(id)} for id in differing if id not in changed]
    for start in range(0, len(light), BATCH):
        execute(WRITE_DIGEST, light[start : start + BATCH])
    mark_for_derivation(elsewhere)
    written = changed.keys() | set(differing)
    clear_marks({id: mark for id, mark in marks.items() if id not in written})
    return written


def clear_marks(seen: Marks) -> None:
    """What was marked with these is derived."""
    rows = [{"id": id, "mark": mark} for id, mark in sorted(seen.items()) if mark is not None]
    for start in range(0, len(rows), BATCH):
        execute(CLEAR, rows[start : start + BATCH])


def _row(one: Derived, stored: StoredEstate, digest: str) -> dict[str, Any]:
    node, found, about = one.node, one.recognised, one.attributes
    words = None
    if found.product != stored.rows[key_of(node)].ai_product:
        words = asset_words(node.name, node.external_id, node.kind, found.product, node.tags.items())
    return {
        "id": node.id,
        "facts": fragment(one.facts),
        "facts_digest": digest,
        "ai_role": found.role,
        "ai_product": found.product,
        "ai_confidence": found.confidence,
        "ai_evidence": fragment(one.evidence),
        "exposure": about.exposure,
        "data_class": about.data_class,
        "environment": about.environment,
        "criticality": about.criticality,
        "owner": about.owner,
        "words": words,
    }
