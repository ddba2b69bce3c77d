"""Why a list could not be read, in words that the coverage page can show."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.documents import Problem, ScopeKey, ScopeOutcome, ScopeState, Unread


@dataclass(slots=True)
class ReadFailed(Exception):
    """One list did not come to its end. What was read before it failed stays."""

    problem: Problem
    message: str
    state: ScopeState = ScopeState.INCOMPLETE
    permission: str = ""

    def __str__(self) -> str:
        return self.message

    def outcome(self, key: ScopeKey, calls: int = 0, seconds: float = 0.0) -> ScopeOutcome:
        problem = None if self.state == ScopeState.NOT_OFFERED else self.problem
        return ScopeOutcome(key, self.state, problem, self.message, self.permission, calls, seconds)

    def unread(self, part: str) -> Unread:
        return Unread(part, self.problem, self.message, self.permission)


class Gone(Exception):
    """The cluster no longer knows the continue token: the list has to start again."""


class NotServed(Exception):
    """404: the cluster has no such path."""


class TooLarge(Exception):
    """A body beyond the size limit; fewer items a page may help."""


def not_offered(what: str) -> ReadFailed:
    return ReadFailed(Problem.OTHER, f"The cluster does not have {what}.", ScopeState.NOT_OFFERED)


def cancelled() -> ReadFailed:
    return ReadFailed(Problem.CANCELLED, "The run was cancelled before this was read.")
