"""What an asset is connected to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from aispm.accounts.models import User
from inventory.documents import Completeness, account_in
from inventory.models import Asset, Link
from inventory.queries.estates import scopes_of
from inventory.queries.people import links_for

SHOWN = 500


@dataclass(frozen=True, slots=True)
class Reference:
    """One link seen from one asset. `missing`: its other end does not exist; None: it was not collected, who knows.

    `elsewhere`: it is in another account.
    """

    link: Link
    other: Asset | None
    missing: bool | None
    elsewhere: bool = False

    @property
    def type(self) -> str:
        return self.link.type


@dataclass(frozen=True, slots=True)
class References:
    """The links of one asset; `more`: there are too many to show."""

    outgoing: Sequence[Reference]
    incoming: Sequence[Reference]
    more: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Assets by id with their distance, the links among them, and references that lead nowhere."""

    nodes: dict[UUID, tuple[Asset, int]] = field(default_factory=dict)
    edges: dict[UUID, Link] = field(default_factory=dict)
    dangling: dict[UUID, Link] = field(default_factory=dict)
    truncated: bool = False


def links_of(user: User, asset: Asset) -> References:
    """Both directions of one asset's links."""
    rows = links_for(user).filter(Q(origin=asset) | Q(target=asset, origin__gone_at=None))
    found = list(rows.order_by("type", "target_ref", "id")[: SHOWN + 1])
    shown = found[:SHOWN]
    ends = [link for link in shown if link.origin_id == asset.pk]
    dangling = any(link.target_id is None for link in ends)
    read = Completeness(scopes_of(asset.source_id) if dangling else ())
    account = asset.source.external_id
    return References(
        outgoing=[_away(link, read, account) for link in ends],
        incoming=[Reference(link, link.origin, False) for link in shown if link.target_id == asset.pk],
        more=len(found) > SHOWN,
    )


def neighbourhood(user: User, asset: Asset, depth: int = 2, limit: int = 150) -> Graph:
    """What can be reached over at most so many links in either direction; one query a step, bounded."""
    graph = Graph(nodes={asset.pk: (asset, 0)})
    frontier: set[UUID] = {asset.pk}
    truncated = False
    for distance in range(1, depth + 1):
        found = _links_at(user, frontier, limit)
        truncated |= len(found) > limit * 4
        frontier = _grow(graph, found[: limit * 4], distance, limit)
        truncated |= len(graph.nodes) >= limit
        if not frontier or len(graph.nodes) >= limit:
            break
    return Graph(graph.nodes, graph.edges, graph.dangling, truncated)


def _links_at(user: User, frontier: Iterable[UUID], limit: int) -> list[Link]:
    ids = sorted(frontier)
    rows = links_for(user).filter(Q(origin__in=ids) | Q(target__in=ids), origin__gone_at=None)
    return list(rows.order_by("id")[: limit * 4 + 1])


def _grow(graph: Graph, found: Sequence[Link], distance: int, limit: int) -> set[UUID]:
    fresh: set[UUID] = set()
    for link in found:
        if link.target is None:
            graph.dangling[link.pk] = link
            continue
        for end in (link.origin, link.target):
            if end.pk not in graph.nodes and len(graph.nodes) < limit:
                graph.nodes[end.pk] = (end, distance)
                fresh.add(end.pk)
        if link.origin_id in graph.nodes and link.target_id in graph.nodes:
            graph.edges[link.pk] = link
    return fresh


def _away(link: Link, read: Completeness, account: str) -> Reference:
    if link.target_id is not None:
        return Reference(link, link.target, missing=False)
    missing = read.would_show(link.target_kind, link.target_ref, account) or None
    return Reference(link, None, missing, elsewhere=account_in(link.target_ref) not in ("", account))
