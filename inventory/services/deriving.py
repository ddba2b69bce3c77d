"""Derives what no document states and writes what changed: all at once, so that nothing is half derived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.functional import cached_property

from aispm.core.memory import rare_collection
from inventory.derivation.attributes import Defaults
from inventory.derivation.digests import HALF, links_digest, surroundings_digest
from inventory.derivation.roles import doubtful_roles, recognise_own, recognise_related
from inventory.derivation.values import Extent, derive_facts, derive_links, value_of
from inventory.documents import LinkTo
from inventory.facts.aws_controls import TOLD
from inventory.facts.estate import Node
from inventory.facts.registry import Fact, lenses
from inventory.models import UNDERIVED, Asset, Source
from inventory.queries import StoredEstate, stored_estate_of
from inventory.queries.estates import Stored, key_of, listeners_of, scopes_of, unseen_of
from inventory.services.bulk import be_patient, origins_elsewhere
from inventory.services.derived import (
    Derived,
    Earlier,
    Marks,
    Outcome,
    assemble,
    doubted_before,
    earlier,
    related_before,
    write,
)
from inventory.services.linking import point_links, replace_links

log = structlog.get_logger()
PREFETCHED = 1000


@rare_collection()
@transaction.atomic
def derive(*, source: Source, touched: Set[UUID] | None, stopped: Callable[[], bool] = lambda: False) -> set[UUID]:
    """Recognition, derived links, facts and attributes of what changed; None = of everything.

    Assets marked by an interrupted run are included, and everything is when completeness, the source's defaults or
    the code changed. `stopped` is asked every now and then; once true, Interrupted is raised and nothing is written,
    so that the next call does it all. Returns the ids of assets whose derived values changed or that are gone.
    """
    be_patient()
    source = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    surroundings = surroundings_digest(scopes_of(source.pk), unseen_of(source), _defaults(source))
    everything = touched is None or surroundings != source.derived_digest
    waiting = list(Asset.objects.filter(UNDERIVED, source=source).values_list("pk", "kind", "place", "derive_mark"))
    if not everything and not waiting and not touched:
        return set()
    extent = Extent(everything, changed={(kind, place) for _id, kind, place, _mark in waiting}, stopped=stopped)
    work = _Work(source, extent, touched or set(), {id: mark for id, _kind, _place, mark in waiting})
    extent.gone = frozenset(kind for id, kind, _place, _mark in waiting if id not in work.stored.rows)
    changed = work.run()
    gone = Asset.objects.filter(source=source, facts_digest="", gone_at__isnull=False)
    ended = set(gone.values_list("pk", flat=True))
    gone.update(facts_digest="gone")
    Source.objects.filter(pk=source.pk).update(derived_digest=surroundings)
    log.info("derived", source=source.name, everything=everything, touched=len(work.extent.nodes), changed=len(changed))
    return changed | ended


class _Work:
    """One derivation."""

    def __init__(self, source: Source, extent: Extent, touched: Set[UUID], marks: Marks) -> None:
        self.source, self.marks = source, marks
        ids = touched | marks.keys()
        self.stored: StoredEstate = stored_estate_of(source)
        self.estate = self.stored.estate
        self.extent = extent
        self.extent.add(s.node for s in self.stored.own if extent.everything or s.node.id in ids)
        self.extent.go_on()
        if len(self.extent.nodes) <= PREFETCHED:
            self.stored.documents.prefetch(self.extent.nodes)

    def run(self) -> set[UUID]:
        outcome = self._recognise()
        self._hush()
        outcome.facts = derive_facts(self.extent, self.estate)
        self.stored.forget_documents()
        affected = self._affected(outcome)
        self.extent.go_on()
        before: dict[UUID, Earlier] = {}
        if not self.extent.everything:
            before = earlier(affected)
            affected = [node for node in affected if self._may_differ(node, before, outcome)]
        derived = assemble(affected, self.stored, outcome, before, _defaults(self.source))
        self.extent.go_on()
        changed = {id: one for id, one in derived.items() if one.digest != self._half(one.node)}
        digests = self._digests(derived, changed.values())
        return write(self.stored, changed, digests, self.marks, self._elsewhere(changed))

    def _elsewhere(self, changed: dict[UUID, Derived]) -> set[UUID]:
        """Assets of other sources that look at what changed: by a link, or as members of the organization."""
        kinds = {one.node.kind for one in changed.values()} | self.extent.gone
        told = self.extent.everything or bool(kinds & set(TOLD))
        return origins_elsewhere(changed, self.source.pk) | (listeners_of(self.source.pk) if told else set())

    def _recognise(self) -> Outcome:
        """Roles and derived links. What they move joins the extent, so that facts see it."""
        asked = list(self.extent.nodes.values())
        by_relation = set() if self.extent.everything else related_before(self.source)
        own = recognise_own(asked, self.estate)
        self._relink()
        settled = {id: found.role for id, found in own.items() if found}
        for stored in self.stored.own:
            id = key_of(stored.node)
            if stored.ai_role and id not in own and id not in by_relation:
                settled[id] = stored.ai_role
        related = recognise_related(self.estate, settled)
        doubts = doubtful_roles(self.estate, settled, related)
        self.extent.add(s.node for s in self.stored.own if s.node.ai_role != s.ai_role)
        if not self.extent.everything:
            self.extent.add(self._own(doubts.keys() ^ doubted_before(self.source)))
        return Outcome(own=own, related=related, doubts=doubts)

    def _hush(self) -> None:
        """What others look at through a fact that did not change, they need not be asked about again."""
        for lens in () if self.extent.everything else lenses():
            nodes = [node for node in self.extent.nodes.values() if node.kind in lens.kinds]
            if not nodes or len(nodes) > PREFETCHED:
                continue
            before = earlier(nodes)

            def same(node: Node, lens: Fact = lens, before: dict[UUID, Earlier] = before) -> bool:
                known = before.get(key_of(node))
                return known is not None and known.agrees({lens.name: value_of(lens, node, self.estate)})

            self.extent.hush(lens, nodes, same)

    def _relink(self) -> None:
        wanted = derive_links(self.extent, self.estate)
        links: dict[UUID, list[LinkTo]] = {}
        for identity in {identity for identity, _type in wanted}:
            node = self.estate.get(*identity)
            if node is not None:
                links[key_of(node)] = [edge.to for edge in self.estate.edges(node) if edge.derived]
        relinked = replace_links(source=self.source, links=links, derived=True)
        if relinked.origins:
            moved = relinked.origins | relinked.left | point_links(source=self.source)
            self.extent.add(self._own(moved))

    def _affected(self, outcome: Outcome) -> list[Node]:
        """Assets whose row may have to be written."""
        if self.extent.everything:
            return [stored.node for stored in self.stored.own]
        found = dict(self.extent.nodes)
        near = [other for node in self.extent.nodes.values() for other in self.estate.neighbours(node)]
        within = [n for ns in self._namespaces for n in self._by_place.get(ns.external_id, ())]
        touched = [node for node in near if node.id in outcome.related]
        found |= {key_of(node): node for node in [*self._own(outcome.facts), *touched, *within]}
        return list(found.values())

    def _may_differ(self, node: Node, before: dict[UUID, Earlier], outcome: Outcome) -> bool:
        """Asked only because a fact looks at something that changed, most assets get the answer they had."""
        id = key_of(node)
        near = id in self.extent.nodes or id in outcome.related or self._has_new_namespace(node)
        return near or id not in before or not before[id].agrees(outcome.facts.get(id, {}))

    def _has_new_namespace(self, node: Node) -> bool:
        return any(namespace.external_id == node.place for namespace in self._namespaces)

    @cached_property
    def _namespaces(self) -> list[Node]:
        return [node for node in self.extent.nodes.values() if node.kind == "k8s.namespace"]

    @cached_property
    def _by_place(self) -> dict[str, list[Node]]:
        places: dict[str, list[Node]] = {}
        for stored in self.stored.own:
            places.setdefault(stored.node.place, []).append(stored.node)
        return places

    def _digests(self, derived: dict[UUID, Derived], changed: Iterable[Derived]) -> dict[UUID, str]:
        """The whole digest of every asset whose own values, links or linked assets may have changed."""
        asked = {id: one.node for id, one in derived.items()}
        if not self.extent.everything:
            moved = [*self.extent.nodes.values(), *(one.node for one in changed)]
            near = (other for node in moved for other in self.estate.neighbours(node))
            asked |= {key_of(node): node for node in near if self.estate.get(*node.identity) is node}

        def own(node: Node) -> str:
            found = derived.get(key_of(node))
            return found.digest if found else self._half(node)

        def state(node: Node) -> str:
            return self._row(node).config_digest + own(node)

        return {id: own(node) + links_digest(node, self.estate, state) for id, node in asked.items()}

    def _own(self, ids: Iterable[UUID]) -> list[Node]:
        """Present assets of this source among these."""
        rows = (self.stored.rows.get(id) for id in ids)
        return [row.node for row in rows if row is not None and self.estate.get(*row.node.identity) is row.node]

    def _row(self, node: Node) -> Stored:
        return self.stored.rows[key_of(node)]

    def _half(self, node: Node) -> str:
        return self._row(node).facts_digest[:HALF]


def _defaults(source: Source) -> Defaults:
    return Defaults(source.environment, source.criticality, source.owner)
