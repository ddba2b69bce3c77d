"""Whether something in a part of a bucket may be changed: against every name that the policies tell apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

from inventory.iam.language import statements
from inventory.iam.targets import ask_under
from tests.inventory.iam.asking import ACCOUNT, allow, policy, population_of, request_of
from tests.inventory.iam.reference import Case, permitted

CASES = 600
PART, ROLE = "arn:aws:s3:::art/", f"arn:aws:iam::{ACCOUNT}:role/trainer"
PATTERNS = [
    "*",
    "team/*",
    "team/*",
    "incoming/*",
    "*.csv",
    "team/*.csv",
    "*/raw/*",
    "?.csv",
    "team/x",
    "incoming/raw/*",
]
HEADS = ["", "team/", "incoming/", "new/", "raw/", "team/raw/", "incoming/raw/", "new/raw/", "team/new/raw/"]
NAMES = [head + tail for head in HEADS for tail in ("x", "new", "7.csv", "new.csv")]


def some(random: Random) -> dict[str, Any]:
    """A policy about parts of the bucket, with what it spares now and then."""
    parts = [PART + pattern for pattern in random.sample(PATTERNS, random.choice([1, 1, 2]))]
    lines = [allow("s3:PutObject", parts)]
    if random.random() < 0.5:
        spared = [PART + random.choice(PATTERNS)]
        key = "NotResource" if random.random() < 0.7 else "Resource"
        lines.append({"Effect": "Deny", "Action": "s3:*", key: spared})
    return policy(*lines)


def case(random: Random) -> Case:
    def perhaps(chance: float) -> dict[str, Any] | None:
        return some(random) if random.random() < chance else None

    own = some(random)
    for line in own["Statement"]:
        line["Principal"] = {"AWS": ROLE} if random.random() < 0.5 else "*"
    return Case(
        action="s3:PutObject",
        resource=PART,
        principal=ROLE,
        context={},
        identity=[some(random)] if random.random() < 0.8 else [],
        boundary=perhaps(0.5),
        session=perhaps(0.2),
        resource_policy=own if random.random() < 0.5 else None,
        services=[[some(random)]] if random.random() < 0.3 else [],
        resources=[policy(some(random)["Statement"][-1] | {"Effect": "Deny"})] if random.random() < 0.2 else [],
    )


def test_a_part_of_a_bucket_is_writable_where_one_name_in_it_is() -> None:
    random = Random(7)
    seen: Counter[bool] = Counter()
    for _number in range(CASES):
        asked = case(random)
        own = list(statements(asked.resource_policy)) if asked.resource_policy else None
        found = ask_under(population_of(asked), request_of(asked, []), own)
        expected = any(permitted(replace(asked, resource=PART + name)) for name in NAMES)
        assert found.of(0) is expected, asked
        seen[expected] += 1
    assert min(seen.values()) > CASES // 8
