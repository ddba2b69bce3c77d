"""What could not be read keeps the value it had, marked as unread: a failed call never makes us forget."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from inventory import cleaning
from inventory.documents import Document, LinkTo, Observed, Unread
from inventory.models import Asset, Link, Source
from inventory.provenance import link_untold, name_untold
from inventory.services.preparing import Identity, identity_of

TAGS = "Tags"
"""The unread part that stands for an asset's tags, wherever its document keeps them."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is stored of an asset."""

    name: str
    config: Document
    tags: Mapping[str, str]
    links: list[LinkTo] = field(default_factory=list)


def with_what_was_known(source: Source, seen: Sequence[Observed]) -> Sequence[Observed]:
    """These assets, with the last known values of their unread parts. At most two statements."""
    partial = {identity_of(one) for one in seen if one.unread}
    if not partial:
        return seen
    earlier = _earlier(source, partial)
    return [_completed(one, earlier.get(identity_of(one))) if one.unread else one for one in seen]


def _earlier(source: Source, partial: Set[Identity]) -> dict[Identity, Earlier]:
    kinds, ids = sorted({kind for kind, _ in partial}), sorted(id for _, id in partial)
    rows = Asset.objects.filter(source=source, kind__in=kinds, external_id__in=ids, gone_at=None)
    found: dict[Identity, Earlier] = {}
    links: dict[UUID, list[LinkTo]] = defaultdict(list)
    columns = ("id", "kind", "external_id", "name", "config", "tags")
    for id, kind, external_id, name, config, tags in rows.values_list(*columns):
        found[kind, external_id] = Earlier(name, config, tags, links[id])
    stated = Link.objects.filter(origin__in=list(links), derived=False)
    for id, type, kind, ref in stated.values_list("origin_id", "type", "target_kind", "target_ref"):
        links[id].append(LinkTo(type, kind, ref))
    return found


def _completed(seen: Observed, earlier: Earlier | None) -> Observed:
    if earlier is None:
        return seen
    parts = {unread.part: unread for unread in seen.unread}
    kept: dict[str, Any] = {}
    more: list[Unread] = []
    there = {cleaning.text(str(name)) for name in seen.config}
    for name, value in earlier.config.items():
        if name in there or not (name in parts or "" in parts):
            continue
        kept[name] = value
        if name not in parts:
            more.append(replace(parts[""], part=name))
    untold = (to for to in earlier.links if link_untold(seen.kind, seen.config, seen.unread, to.type, to.kind))
    return replace(
        seen,
        name=earlier.name if name_untold(seen.kind, seen.config, seen.unread) else seen.name,
        config=seen.config | kept,
        unread=(*seen.unread, *more),
        links=(*seen.links, *untold),
        tags=dict(earlier.tags) if TAGS in parts else seen.tags,
    )
