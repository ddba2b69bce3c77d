"""Questions about a part of a bucket or an account: a few names in it stand for all that policies tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce
from operator import or_

from inventory.documents import Unknown
from inventory.iam.context import Request
from inventory.iam.granting import Policy, allowed_by
from inventory.iam.language import Statement
from inventory.iam.layers import Layer
from inventory.iam.masks import Tri, perhaps, union
from inventory.iam.matching import PROBE, common, concrete, rests
from inventory.iam.population import Population

MOST_TARGETS = 24
MOST_PAIRS = 600
THROUGH = "kms:viaservice"
BY_VARIABLE = "It depends on the part of the bucket that a variable names."
TOO_MANY = "The policies tell too many parts of it apart."

# Patterns with the principals that they are about.
Patterns = Iterable[tuple[str, int]]


def ask_under(population: Population, request: Request, policy: Policy | None, *, gated: bool = False) -> Tri:
    """Who may do it to at least one thing whose name starts with the request's resource.

    Names are made of what is allowed, and of what that has in common with each limit.
    """
    prefix = request.resource
    found, varying = _below(_allowed(population, request, policy), prefix)
    crowded = 0
    for limit in _limits(population, request, policy):
        left, by_variable = _below(limit, prefix)
        left.pop("*", None)
        varying |= by_variable & _all(found)
        if len(found) * len(left) > MOST_PAIRS:
            crowded |= _all(found) & _all(left)
        else:
            _narrow(found, left)
    names = {prefix + PROBE: 0}
    for rest, mask in found.items():
        names[prefix + concrete(rest)] = names.get(prefix + concrete(rest), 0) | mask
    asked, others = list(names)[:MOST_TARGETS], list(names)[MOST_TARGETS:]
    answers = [population.ask(replace(request, resource=name), policy, gated=gated) for name in asked]
    crowded = reduce(or_, (names[name] for name in others), crowded)
    return union([*answers, perhaps(varying, BY_VARIABLE), perhaps(crowded, TOO_MANY)])


def ask_through(population: Population, request: Request, policy: Policy | None) -> Tri:
    """Who may do it only by way of a service that a policy names: what they may do there is another question."""
    tests = [*population.held.identity.tests(request.action)]
    tests += [test for statement in _said(policy, request, allow=True) for test in statement.tests]
    services = sorted({value for test in tests if test.key == THROUGH for value in test.values})[:MOST_TARGETS]
    found = []
    for service in services:
        answer = population.ask(request.having({THROUGH: (concrete(service),)}), policy, gated=True)
        found.append(perhaps(answer.yes | answer.maybe, f"Only through {service}: what they may do there decides."))
    return union(found)


def _below(patterns: Patterns, prefix: str) -> tuple[dict[str, int], int]:
    """What may follow the start, as patterns, and for whom a variable says what may."""
    found: dict[str, int] = {}
    varying = 0
    for pattern, mask in patterns:
        if "${" in pattern:
            varying |= mask
            continue
        for rest in sorted(rests(pattern, prefix)):
            found[rest] = found.get(rest, 0) | mask
    return found, varying


def _all(patterns: dict[str, int]) -> int:
    return reduce(or_, patterns.values(), 0)


def _narrow(found: dict[str, int], limit: dict[str, int]) -> None:
    """Adds what the patterns have in common with those of a limit, for whom both hold."""
    for one, mask in list(found.items()):
        for other, limited in limit.items():
            both = common(one, other) if mask & limited else None
            if both is not None:
                found[both] = found.get(both, 0) | (mask & limited)


def _allowed(population: Population, request: Request, policy: Policy | None) -> Iterator[tuple[str, int]]:
    """What identity policies and the resource's own allow. What was not read may allow anything."""
    identity, unread = population.held.identity, population.held.unread_allows
    yield from identity.patterns_below(request.action, request.resource)
    yield from (("*", mask) for _statement, mask in identity.excepted(request.action, allow=True))
    yield "*", unread.yes | unread.maybe
    for statement in _said(policy, request, allow=True):
        named, accounts = allowed_by(statement, population.directory)
        yield from ((pattern, named | accounts) for pattern in statement.resources or ("*",))


def _limits(population: Population, request: Request, policy: Policy | None) -> Iterator[Patterns]:
    """What limits leave: the allowed parts of each, and the parts that a deny spares."""
    held, controls = population.held, population.controls
    session = () if held.session is None else (held.session,)
    allowing: tuple[Layer, ...] = (held.boundary, *session, *controls.services)
    for limit in allowing:
        yield limit.patterns_below(request.action, request.resource)
    for layer in (held.identity, *allowing, *controls.resources):
        for statement, mask in layer.excepted(request.action, allow=False):
            yield [(pattern, mask) for pattern in statement.not_resources]
    for statement in _said(policy, request, allow=False):
        yield [(pattern, population.crowd.everybody) for pattern in statement.not_resources]


def _said(policy: Policy | None, request: Request, *, allow: bool) -> Iterator[Statement]:
    for statement in () if policy is None or isinstance(policy, Unknown) else policy:
        if statement.allow is allow and statement.grants(request.action):
            yield statement
