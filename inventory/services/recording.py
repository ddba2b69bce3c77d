"""Stores what a collector yields: streaming, in bulk, and nothing for what did not change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from django.db import transaction

from aispm.core.models import new_id
from inventory.documents import Observed, ScopeKey, ScopeOutcome, ScopeState
from inventory.models import Asset, Link, Revision, Source
from inventory.patches import Patch, reverse_patch
from inventory.services.bulk import (
    BATCH,
    be_patient,
    execute,
    lock_assets,
    mark_for_derivation,
    origins_elsewhere,
)
from inventory.services.keeping import with_what_was_known
from inventory.services.linking import replace_links, resolve_links
from inventory.services.preparing import Prepared, asset_words, prepare
from inventory.services.scopes import ScopeBook, retire_named, retire_unseen
from inventory.services.statistics import Statistics

SHAPE = """(id uuid, kind text, external_id text, name text, place text, config jsonb, config_digest text,
    unread jsonb, tags jsonb, words json)"""
WORDS = "array_to_tsvector(ARRAY(SELECT json_array_elements_text(r.words)))"
INSERT = f"""
INSERT INTO inventory_asset (id, source_id, scope_id, kind, external_id, name, place, config, config_digest, unread,
    tags, facts, facts_digest, ai_role, ai_product, ai_confidence, ai_evidence, exposure, data_class, environment,
    criticality, owner, search, first_seen, last_seen, changed_at)
SELECT r.id, %(source)s, %(scope)s, r.kind, r.external_id, r.name, r.place, r.config, r.config_digest, r.unread,
    r.tags, '{{}}', '', '', '', 0, '[]', 'unknown', '', %(environment)s, %(criticality)s, '', {WORDS},
    %(at)s, %(at)s, %(at)s
FROM json_to_recordset(%(rows)s::json) AS r{SHAPE}
ON CONFLICT (source_id, kind, external_id) DO UPDATE SET last_seen = EXCLUDED.last_seen
RETURNING id, kind, external_id
"""  # noqa: S608 - only our own constants
UPDATE = f"""
UPDATE inventory_asset a SET scope_id = %(scope)s, name = r.name, place = r.place, config = r.config,
    config_digest = r.config_digest, unread = r.unread, tags = r.tags, search = {WORDS},
    derive_mark = gen_random_uuid(),
    last_seen = %(at)s, gone_at = NULL,
    changed_at = CASE WHEN a.config_digest = r.config_digest AND a.gone_at IS NULL THEN a.changed_at ELSE %(at)s END
FROM json_to_recordset(%(rows)s::json) AS r{SHAPE}
WHERE a.id = r.id
"""  # noqa: S608 - only our own constants
# An unfinished reading vouches for what it did see; a complete one for everything, without a write.
VOUCH = "UPDATE inventory_asset SET last_seen = %(at)s WHERE id = ANY(%(seen)s) AND last_seen < %(at)s"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a collection changed. `touched`: assets that are new, changed or gone, or whose links lead elsewhere."""

    new: int
    changed: int
    gone: int
    touched: set[UUID]


@dataclass(frozen=True, slots=True)
class _Known:
    id: UUID
    digest: str
    gone: bool
    scope: UUID
    product: str


