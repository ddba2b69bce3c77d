"""The same policies put to moto's own evaluation, as far as it goes: no conditions, `?` or variables."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult

from tests.inventory.iam.asking import Access, alone
from tests.inventory.iam.generating import ACTIONS, RESOURCES, WIDE, statement

CASES = 400


def plain(random: Random) -> dict[str, Any]:
    """A document of statements that moto understands."""
    lines = [statement(random) for _number in range(random.randint(1, 4))]
    lines = [{key: value for key, value in line.items() if key != "Condition"} for line in lines]
    kept = [line for line in lines if "NotResource" not in line and not set("$?") & set(json.dumps(line))]
    return {"Version": "2012-10-17", "Statement": kept or [WIDE]}


def by_moto(document: dict[str, Any], action: str, resource: str) -> Access:
    result = IAMPolicy(json.dumps(document)).is_action_permitted(action, resource)
    return Access.ALLOWED if result is PermissionResult.PERMITTED else Access.DENIED


def test_identity_policies_mean_the_same_to_moto() -> None:
    random = Random(21)
    seen: set[Access] = set()
    for _number in range(CASES):
        document, action, resource = plain(random), random.choice(ACTIONS), random.choice(RESOURCES)
        expected = by_moto(document, action, resource)
        assert alone(document, action, resource) is expected, (document, action, resource)
        seen.add(expected)
    assert seen == {Access.ALLOWED, Access.DENIED}
