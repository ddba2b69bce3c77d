"""The lineage of an asset as a story, as marks of what is wrong, as a table and as a graph."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.facts import Node
from inventory.facts.aws_lineage import inputs_of
from inventory.iam.questions import Verb
from inventory.kinds import kind_of
from inventory.lineage import PLACES, Stage
from inventory.models import Asset
from inventory.provenance import LinkType as L
from inventory.queries import Descent, Hop, LineageStep, Lost, Told
from inventory.ui.access import Access, Holders, access_in
from inventory.ui.marks import Mark, lost_mark, marks_of
from inventory.ui.presenting import short_label

STAGES: Mapping[Stage, str | Promise] = {
    Stage.DATA: gettext_lazy("Data"),
    Stage.MAKING: gettext_lazy("Preparation and training"),
    Stage.ARTIFACTS: gettext_lazy("Artifacts and stores"),
    Stage.MODELS: gettext_lazy("Models and knowledge"),
    Stage.SERVING: gettext_lazy("Serving and tools"),
    Stage.CALLERS: gettext_lazy("Callers"),
}
# What an asset does with those that its links lead to.
CLAUSES: Mapping[str, str | Promise] = {
    L.READS_DATA: gettext_lazy("reads {}"),
    L.RUNS_IMAGE: gettext_lazy("runs the image {}"),
    L.LOADS: gettext_lazy("loads {}"),
    L.MOUNTS: gettext_lazy("mounts {}"),
    L.BOUND_TO: gettext_lazy("is kept on {}"),
    L.STORES_IN: gettext_lazy("is stored in {}"),
    L.INDEXES: gettext_lazy("indexes {}"),
    L.PRODUCES: gettext_lazy("made {}"),
    L.FEEDS: gettext_lazy("wrote what {} begins with"),
    L.WRITES_DATA: gettext_lazy("writes to {}"),
    L.SERVES: gettext_lazy("serves {}"),
    L.HAS_TOOL: gettext_lazy("uses {}"),
    L.DELEGATES_TO: gettext_lazy("hands work to {}"),
    L.PART_OF: gettext_lazy("is part of {}"),
    L.SELECTS: gettext_lazy("leads to {}"),
    L.ROUTES_TO: gettext_lazy("leads to {}"),
}
NAMED = 4
CALLED = (Stage.MODELS, Stage.SERVING)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the story, with what is wrong with the asset that it is about."""

    words: SafeString
    marks: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: an asset, or a reference that leads nowhere."""

    stage: str
    asset: Asset | None
    lost: Lost | None
    comes_from: Sequence[SafeString]
    marks: Sequence[Mark]
    findings: Sequence[Any] = ()
    here: bool = False


@dataclass(slots=True)
class Lineage:
    """What the page shows."""

    lead: SafeString
    story: list[Sentence] = field(default_factory=list)
    table: list[Line] = field(default_factory=list)
    graph: str = ""


def lineage_of(descent: Descent, told: Mapping[UUID, Told], notes: Mapping[UUID, Sequence[Any]]) -> Lineage:
    """`notes`: what other apps say of each asset, such as its open findings."""
    return _Telling(descent, told, notes).lineage()


class _Telling:
    def __init__(self, descent: Descent, told: Mapping[UUID, Told], notes: Mapping[UUID, Sequence[Any]]) -> None:
        self.descent, self.told, self.notes = descent, told, notes
        self.steps = sorted(descent.steps.values(), key=_order)
        self.marks = {one.asset.pk: marks_of(told[one.asset.pk]) if one.asset.pk in told else [] for one in self.steps}

    def lineage(self) -> Lineage:
        return Lineage(self._lead(), self._story(), self._table(), self._graph())

    def _lead(self) -> SafeString:
        asset, before, after = self.descent.asset, self.descent.before, self.descent.after
        origins = [self._link(one.asset) for one in before if one.stage is Stage.DATA]
        back = ngettext("{} goes back to {} asset", "{} goes back to {} assets", len(before))
        lost = any(hop.then == asset.pk and hop.first in self.descent.lost for hop in self.descent.hops.values())
        here = _("{} begins with what was not collected") if lost else _("{} begins here")
        parts = [format_html(back, asset.name, len(before)) if before else format_html(here, asset.name)]
        if origins:
            parts.append(format_html(_("its data comes from {}"), _listed(origins)))
        on = ngettext("{} asset depends on it", "{} assets depend on it", len(after))
        parts.append(format_html(on, len(after)) if after else SafeString(_("nothing that was read depends on it")))
        return format_html("{}.", _joined(parts))

    def _story(self) -> list[Sentence]:
        told: list[Sentence] = []
        for step in self.steps:
            words = self._deeds(step)
            marks = self.marks[step.asset.pk]
            if words:
                told.append(Sentence(words, marks))
            elif marks:
                told.append(Sentence(format_html("{}.", self._named(step.asset)), marks))
        return [*told, *self._callers()]

    def _callers(self) -> Iterator[Sentence]:
        """Who can call the asset, and what depends on it."""
        for step in self.steps:
            access = access_in(self.told[step.asset.pk].facts) if step.asset.pk in self.told else Access()
            if step.distance < 0 or step.stage not in CALLED:
                continue
            if access.unknown:
                words = format_html(_("Who can call {} is not known: {}"), self._link(step.asset), access.unknown)
                yield Sentence(words)
            for one in access.holders:
                if one.verb == Verb.INVOKE:
                    yield Sentence(_calling(one, self._named(step.asset)))

    def _deeds(self, step: LineageStep) -> SafeString:
        """What the asset does, by its own links; empty when it has none here."""
        targets: dict[str, list[SafeString]] = defaultdict(list)
        for hop in self.descent.hops.values():
            if hop.link.origin_id == step.asset.pk:
                type = L.WRITES_DATA if hop.link.type == L.PRODUCES and _is_place(hop) else hop.link.type
                target = self._target(hop, step)
                if target not in targets[type]:
                    targets[type].append(target)
        clauses = [format_html(str(words), _listed(targets[type])) for type, words in CLAUSES.items() if targets[type]]
        return format_html("{} {}.", self._named(step.asset), _joined(clauses)) if clauses else SafeString("")

    def _target(self, hop: Hop, step: LineageStep) -> SafeString:
        target = hop.link.target
        if target is None or target.pk not in self.descent.steps:
            lost = self.descent.lost.get(hop.link.target_ref)
            mark = f" ({lost_mark(lost).words})" if lost else ""
            return format_html("<code>{}</code>{}", hop.link.target_ref, mark)
        if target.kind != "aws.s3.bucket" or step.asset.pk not in self.told:
            said = hop.link.type == L.RUNS_IMAGE or target.kind == step.asset.kind
            return self._link(target) if said else self._named(target)
        node = Node(kind=step.asset.kind, external_id="", config=dict(self.told[step.asset.pk].config))
        told = inputs_of(node) if hop.link.type in (L.READS_DATA, L.LOADS) else ()
        where = sorted(uri for uri in told if uri.removeprefix("s3://").partition("/")[0] == target.name)
        return format_html("{}{}", self._named(target), format_html(" (<code>{}</code>)", where[0]) if where else "")

    def _named(self, asset: Asset) -> SafeString:
        return format_html("{} {}", kind_of(asset.kind).title, self._link(asset))

    def _link(self, asset: Asset) -> SafeString:
        if asset.pk == self.descent.asset.pk:
            return format_html("<strong>{}</strong>", asset.name)
        return format_html('<a href="{}">{}</a>', reverse("inventory:lineage", args=[asset.pk]), asset.name)

    def _table(self) -> list[Line]:
        rows = [
            Line(
                stage=str(STAGES[step.stage]),
                asset=step.asset,
                lost=None,
                comes_from=self._comes_from(step.asset.pk),
                marks=self.marks[step.asset.pk],
                findings=self.notes.get(step.asset.pk, ()),
                here=step.asset.pk == self.descent.asset.pk,
            )
            for step in self.steps
        ]
        lost = [
            Line(str(STAGES[one.stage]), None, one, self._comes_from(key), [lost_mark(one)])
            for key, one in self.descent.lost.items()
        ]
        return rows + lost

    def _comes_from(self, end: UUID | str) -> list[SafeString]:
        firsts = dict.fromkeys(hop.first for hop in self.descent.hops.values() if hop.then == end)
        return [self._end(first) for first in firsts]

    def _end(self, end: UUID | str) -> SafeString:
        step = self.descent.steps.get(end) if isinstance(end, UUID) else None
        return self._link(step.asset) if step else format_html("<code>{}</code>", end)

    def _graph(self) -> str:
        """Nodes with their column and row, edges between them, and the words above the columns."""
        placed = self._places()
        columns = sorted({(stage, later) for stage, later in placed.values()})
        rows: dict[int, int] = defaultdict(int)
        nodes = []
        for end, place in placed.items():
            column = columns.index(place)
            nodes.append(self._drawn(end) | {"column": column, "row": rows[column]})
            rows[column] += 1
        known = {node["id"] for node in nodes}
        edges = [{"source": str(hop.first), "target": str(hop.then), "label": ""} for hop in self.descent.hops.values()]
        shown = [edge for edge in edges if {edge["source"], edge["target"]} <= known]
        return json.dumps(
            {
                "nodes": nodes,
                "edges": shown,
                "columns": ["" if later else str(STAGES[stage]) for stage, later in columns],
            }
        )

    def _places(self) -> dict[UUID | str, tuple[Stage, bool]]:
        """The stage of each asset and lost reference, and whether it follows another one of the same stage."""
        stages: dict[UUID | str, Stage] = {step.asset.pk: step.stage for step in self.steps}
        stages |= {key: one.stage for key, one in self.descent.lost.items()}
        later = {hop.then for hop in self.descent.hops.values() if stages.get(hop.first) == stages.get(hop.then)}
        return {end: (stage, end in later) for end, stage in stages.items()}

    def _drawn(self, end: UUID | str) -> dict[str, Any]:
        step = self.descent.steps.get(end) if isinstance(end, UUID) else None
        if step is None:
            name = str(end).partition("@")[0].rpartition(":")[2] or str(end)
            return {"id": str(end), **short_label(name), "dangling": True}
        wrong = any(mark.tone in ("critical", "high") for mark in self.marks[step.asset.pk])
        return self._node(step.asset) | {"wrong": wrong}

    def _node(self, asset: Asset) -> dict[str, Any]:
        centre = {"centre": True} if asset.pk == self.descent.asset.pk else {}
        role = {"role": asset.ai_role} if asset.ai_role else {}
        url = reverse("inventory:lineage", args=[asset.pk])
        return {"id": str(asset.pk), **short_label(asset.name), "url": url, **role, **centre}


def _is_place(hop: Hop) -> bool:
    return hop.link.target_kind in PLACES


def _order(step: LineageStep) -> tuple[int, int, str, str]:
    return step.stage, step.distance, step.asset.name, str(step.asset.pk)


def _calling(holders: Holders, asset: SafeString) -> SafeString:
    people = [format_html("<code>{}</code>", name) for name in holders.names]
    outside = [*([_("anybody")] if holders.anybody else []), *(_("account {}").format(a) for a in holders.accounts)]
    people = [*(format_html("<strong>{}</strong>", name) for name in outside), *people]
    if holders.administrators:
        words = ngettext("{} administrator", "{} administrators", holders.administrators)
        people.append(format_html(words, holders.administrators))
    if holders.more > 0:
        people.append(format_html(ngettext("{} more", "{} more", holders.more), holders.more))
    if not people:
        nobody = _("Nobody can call {} for certain.") if holders.unsure else _("Nobody can call {}.")
        return format_html(nobody, asset)
    return format_html(_("{} can be called by {}."), asset, _joined(people))


def _listed(items: Sequence[SafeString]) -> SafeString:
    """The first few, joined, and how many more there are."""
    shown = list(items[:NAMED])
    more = len(items) - NAMED
    if more > 0:
        shown.append(format_html(ngettext("{} more", "{} more", more), more))
    return _joined(shown)


def _joined(items: Iterable[SafeString]) -> SafeString:
    *firsts, last = items
    if not firsts:
        return last
    return format_html(_("{} and {}"), format_html_join(", ", "{}", ((one,) for one in firsts)), last)