class Recorder:
    """Takes pages and outcomes of one source in any order. Every call stands for itself: repeating one is harmless."""

    def __init__(self, *, source: Source, at: datetime) -> None:
        self._source, self._at = source, at
        self._scopes = ScopeBook(source, at)
        self._seen: dict[ScopeKey, set[UUID]] = defaultdict(set)
        self._home: dict[UUID, ScopeKey] = {}
        self._touched: set[UUID] = set()
        self._new = self._changed = self._gone = 0
        self._statistics = Statistics(Asset, Link)

    def page(self, scope: ScopeKey, assets: Sequence[Observed]) -> None:
        """Stores some assets of a scope; at most 1,000 at a time."""
        scope_id = self._scopes.id_of(scope)
        for start in range(0, len(assets), BATCH):
            new = self._new
            self._batch(scope, scope_id, assets[start : start + BATCH])
            self._statistics.wrote(self._new - new)

    def close(self, outcome: ScopeOutcome) -> None:
        """Only COMPLETE retires what was not seen in the scope."""
        scope = self._scopes.id_of(outcome.key)
        seen = self._seen[outcome.key]
        gone: set[UUID] = set()
        with transaction.atomic():
            if outcome.state is ScopeState.COMPLETE:
                be_patient()
                gone = retire_unseen(scope=scope, seen=seen, at=self._at)
            elif seen:
                execute(VOUCH, seen=sorted(seen), at=self._at)
            self._scopes.close(outcome, assets=len(seen))
        self._gone += len(gone)
        self._touched |= gone

    def lose(self, key: ScopeKey, refs: Sequence[str]) -> None:
        """Somebody saw these go, by external id; of the scope's other assets nothing is said."""
        with transaction.atomic():
            gone = retire_named(scope=self._scopes.id_of(key), refs=refs, at=self._at)
        self._gone += len(gone)
        self._touched |= gone

    def count(self, key: ScopeKey) -> None:
        """For pages of single assets, after which no scope is closed."""
        self._scopes.count(key)

    def drop(self, key: ScopeKey) -> None:
        """Nobody wants the scope any more: what was seen in it is out of sight, and it counts as nothing to read."""
        with transaction.atomic():
            be_patient()
            gone = retire_unseen(scope=self._scopes.id_of(key), seen=set(), at=self._at)
            self._scopes.drop(key)
        self._gone += len(gone)
        self._touched |= gone

    def finish(self) -> Recorded:
        """Resolves the links, once everything was seen."""
        self._touched |= resolve_links(source=self._source)
        return Recorded(self._new, self._changed, self._gone, set(self._touched))

    @transaction.atomic
    def _batch(self, scope: ScopeKey, scope_id: UUID, assets: Sequence[Observed]) -> None:
        seen = prepare(with_what_was_known(self._source, assets))
        known = self._known(seen)
        fresh = [one for one in seen if one.identity not in known]
        again = [one for one in seen if one.identity in known and self._is_home(known[one.identity], scope)]
        differing = [one for one in again if _differs(known[one.identity], one, scope_id)]
        ids = self._insert(fresh, scope_id) if fresh else {}
        if differing:
            self._update(differing, known, scope_id)
        ids |= {one.identity: known[one.identity].id for one in again}
        self._remember(scope, ids, fresh)
        stale = [one for one in differing if known[one.identity].digest != one.digest]
        links = {ids[one.identity]: one.links for one in [*fresh, *stale]}
        if links:
            new = [ids[one.identity] for one in fresh]
            left = replace_links(source=self._source, links=links, fresh=new).left
            mark_for_derivation(left)
            self._touched |= left

    def _known(self, seen: Sequence[Prepared]) -> dict[tuple[str, str], _Known]:
        rows = Asset.objects.filter(
            source=self._source,
            kind__in=sorted({one.kind for one in seen}),
            external_id__in=[one.external_id for one in seen],
        ).values_list("kind", "external_id", "id", "config_digest", "gone_at", "scope_id", "ai_product")
        return {
            (kind, external_id): _Known(id, digest, gone_at is not None, scope, product)
            for kind, external_id, id, digest, gone_at, scope, product in rows
        }

    def _is_home(self, known: _Known, scope: ScopeKey) -> bool:
        """The first scope of a run that shows an asset has it; a second one does not move it to and fro."""
        return self._home.get(known.id, scope) == scope

    def _remember(self, scope: ScopeKey, ids: dict[tuple[str, str], UUID], fresh: Sequence[Prepared]) -> None:
        self._new += len(fresh)
        self._touched |= {ids[one.identity] for one in fresh}
        for id in ids.values():
            self._home.setdefault(id, scope)
            self._seen[scope].add(id)

    def _insert(self, fresh: Sequence[Prepared], scope: UUID) -> dict[tuple[str, str], UUID]:
        stored = execute(
            INSERT,
            [one.row(id=new_id()) for one in fresh],
            source=self._source.pk,
            scope=scope,
            environment=self._source.environment,
            criticality=self._source.criticality,
            at=self._at,
        )
        return {(kind, external_id): id for id, kind, external_id in stored}

    def _update(self, differing: Sequence[Prepared], known: dict[tuple[str, str], _Known], scope: UUID) -> None:
        ids = {one.identity: known[one.identity].id for one in differing}
        elsewhere = origins_elsewhere(ids.values(), self._source.pk)
        lock_assets({*ids.values(), *elsewhere})
        self._revise({ids[one.identity]: one for one in differing})
        rows = [one.row(id=ids[one.identity], words=_words(one, known[one.identity])) for one in differing]
        execute(UPDATE, rows, scope=scope, at=self._at)
        mark_for_derivation(elsewhere)
        self._changed += sum(known[one.identity].digest != one.digest for one in differing)
        self._touched |= set(ids.values())

    def _revise(self, differing: dict[UUID, Prepared]) -> None:
        """Keeps the way back to the documents that are about to be replaced."""
        rows = Asset.objects.filter(pk__in=list(differing)).order_by("pk")
        patches: dict[UUID, Patch] = {
            id: patch
            for id, config in rows.values_list("pk", "config")
            if (patch := reverse_patch(orjson.loads(differing[id].config), config))
        }
        Revision.objects.bulk_create(Revision(asset_id=id, at=self._at, patch=patch) for id, patch in patches.items())


def _differs(known: _Known, one: Prepared, scope: UUID) -> bool:
    return known.gone or known.digest != one.digest or known.scope != scope


def _words(one: Prepared, known: _Known) -> list[str]:
    tags = orjson.loads(one.tags)
    return asset_words(one.name, one.external_id, one.kind, known.product, tags.items())
