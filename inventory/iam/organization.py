"""Policies of an organization as they reach one account: level by level, from its root down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inventory.iam.layers import Crowd
from inventory.iam.population import Controls, layer

SERVICES, RESOURCES = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


@dataclass(frozen=True, slots=True)
class Attached:
    """One policy: its type, its document, and the ids of the roots, units and accounts that it is attached to."""

    type: str
    document: Mapping[str, Any]
    targets: frozenset[str]


def controls(policies: Iterable[Attached], path: Sequence[str], crowd: Crowd, *, exempt: int = 0) -> Controls:
    """What binds the principals of an account. `path`: the ids from the root down to the account.

    Service control policies must allow at every level that has any; resource control policies only deny. `exempt`
    are principals that nothing binds: everybody in the management account, and the roles of AWS's own services.
    """
    known = list(policies)
    levels = [[one.document for one in known if one.type == SERVICES and place in one.targets] for place in path]
    refusals = [one.document for one in known if one.type == RESOURCES and one.targets & set(path)]
    everybody = crowd.everybody
    return Controls(
        services=[layer(crowd, [(document, everybody) for document in level]) for level in levels if level],
        resources=[layer(crowd, [(document, everybody) for document in refusals])] if refusals else [],
        exempt=exempt,
        known=True,
    )
