"""What every collector is, so that one runner drives AWS, live clusters and snapshots alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from inventory.documents import Observed, Problem, ScopeKey, ScopeOutcome


@dataclass(frozen=True, slots=True)
class Page:
    """Some assets of one scope. A scope's pages come before its ScopeOutcome."""

    scope: ScopeKey
    assets: Sequence[Observed]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in a watched source: assets as they are now, and external ids of those that are gone."""

    pages: Sequence[Page]
    gone: Mapping[ScopeKey, Sequence[str]]


class Collector(Protocol):
    """Reads one source, read-only. It never raises for what one call answers: that is a ScopeOutcome.

    It raises PermanentError when nothing can be read at all (wrong credentials, not a cluster) and
    TransientError when the source cannot be reached at all.
    """

    def identify(self) -> Identity:
        """One cheap call: which account or cluster is this?"""

    def scopes(self) -> Sequence[ScopeKey]:
        """Every scope that `collect` will close."""

    def collect(self, cancelled: Callable[[], bool]) -> Iterator[Page | ScopeOutcome]:
        """Pages as they arrive, from any number of threads, and one ScopeOutcome a scope.

        `cancelled` is asked often (at least between calls); once true, the open scopes end with
        Problem.CANCELLED within seconds.
        """

    def doctor(self) -> Sequence[Check]:
        """What can and cannot be read, one cheap call a permission group."""


@dataclass(frozen=True, slots=True)
class Identity:
    external_id: str
    name: str


class Reason(StrEnum):
    """Why a read does not work, where the problem alone does not say it."""

    ABSENT = "absent"
    NO_REGION = "no-region"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report."""

    what: str
    ok: bool
    problem: Problem | None = None
    message: str = ""
    permission: str = ""
    region: str = ""
    reason: Reason | None = None
