"""The decision: identity policies, boundaries, resource policies and organization policies of many principals at once.

The order is AWS's own. A deny anywhere wins. Within an account either side may allow, except where the resource's
policy has the last word (keys, trust); across accounts both sides must. Boundaries and organization policies only
take away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product

from inventory.iam.actions import limited_by_resource_control
from inventory.iam.context import ANY_REGION, REGION, Request
from inventory.iam.granting import NOTHING, Directory, Granted, Policy, choices, granted
from inventory.iam.language import statements
from inventory.iam.layers import Crowd, Layer
from inventory.iam.masks import NOBODY, Tri, bits, union
from inventory.iam.scenarios import candidates

MOST_SCENARIOS = 48


class Access(StrEnum):
    """The answer for one principal."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer, and why it is not known."""

    access: Access
    reasons: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Controls:
    """An organization's policies. Without levels nothing is said: then `known` tells whether there are none.

    Every level of `services` (root, units, account) must allow; `exempt` are principals that they do not bind.
    """

    services: Sequence[Layer] = ()
    resources: Sequence[Layer] = ()
    exempt: int = 0
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The policies of a crowd. `bounded` have a boundary; `session` limits everybody, where one is known.

    `unread_allows` and `unread_denies`: policies of theirs that were not read might allow, or deny, anything.
    """

    identity: Layer
    boundary: Layer
    bounded: int = 0
    unread_allows: Tri = NOBODY
    unread_denies: Tri = NOBODY
    unread_boundary: Tri = NOBODY
    session: Layer | None = None


@dataclass(slots=True)
class Population:
    """Principals with all their policies: it answers who of them may do something."""

    crowd: Crowd
    held: Held
    controls: Controls = field(default_factory=Controls)
    directory: Directory = field(init=False)

    def __post_init__(self) -> None:
        self.directory = Directory(self.crowd)

    def ask(self, request: Request, policy: Policy | None = None, *, gated: bool = False) -> Tri:
        """Who may do it. `policy` is the resource's own; `gated` when without it nothing is allowed.

        What the caller may choose (tags, parameters) is tried out: one way that works is enough.
        """
        blind = self._ask(request, policy, gated)
        if not blind.maybe:
            return blind
        ways, all_tried = self._ways(request, policy)
        if not ways:
            return blind
        tried = [self._ask(request.having(way), policy, gated) for way in ways]
        found = union([*tried, *(() if all_tried else (Tri(0, blind.maybe, blind.why),))])
        return found.within(blind.yes | blind.maybe)

    def decide(self, request: Request, policy: Policy | None = None, *, gated: bool = False, bit: int = 0) -> Decision:
        """The answer for one principal."""
        found = self.ask(request, policy, gated=gated)
        answer = found.of(bit)
        if answer is None:
            return Decision(Access.UNKNOWN, found.reasons_of(bit))
        return Decision(Access.ALLOWED if answer else Access.DENIED)

    def _ways(self, request: Request, policy: Policy | None) -> tuple[Sequence[dict[str, tuple[str, ...]]], bool]:
        """Settings of what the caller may choose, and whether these are all that matter."""
        held = (self.held.identity, self.held.boundary, *self.controls.services, *self.controls.resources)
        layers = held if self.held.session is None else (*held, self.held.session)
        tests = [one for layer in layers for one in layer.choices(request.action)]
        tests += choices(policy, request.action)
        settled = request.values if request.region == ANY_REGION else {*request.values, REGION}
        asked = [(test, variables) for test, variables in tests if test.key not in settled]
        found, whole = candidates(asked)
        ways = product(*([(key, value) for value in values] for key, values in found.items()))
        listed = [dict(way) for _number, way in zip(range(MOST_SCENARIOS + 1), ways, strict=False)] if found else []
        return listed[:MOST_SCENARIOS], whole and len(listed) <= MOST_SCENARIOS

    def _ask(self, request: Request, policy: Policy | None, gated: bool) -> Tri:
        own = self.held.identity.allows(request) | self.held.unread_allows
        said = granted(policy, self.directory, request)
        if said is NOTHING and (own is NOBODY or gated):
            return NOBODY
        allowed = self._allowed(own, said, request, gated)
        if not allowed.yes and not allowed.maybe:
            return NOBODY
        denied = self._denied(request) | said.denied
        return self._controlled(allowed, request).without(denied)

    def _allowed(self, own: Tri, said: Granted, request: Request, gated: bool) -> Tri:
        """By either side within the account, by both across accounts."""
        limit = self._limit(request)
        own = own if limit is None else own & limit
        same = self.directory.of_account(request.account) if request.account else self.crowd.everybody
        away = self.crowd.everybody & ~same
        named = said.direct
        if limit is not None and (named.yes or named.maybe):
            users = self.directory.users
            named = named.within(users) | said.sessions | (named.within(~users) & limit)
        inside = (own & said.delegated if gated else own) | named
        if not away:
            return inside.within(same)
        across = own & (said.direct | said.delegated)
        return inside.within(same) | across.within(away)

    def _limit(self, request: Request) -> Tri | None:
        """Whom boundaries and session policies leave the action; nothing when there are none."""
        if not self.held.bounded and self.held.session is None:
            return None
        free = Tri(self.crowd.everybody & ~self.held.bounded)
        bounded = self.held.boundary.allows(request).within(self.held.bounded)
        limit = free | bounded | self.held.unread_boundary
        return limit if self.held.session is None else limit & self.held.session.allows(request)

    def _denied(self, request: Request) -> Tri:
        own = [self.held.identity.denies(request), self.held.boundary.denies(request), self.held.unread_denies]
        if self.held.session is not None:
            own.append(self.held.session.denies(request))
        services = union(level.denies(request) for level in self.controls.services)
        own.append(services.within(~self.controls.exempt))
        if limited_by_resource_control(request.action.partition(":")[0]):
            own += [level.denies(request) for level in self.controls.resources]
        return union(own)

    def _controlled(self, allowed: Tri, request: Request) -> Tri:
        """Of these, whom the organization's service control policies leave the action."""
        for level in self.controls.services:
            allowed = allowed & (level.allows(request) | Tri(self.controls.exempt))
        return allowed

    def members(self, mask: int) -> list[str]:
        """The names of these principals, sorted."""
        return sorted(self.crowd.principals[bit].name for bit in bits(mask))


def layer(crowd: Crowd, held: Iterable[tuple[object, int]]) -> Layer:
    """Policy documents with the principals that hold each of them."""
    return Layer(crowd, [(statement, mask) for document, mask in held for statement in statements(document)])
