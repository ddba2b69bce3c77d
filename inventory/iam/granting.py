"""What a resource's own policy says of many principals: granted by name, left to their account, or denied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from inventory.documents import Unknown
from inventory.iam.context import Request, chosen
from inventory.iam.language import Clause, Statement
from inventory.iam.layers import Crowd
from inventory.iam.masks import NOBODY, Tri, perhaps, union
from inventory.iam.matching import matches

Policy = Sequence[Statement] | Unknown
SESSIONS = "It depends on the session that the role is used in."
NO_ACCOUNT = "NotPrincipal without the account counts differently from service to service."


@dataclass(frozen=True, slots=True)
class Granted:
    """`direct`: named, or everybody is. `delegated`: their account is, so their own policies decide.

    `sessions`: of those named, whom a session of theirs is named for. No boundary limits that.
    """

    direct: Tri = NOBODY
    sessions: Tri = NOBODY
    delegated: Tri = NOBODY
    denied: Tri = NOBODY


NOTHING = Granted()


class Directory:
    """Finds principals by the names that policies use."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.users = 0
        self._accounts: dict[str, int] = {}
        self._names: dict[str, int] = {}
        for number, who in enumerate(crowd.principals):
            bit = 1 << number
            self.users |= bit if who.sort == "user" else 0
            self._accounts[who.account] = self._accounts.get(who.account, 0) | bit
            for name in (who.arn, who.id):
                if name:
                    self._names[name] = self._names.get(name, 0) | bit

    def of_account(self, account: str) -> int:
        return self._accounts.get(account, 0)

    def named(self, principal: str) -> int:
        """The principals that a text means by itself: an ARN, a unique id, or a session of a role."""
        found = self._names.get(principal, 0)
        if not found and ":assumed-role/" in principal:
            found = self._of_session(principal)
        return found

    def _of_session(self, principal: str) -> int:
        head, _slash, tail = principal.partition(":assumed-role/")
        account, name = head.rpartition(":")[2], tail.partition("/")[0]
        mine = self.of_account(account)
        return sum(
            1 << number
            for number, who in enumerate(self.crowd.principals)
            if mine >> number & 1 and who.sort == "role" and who.arn.rpartition("/")[2] == name
        )

    def meant(self, principals: Iterable[str]) -> tuple[int, int]:
        """(named or everybody, of a named account)."""
        named = accounts = 0
        for principal in principals:
            if principal == "*":
                named |= self.crowd.everybody
            elif principal.isdigit():
                accounts |= self.of_account(principal)
            elif principal.endswith(":root"):
                accounts |= self.of_account(principal.split(":")[4])
            else:
                named |= self.named(principal)
        return named, accounts


def granted(policy: Policy | None, directory: Directory, request: Request) -> Granted:
    """What a resource's policy says of everybody about one request; no policy says nothing."""
    if policy is None:
        return NOTHING
    if isinstance(policy, Unknown):
        open = perhaps(directory.crowd.everybody, policy.reason)
        return Granted(open, NOBODY, open, open)
    direct, sessions, delegated, denied = [], [], [], []
    for statement in policy:
        if not statement.grants(request.action):
            continue
        if not statement.allow:
            denied.append(_limited(statement, _denied_by(statement, directory), directory, request))
            continue
        named, accounts = allowed_by(statement, directory)
        direct.append(_limited(statement, Tri(named), directory, request))
        sessions.append(_limited(statement, Tri(_in_session(statement, directory)), directory, request))
        delegated.append(_limited(statement, Tri(accounts), directory, request))
    return Granted(union(direct), union(sessions), union(delegated), union(denied))


def choices(policy: Policy | None, action: str) -> Iterator[tuple[Clause, bool]]:
    """Tests of what the caller may choose, with whether variables count."""
    if policy is not None and not isinstance(policy, Unknown):
        for statement in policy:
            if statement.grants(action):
                yield from ((test, statement.variables) for test in statement.tests if chosen(action, test.key))


def allowed_by(statement: Statement, directory: Directory) -> tuple[int, int]:
    """Whom an allowing statement means: (named or everybody, of a named account)."""
    named, accounts = directory.meant(statement.principals)
    if statement.not_principals:
        others, theirs = directory.meant(statement.not_principals)
        return named & ~others & ~theirs, 0
    return named, accounts & ~named


def _in_session(statement: Statement, directory: Directory) -> int:
    """The roles that are named by one of their sessions."""
    return directory.meant(name for name in statement.principals if ":assumed-role/" in name)[0]


def _denied_by(statement: Statement, directory: Directory) -> Tri:
    """An account that is named means everybody in it."""
    if not statement.not_principals:
        named, accounts = directory.meant(statement.principals)
        return Tri(named | accounts)
    spared, accounts = directory.meant(statement.not_principals)
    everybody = directory.crowd.everybody
    if "*" in statement.not_principals:
        return NOBODY
    session = any(":assumed-role/" in name for name in statement.not_principals)
    doubt = spared & ~directory.users if not session else 0
    halfway = spared & ~accounts & ~doubt
    return Tri(everybody & ~spared) | perhaps(doubt, SESSIONS) | perhaps(halfway, NO_ACCOUNT)


def _limited(statement: Statement, who: Tri, directory: Directory, request: Request) -> Tri:
    """Of these principals, for whom the statement covers the resource and its conditions hold."""
    mask = who.yes | who.maybe
    if not mask:
        return NOBODY
    covered = _covered(statement, directory.crowd, request, mask)
    reached = covered.yes | covered.maybe
    return who & covered & directory.crowd.meet(statement, request, reached) if reached else NOBODY


def _covered(statement: Statement, crowd: Crowd, request: Request, mask: int) -> Tri:
    """A policy without resources is about the one that it belongs to."""
    if statement.not_resources:
        return Tri(mask).without(_named(statement, statement.not_resources, crowd, request, mask))
    if not statement.resources:
        return Tri(mask)
    return _named(statement, statement.resources, crowd, request, mask)


def _named(statement: Statement, patterns: Sequence[str], crowd: Crowd, request: Request, mask: int) -> Tri:
    return union(
        crowd.covered(pattern, request, mask)
        if statement.variables and "${" in pattern
        else Tri(mask if matches(pattern, request.resource) else 0)
        for pattern in patterns
    )
