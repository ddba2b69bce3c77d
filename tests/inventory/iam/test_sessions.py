"""A resource's policy that names a session of a role, beside one that names the role."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.iam.population import Access
from tests.inventory.iam.asking import ACCOUNT, allow, ask, deny, policy
from tests.inventory.iam.reference import Case

ROLE = f"arn:aws:iam::{ACCOUNT}:role/one"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/one/nightly"


def granted(name: str, boundary: dict[str, Any]) -> Access:
    own = policy(allow("s3:GetObject") | {"Principal": {"AWS": name}})
    return ask(Case("s3:GetObject", "arn:aws:s3:::data/a", ROLE, {}, boundary=boundary, resource_policy=own), [])


@pytest.mark.parametrize(("name", "expected"), [(ROLE, Access.DENIED), (SESSION, Access.ALLOWED)])
def test_a_boundary_that_leaves_it_out_limits_a_named_role_and_no_named_session(name: str, expected: Access) -> None:
    assert granted(name, policy(allow("ec2:*"))) is expected


def test_a_boundary_that_denies_it_holds_for_a_named_session_too() -> None:
    assert granted(SESSION, policy(allow("*"), deny("s3:GetObject"))) is Access.DENIED
