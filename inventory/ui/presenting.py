"""Shapes what the inventory's queries give into what its pages show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aispm.accounts.models import User
from aispm.core.filtering import Facet, facet
from inventory import queries
from inventory.documents import Unknown
from inventory.facts.registry import decode, fact_title
from inventory.filters import AI_CHOICES, PRESENCE_CHOICES, YES_NO
from inventory.kinds import kind_of
from inventory.lineage import comes_first
from inventory.models import Asset, Environment, Exposure, Source
from inventory.provenance import answer_of
from inventory.queries import Counts, Reference, References
from inventory.ui.words import CRITICALITY, link_words, role_words

OWN_WORDS = {"ai": _("How it was recognised as AI")}
# Facts that have a place of their own on the page, or none.
ELSEWHERE = frozenset({"who_can", "permits"})
GRAPH_NODES, OWNERS_OFFERED, LABEL = 14, 60, 36  # LABEL: characters under a node of the graph


@dataclass(slots=True)
class LinkGroup:
    """The links of one type in one direction."""

    words: str
    references: list[Reference] = field(default_factory=list)


def asset_facets(user: User, query: QueryDict, sources: Iterable[Source]) -> tuple[list[Facet], Counts]:
    """The facets of the asset list, with how many AI assets each answer has."""
    counts = queries.counts_for(user)
    kinds = counts.kind if query.get("ai", "yes") == "yes" else counts.all_kinds
    roles = sorted(((role, role_words(role)) for role in counts.role), key=lambda pair: pair[1])
    facets = [
        facet(query, "ai", _("AI"), [("", AI_CHOICES[0][1]), *AI_CHOICES[1:]], single=True),
        facet(query, "role", _("AI role"), _counted(roles, counts.role)),
        facet(query, "kind", _("Kind"), _counted(_kind_words(kinds), kinds)),
        facet(query, "source", _("Source"), [(str(source.pk), source.name) for source in sources]),
        facet(query, "exposure", _("Exposure"), _counted(Exposure.choices, counts.exposure)),
        facet(query, "environment", _("Environment"), _counted(Environment.choices, counts.environment)),
        facet(query, "owner", _("Owner"), [("-", _("Nobody")), *((owner, owner) for owner in _owners(user))]),
        facet(query, "criticality", _("Criticality"), [(str(key), words) for key, words in CRITICALITY.items()]),
        facet(query, "unread", _("Partly unread"), YES_NO, hidden=True),
        facet(query, "presence", _("Present"), PRESENCE_CHOICES, hidden=True),
        *(facet(query, name, label, hidden=True) for name, label in HIDDEN),
    ]
    return facets, counts


def _owners(user: User) -> Iterable[str]:
    owned = queries.assets_for(user).filter(gone_at=None).exclude(ai_role="").exclude(owner="").order_by("owner")
    return list(owned.values_list("owner", flat=True).distinct()[:OWNERS_OFFERED])


HIDDEN = (
    ("place", _("Region or namespace")),
    ("product", _("Product")),
    ("data_class", _("Data class")),
    ("changed_since", _("Changed since")),
    ("seen_since", _("First seen since")),
)


def _kind_words(kinds: Iterable[str]) -> list[tuple[str, str]]:
    return sorted(((kind, kind_of(kind).title) for kind in kinds), key=lambda pair: pair[1])


def _counted(options: Iterable[tuple[Any, Any]], counts: Any) -> list[tuple[str, str]]:
    return [(str(value), f"{words} ({counts[value]:,})") for value, words in options if counts[value]]


def grouped(found: References) -> list[LinkGroup]:
    """Links by what they mean, seen from the asset."""
    groups: dict[tuple[str, bool], LinkGroup] = {}
    for outgoing, references in ((True, found.outgoing), (False, found.incoming)):
        for reference in references:
            key = (reference.type, outgoing)
            words = link_words(reference.type, outgoing=outgoing)
            groups.setdefault(key, LinkGroup(words)).references.append(reference)
    return list(groups.values())


def in_lineage(found: References) -> bool:
    """Whether any of the links carries data, models or answers on."""
    links = (reference.link for reference in (*found.outgoing, *found.incoming))
    return any(comes_first(link.type, link.origin.kind, link.target_kind) is not None for link in links)


def graph_of(asset: Asset, found: References) -> str:
    """The nearest assets as JSON for the graph; empty when there is nothing to draw."""
    shown: Sequence[tuple[Reference, bool]] = [
        *((reference, True) for reference in found.outgoing),
        *((reference, False) for reference in found.incoming),
    ][:GRAPH_NODES]
    if not shown:
        return ""
    centre = str(asset.pk)
    nodes: dict[str, dict[str, Any]] = {centre: {"id": centre, **short_label(asset.name), "centre": True}}
    edges = []
    for reference, outgoing in shown:
        node = _node(reference)
        nodes.setdefault(node["id"], node)
        ends = (centre, node["id"]) if outgoing else (node["id"], centre)
        edges.append({"source": ends[0], "target": ends[1], "label": reference.type.replace("_", " ")})
    return json.dumps({"nodes": list(nodes.values()), "edges": edges})


def short_label(name: str) -> dict[str, str]:
    """A name as long as a node has room for (its beginning and its end tell it apart), and the whole of it."""
    short = name if len(name) <= LABEL else f"{name[: LABEL // 2]}…{name[-(LABEL // 2 - 1) :]}"
    return {"label": short, "full": name}


def _node(reference: Reference) -> dict[str, Any]:
    other = reference.other
    if other is None:
        return {"id": f"ref:{reference.link.target_ref}", **short_label(reference.link.target_ref), "dangling": True}
    role = {"role": other.ai_role} if other.ai_role else {}
    return {"id": str(other.pk), **short_label(other.name), "url": reverse("inventory:asset", args=[other.pk]), **role}


@dataclass(frozen=True, slots=True)
class FactLine:
    """One derived fact: what it says, its name in rules, its value or why that is not known."""

    words: str
    name: str
    value: Any
    unknown: str


def fact_lines(asset: Asset) -> list[FactLine]:
    """Each derived fact that has a value and no place of its own, by name."""
    lines = []
    for name, stored in sorted(asset.facts.items()):
        if name in ELSEWHERE or stored is None:
            continue
        value = decode(stored)
        unknown = value.reason if isinstance(value, Unknown) else ""
        words = str(OWN_WORDS.get(name) or fact_title(name, asset.kind) or name.replace("_", " ").capitalize())
        lines.append(FactLine(words, f"facts.{name}", None if unknown else value, unknown))
    return lines


@dataclass(frozen=True, slots=True)
class Configuration:
    """A document apart: the provider's own, and answers of further calls, kept under fields added to it."""

    own: dict[str, Any]
    answers: Sequence[tuple[str, str, Any]]


def configuration_of(asset: Asset) -> Configuration:
    """The document of an asset; `answers` are (field, call, value)."""
    calls = {part: answer_of(asset.kind, part) for part in asset.config}
    own = {part: value for part, value in asset.config.items() if not calls[part]}
    return Configuration(own, [(part, call, asset.config[part]) for part, call in sorted(calls.items()) if call])
