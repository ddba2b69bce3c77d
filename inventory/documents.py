"""What a collector hands over: plain values, no tables. Collectors make them, inventory services store them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from inventory.kinds import expand, kind_of

Document = dict[str, Any]


class Problem(StrEnum):
    """Why something could not be read."""

    DENIED = "denied"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    SERVER_ERROR = "server-error"
    MALFORMED = "malformed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    OTHER = "other"


class ScopeState(StrEnum):
    """Whether one scope (source, region, collector) was read to its end."""

    NEVER = "never"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    DENIED = "denied"
    NOT_OFFERED = "not-offered"
    NOT_CHOSEN = "not-chosen"  # somebody took it out: it vouches for nothing, and is no gap


READ_TO_THE_END = frozenset({ScopeState.COMPLETE, ScopeState.NOT_OFFERED})


@dataclass(frozen=True, slots=True)
class ScopeKey:
    """region is `-` for what has no region; collector is the asset kind that the scope lists."""

    region: str
    collector: str


@dataclass(frozen=True, slots=True)
class ScopeView:
    """How one scope of a source stands."""

    region: str
    collector: str
    state: ScopeState


def account_in(ref: str) -> str:
    """The account that an ARN names; empty when it names none, or is no ARN."""
    return _arn(ref)[2]


def is_anybodys(ref: str) -> bool:
    """Whether it is the ARN of a bucket: it says nothing of whose, and the names of all are in one space."""
    return _arn(ref) == ("s3", "", "")


def _arn(ref: str) -> tuple[str, str, str]:
    """Service, region and account of an ARN."""
    parts = ref.split(":", 5)
    return (parts[2], parts[3], parts[4]) if parts[0] == "arn" and len(parts) == 6 else ("", "", "")


class Completeness:
    """How completely one source was read, kind by kind. Kinds may be groups.

    What nobody chose to read is as if it had never been asked for.
    """

    def __init__(self, scopes: Iterable[ScopeView] = ()) -> None:
        self._scopes: dict[str, list[ScopeView]] = defaultdict(list)
        for scope in scopes:
            if scope.state is not ScopeState.NOT_CHOSEN:
                self._scopes[scope.collector].append(scope)

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds that the source is asked for."""
        return sorted(self._scopes)

    @property
    def whole(self) -> bool:
        """Whether every scope was read to its end."""
        return self.unread(self._scopes) is None

    def asked(self, kind: str) -> bool:
        """Whether any scope of the source lists this kind."""
        return any(member in self._scopes for member in expand(kind))

    def regions(self, kind: str) -> Sequence[str]:
        """Where the source is asked for this kind, and it is offered."""
        return sorted({s.region for s in self._scopes.get(kind, ()) if s.state is not ScopeState.NOT_OFFERED})

    def complete(self, kind: str, region: str | None = None) -> bool:
        """Whether every scope that lists this kind (in that region) was read to its end. No such scope: no."""
        return all(self._complete(member, region) for member in expand(kind))

    def would_show(self, kind: str, ref: str, account: str) -> bool:
        """Whether an asset of this kind and name would have been seen, if it existed. `account`: the source's own.

        An ARN says where it would be: in another account nobody looked, in a region perhaps neither.
        """
        _service, region, owner = _arn(ref)
        if not kind or is_anybodys(ref) or owner not in ("", account):
            return False
        return self.complete(kind, region or None)

    def standing(self, kind: str) -> str:
        """Another text whenever `would_show` may answer otherwise for something of this kind."""
        scopes = (scope for member in expand(kind) for scope in self._scopes.get(member, ()))
        return " ".join(sorted(f"{s.collector}/{s.region}/{s.state in READ_TO_THE_END}" for s in scopes))

    def unread(self, kinds: Iterable[str]) -> Unknown | None:
        """Why one of these kinds is not known completely, although the source is asked for it."""
        missing = (kind for kind in sorted(expand(*kinds)) if kind in self._scopes and not self._complete(kind, None))
        kind = next(missing, None)
        return Unknown(f"{kind_of(kind).plural} were not read completely.") if kind else None

    def _complete(self, kind: str, region: str | None) -> bool:
        asked = [s for s in self._scopes.get(kind, ()) if region is None or s.region in (region, "-")]
        return bool(asked) and all(s.state in READ_TO_THE_END for s in asked)


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of one document that could not be read: `part` is the top-level field it would have filled."""

    part: str
    problem: Problem
    message: str = ""
    permission: str = ""

    def as_document(self) -> Document:
        """The form in which it is stored."""
        return {
            "part": self.part,
            "problem": self.problem.value,
            "message": self.message,
            "permission": self.permission,
        }

    @classmethod
    def from_document(cls, stored: Document) -> Unread:
        return cls(stored["part"], Problem(stored["problem"]), stored.get("message", ""), stored.get("permission", ""))


@dataclass(frozen=True, slots=True)
class LinkTo:
    """An edge to another asset, by the name its document uses. `kind` may be empty when only the id is known."""

    type: str
    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class Observed:
    """One asset as one collector saw it. `config` is the provider's own document."""

    kind: str
    external_id: str
    name: str
    place: str
    config: Document
    unread: Sequence[Unread] = ()
    links: Sequence[LinkTo] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScopeOutcome:
    """How the reading of one scope ended. Only COMPLETE may retire assets."""

    key: ScopeKey
    state: ScopeState
    problem: Problem | None = None
    message: str = ""
    permission: str = ""
    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact whose inputs were not read. It has no truth value, so `if fact:` cannot pass silently."""

    reason: str

    def __bool__(self) -> NoReturn:
        raise TypeError(f"An unknown fact has no truth value: {self.reason}")
