"""One source held in memory: its present assets, their links, and how completely each kind was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import UUID

from inventory.documents import Document, LinkTo, ScopeState, Unknown, Unread
from inventory.kinds import expand, kind_of

T = TypeVar("T")
Identity = tuple[str, str]
READ_TO_THE_END = (ScopeState.COMPLETE, ScopeState.NOT_OFFERED)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Node:
    """One asset as facts, recognition and rules see it."""

    kind: str
    external_id: str
    name: str = ""
    place: str = "-"
    config: Document = field(default_factory=dict)
    unread: Sequence[Unread] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    ai_role: str = ""
    source_environment: str = "unknown"
    id: UUID | None = None

    @property
    def identity(self) -> Identity:
        return (self.kind, self.external_id)

    def unknown(self, *paths: str) -> Unknown | None:
        """Why one of these paths into the document was not read; nothing when all were."""
        return unread_reason(self.config, self.unread, *paths) if self.unread else None


def unread_reason(config: Document, unread: Iterable[Unread], *paths: str) -> Unknown | None:
    """A path is unread when its first word is an unread part, or the main call failed and the word is absent."""
    parts = {part.part: part for part in unread}
    for path in paths:
        word = path.partition(".")[0].removesuffix("[]")
        missing = parts.get(word) or (parts.get("") if word not in config else None)
        if missing is not None:
            return Unknown(f"{word or path} was not read: {missing.message or missing.problem.value}")
    return None


@dataclass(frozen=True, slots=True)
class Dangling:
    """A link to what is not among the collected assets; `complete`: it would be there, if it existed."""

    type: str
    kind: str
    ref: str
    complete: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """A link of `origin` (kind, external id)."""

    origin: Identity
    to: LinkTo
    derived: bool = False


@dataclass(frozen=True, slots=True)
class ScopeView:
    """How one scope of the source stands."""

    region: str
    collector: str
    state: ScopeState


class Estate:
    """An index of one source. `foreign` are assets of other sources that this one's links may point at."""

    def __init__(
        self,
        nodes: Iterable[Node],
        edges: Iterable[Edge] = (),
        scopes: Iterable[ScopeView] = (),
        *,
        foreign: Iterable[Node] = (),
        account: str = "",
    ) -> None:
        self.account = account
        self._by_kind: dict[str, dict[str, Node]] = defaultdict(dict)
        for node in nodes:
            self._by_kind[node.kind][node.external_id] = node
        self._foreign: dict[Identity, Node] = {node.identity: node for node in foreign}
        self._any: dict[str, Node] | None = None
        self._states: dict[str, list[ScopeView]] = defaultdict(list)
        for scope in scopes:
            self._states[scope.collector].append(scope)
        self._out: dict[Identity, list[Edge]] = defaultdict(list)
        self._into: dict[Identity, list[tuple[str, Node]]] | None = None
        self._memo: dict[str, Any] = {}
        for edge in edges:
            self._out[edge.origin].append(edge)

    def all(self, *kinds: str) -> Sequence[Node]:
        """Every present asset of these kinds or groups."""
        return [node for kind in expand(*kinds) for node in self._by_kind.get(kind, {}).values()]

    def kinds(self) -> Sequence[str]:
        return list(self._by_kind)

    def get(self, kind: str, external_id: str) -> Node | None:
        """The asset of this source with that identity; an empty kind means any."""
        if kind:
            return self._by_kind.get(kind, {}).get(external_id)
        if self._any is None:
            self._any = {ref: node for nodes in self._by_kind.values() for ref, node in nodes.items()}
        return self._any.get(external_id)

    def in_place(self, kind: str, place: str) -> Sequence[Node]:
        """Assets of a kind or group in one region or namespace."""
        return self.once(f"in_place:{kind}", lambda: _by_place(self.all(kind))).get(place, [])

    def edges(self, node: Node) -> Sequence[Edge]:
        return self._out.get(node.identity, ())

    def out(self, node: Node, type: str) -> Sequence[Node | Dangling]:
        """What the asset's links of one type lead to."""
        return [self.follow(edge.to) for edge in self.edges(node) if edge.to.type == type]

    def out_nodes(self, node: Node, type: str) -> Sequence[Node]:
        """As `out`, without what dangles."""
        return [target for target in self.out(node, type) if isinstance(target, Node)]

    def into(self, node: Node, type: str) -> Sequence[Node]:
        """The assets of this source whose links of one type lead here."""
        return [origin for kind, origin in self.links_into(node) if kind == type]

    def links_into(self, node: Node) -> Sequence[tuple[str, Node]]:
        """(type, origin) of every link of this source that leads here."""
        if self._into is None:
            self._into = self._reverse()
        return self._into.get(node.identity, ())

    def neighbours(self, node: Node) -> Sequence[Node]:
        """Every asset that is one link away, in either direction."""
        there = [target for edge in self.edges(node) if isinstance(target := self.follow(edge.to), Node)]
        here = [origin for _type, origin in self.links_into(node)]
        return list({id(found): found for found in there + here}.values())

    def follow(self, link: LinkTo) -> Node | Dangling:
        """The asset a link points at: of this source first, then of others."""
        own = self.get(link.kind, link.ref) or self._foreign.get((link.kind, link.ref))
        if own is None and not link.kind:
            own = next((node for (_, ref), node in self._foreign.items() if ref == link.ref), None)
        return own or Dangling(link.type, link.kind, link.ref, bool(link.kind) and self.complete(link.kind))

    def complete(self, kind: str, region: str | None = None) -> bool:
        """Whether every scope that lists this kind (in that region) was read to its end. No such scope: no."""
        return all(self._complete(member, region) for member in expand(kind))

    def once(self, key: str, build: Callable[[], T]) -> T:
        """A value worked out once for this estate, for instance an index: `estate.once("pods by owner", build)`."""
        if key not in self._memo:
            self._memo[key] = build()
        return cast(T, self._memo[key])

    def relink(self, links: Mapping[tuple[Identity, str], Iterable[LinkTo]]) -> None:
        """Replaces the derived links of these (asset, type), and forgets what was worked out from the old ones."""
        for (identity, type), wanted in links.items():
            kept = [edge for edge in self._out.get(identity, ()) if not (edge.derived and edge.to.type == type)]
            have = {edge.to for edge in kept}
            kept += [Edge(identity, to, derived=True) for to in dict.fromkeys(wanted) if to not in have]
            self._out[identity] = sorted(kept, key=lambda edge: (edge.to.type, edge.to.kind, edge.to.ref))
        self._into = None
        self._memo.clear()

    def assign_role(self, node: Node, role: str) -> None:
        """Sets the AI role that later steps see."""
        object.__setattr__(node, "ai_role", role)

    def _complete(self, kind: str, region: str | None) -> bool:
        scopes = self._states.get(kind) or self._states.get(kind_of(kind).listed_by, [])
        asked = [s for s in scopes if region is None or s.region in (region, "-")]
        return bool(asked) and all(s.state in READ_TO_THE_END for s in asked)

    def _reverse(self) -> dict[Identity, list[tuple[str, Node]]]:
        reverse: dict[Identity, list[tuple[str, Node]]] = defaultdict(list)
        for origin in self.all(*self._by_kind):
            for edge in self._out.get(origin.identity, ()):
                target = self.follow(edge.to)
                if isinstance(target, Node):
                    reverse[target.identity].append((edge.to.type, origin))
        return reverse


def _by_place(nodes: Iterable[Node]) -> dict[str, list[Node]]:
    places: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        places[node.place].append(node)
    return places
