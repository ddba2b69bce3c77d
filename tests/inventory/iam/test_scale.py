"""The cost of a question does not grow with the number of principals that nothing concerns."""

from __future__ import annotations

import time
from typing import Any

from inventory.iam.context import Principal, Request
from inventory.iam.layers import Crowd
from inventory.iam.population import Held, Population, layer
from inventory.iam.targets import ask_under
from tests.inventory.iam.asking import ACCOUNT, allow, policy

PEOPLE, BUCKETS = 2000, 300
SECONDS = 10.0  # of processor time; it takes about one


def population() -> Population:
    """Everybody has a bucket, every tenth a wide policy with a condition, every hundredth everything."""
    crowd = Crowd([Principal(arn=f"arn:aws:iam::{ACCOUNT}:role/r{n}", account=ACCOUNT) for n in range(PEOPLE)])
    held: list[tuple[Any, int]] = [
        (policy(allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::b{n % BUCKETS}/*")), 1 << n)
        for n in range(PEOPLE)
    ]
    office = policy(allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    held.append((office, sum(1 << n for n in range(0, PEOPLE, 10))))
    held.append((policy(allow("*")), sum(1 << n for n in range(0, PEOPLE, 100))))
    return Population(crowd, Held(identity=layer(crowd, held), boundary=layer(crowd, [])))


def test_two_thousand_principals_and_hundreds_of_buckets_take_seconds() -> None:
    began = time.process_time()
    people = population()
    for number in range(BUCKETS):
        for action in ("s3:putobject", "s3:getobject", "s3:deleteobject"):
            request = Request(action=action, resource=f"arn:aws:s3:::b{number}/", account=ACCOUNT)
            found = ask_under(people, request, None)
        assert found.yes.bit_count() == PEOPLE // 100
        assert (found.yes | found.maybe).bit_count() == PEOPLE // 10
    assert time.process_time() - began < SECONDS
