"""One source held in memory: its present assets, their links, and how completely each kind was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast, overload
from uuid import UUID

from inventory.documents import Completeness, Document, LinkTo, ScopeView, Unknown, Unread
from inventory.kinds import expand

T = TypeVar("T")
N = TypeVar("N", bound="Node | None")
Identity = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Node:
    """One asset as facts, recognition and rules see it. `stale`: why the last reading did not show it again."""

    kind: str
    external_id: str
    name: str = ""
    place: str = "-"
    config: Document = field(default_factory=dict)
    unread: Sequence[Unread] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    ai_role: str = ""
    source_environment: str = "unknown"
    stale: str = ""
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


class Estate:
    """An index of one source. `foreign` are assets of other sources that this one's links may point at.

    It notes when an asset is looked at that the last reading did not show again (`doubt_of`).
    """

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
        self.organization: Estate | None = None  # what another source, the management account, tells of it
        self.connected: frozenset[str] = frozenset()  # the accounts, or clusters, that are read as sources
        self._by_kind: dict[str, dict[str, Node]] = defaultdict(dict)
        for node in nodes:
            self._by_kind[node.kind][node.external_id] = node
        self._foreign: dict[Identity, Node] = {node.identity: node for node in foreign}
        self._any: dict[str, Node] | None = None
        self.read = Completeness(scopes)
        self._out: dict[Identity, list[Edge]] = defaultdict(list)
        self._into: dict[Identity, list[tuple[str, Node]]] | None = None
        self._memo: dict[str, tuple[Any, str]] = {}
        self._doubt = ""
        self._role_doubts: Mapping[UUID, Unknown] = {}
        self._any_stale = any(node.stale for found in self._by_kind.values() for node in found.values())
        for edge in edges:
            self._out[edge.origin].append(edge)

    def all(self, *kinds: str) -> Sequence[Node]:
        """Every present asset of these kinds or groups."""
        return self._watched(self._all(*kinds))

    def kinds(self) -> Sequence[str]:
        return list(self._by_kind)

    def get(self, kind: str, external_id: str) -> Node | None:
        """The asset of this source with that identity; an empty kind means any."""
        return self._looked_at(self._get(kind, external_id))

    def in_place(self, kind: str, place: str) -> Sequence[Node]:
        """Assets of a kind or group in one region or namespace."""
        return self._watched(self.once(f"in_place:{kind}", lambda: _by_place(self._all(kind))).get(place, []))

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
        return self._watched([origin for kind, origin in self._links_into(node) if kind == type])

    def links_into(self, node: Node) -> Sequence[tuple[str, Node]]:
        """(type, origin) of every link of this source that leads here."""
        found = self._links_into(node)
        for _type, origin in found:
            self._looked_at(origin)
        return found

    def neighbours(self, node: Node) -> Sequence[Node]:
        """Every asset that is one link away, in either direction."""
        there = [target for edge in self.edges(node) if isinstance(target := self._follow(edge.to), Node)]
        here = [origin for _type, origin in self._links_into(node)]
        return list({id(found): found for found in there + here}.values())

    def follow(self, link: LinkTo) -> Node | Dangling:
        """The asset a link points at: of this source first, then of others."""
        target = self._follow(link)
        return self._looked_at(target) if isinstance(target, Node) else target

    def doubt_of(self, work_out: Callable[[], T]) -> tuple[T, str]:
        """A value, and why an asset that was looked at for it may be gone or another by now; empty when none."""
        outer, self._doubt = self._doubt, ""
        try:
            return work_out(), self._doubt
        finally:
            self._doubt = outer

    def _follow(self, link: LinkTo) -> Node | Dangling:
        own = self._get(link.kind, link.ref) or self._foreign.get((link.kind, link.ref))
        if own is None and not link.kind:
            own = next((node for (_, ref), node in self._foreign.items() if ref == link.ref), None)
        return own or Dangling(link.type, link.kind, link.ref, self.read.would_show(link.kind, link.ref, self.account))

    def complete(self, kind: str, region: str | None = None) -> bool:
        """Whether every scope that lists this kind (in that region) was read to its end. No such scope: no."""
        return self.read.complete(kind, region)

    def once(self, key: str, build: Callable[[], T]) -> T:
        """A value worked out once for this estate, for instance an index: `estate.once("pods by owner", build)`."""
        if key not in self._memo:
            self._memo[key] = self.doubt_of(build)
        value, doubt = self._memo[key]
        self._doubt = self._doubt or doubt
        return cast(T, value)

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

    def doubt_roles(self, doubts: Mapping[UUID, Unknown]) -> None:
        """Sets whose AI role is not known for certain, and why."""
        self._role_doubts = doubts

    def role_doubt(self, node: Node) -> Unknown | None:
        """Why the asset may have another AI role than it shows."""
        return self._role_doubts.get(node.id) if node.id is not None else None

    def _all(self, *kinds: str) -> list[Node]:
        return [node for kind in expand(*kinds) for node in self._by_kind.get(kind, {}).values()]

    def _get(self, kind: str, external_id: str) -> Node | None:
        if kind:
            return self._by_kind.get(kind, {}).get(external_id)
        if self._any is None:
            self._any = {ref: node for nodes in self._by_kind.values() for ref, node in nodes.items()}
        return self._any.get(external_id)

    def _links_into(self, node: Node) -> Sequence[tuple[str, Node]]:
        if self._into is None:
            self._into = self._reverse()
        return self._into.get(node.identity, ())

    def _looked_at(self, node: N) -> N:
        if self._any_stale and node is not None and node.stale:
            self._doubt = self._doubt or node.stale
        return node

    def _watched(self, nodes: list[Node]) -> Sequence[Node]:
        return Watched(nodes, self._looked_at) if self._any_stale and any(node.stale for node in nodes) else nodes

    def _reverse(self) -> dict[Identity, list[tuple[str, Node]]]:
        reverse: dict[Identity, list[tuple[str, Node]]] = defaultdict(list)
        for origin in self._all(*self._by_kind):
            for edge in self._out.get(origin.identity, ()):
                target = self._follow(edge.to)
                if isinstance(target, Node):
                    reverse[target.identity].append((edge.to.type, origin))
        return reverse


class Watched(Sequence[Node]):
    """Assets some of which are stale: those come last, and looking at one is noted.

    So an answer that a fresh asset settles stands, and one for which all had to be looked at is in doubt.
    """

    def __init__(self, nodes: Iterable[Node], looked_at: Callable[[Node], Node]) -> None:
        self._nodes = sorted(nodes, key=lambda node: bool(node.stale))
        self._looked_at = looked_at

    @overload
    def __getitem__(self, index: int) -> Node: ...
    @overload
    def __getitem__(self, index: slice) -> list[Node]: ...
    def __getitem__(self, index: int | slice) -> Node | list[Node]:
        return list(self)[index]

    def __iter__(self) -> Iterator[Node]:
        return map(self._looked_at, self._nodes)

    def __len__(self) -> int:
        self._looked_at(self._nodes[-1])
        return len(self._nodes)


def _by_place(nodes: Iterable[Node]) -> dict[str, list[Node]]:
    places: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        places[node.place].append(node)
    return places
