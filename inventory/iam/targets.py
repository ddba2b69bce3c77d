"""Questions about a part of a bucket or an account: a few names in it stand for all that policies tell apart."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.documents import Unknown
from inventory.iam.context import Request
from inventory.iam.granting import Policy
from inventory.iam.masks import Tri, perhaps, union
from inventory.iam.matching import PROBE, under
from inventory.iam.population import Population

MOST_TARGETS = 24
BY_VARIABLE = "It depends on the part of the bucket that a variable names."
TOO_MANY = "The policies tell too many parts of it apart."


def ask_under(population: Population, request: Request, policy: Policy | None, *, gated: bool = False) -> Tri:
    """Who may do it to at least one thing whose name starts with the request's resource."""
    prefix = request.resource
    names, doubts = [prefix + PROBE], []
    for pattern, mask in _below(population, request, policy):
        if "${" in pattern:
            doubts.append(perhaps(mask, BY_VARIABLE))
            continue
        name = under(pattern, prefix)
        if name is not None and name not in names:
            names.append(name)
            if len(names) > MOST_TARGETS:
                doubts.append(perhaps(mask, TOO_MANY))
    found = [population.ask(_on(request, name), policy, gated=gated) for name in names[:MOST_TARGETS]]
    return union([*found, *doubts])


def _below(population: Population, request: Request, policy: Policy | None) -> Iterator[tuple[str, int]]:
    yield from population.held.identity.patterns_below(request.action, request.resource)
    if policy is not None and not isinstance(policy, Unknown):
        everybody = population.crowd.everybody
        for statement in policy:
            if statement.allow and statement.grants(request.action):
                yield from ((pattern, everybody) for pattern in statement.resources)


def _on(request: Request, resource: str) -> Request:
    return Request(
        action=request.action,
        resource=resource,
        account=request.account,
        region=request.region,
        organization=request.organization,
        tags=request.tags,
        values=request.values,
    )
