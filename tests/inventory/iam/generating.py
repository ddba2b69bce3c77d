"""Random policies over few names, so that statements meet, and the questions to put to them."""

from __future__ import annotations

from functools import partial
from itertools import product
from random import Random
from typing import Any

from tests.inventory.iam.reference import Case

ACCOUNT, ELSEWHERE = "111122223333", "444455556666"
ROLE, USER = f"arn:aws:iam::{ACCOUNT}:role/trainer", f"arn:aws:iam::{ACCOUNT}:user/ann"
AWAY = f"arn:aws:iam::{ELSEWHERE}:role/vendor"
PRINCIPALS = [ROLE, USER, ROLE, USER, AWAY]
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
RESOURCES = ["arn:aws:s3:::data/train/a.csv", "arn:aws:s3:::data/raw/b.csv", "arn:aws:s3:::models/x.tar.gz"]
ACTION_PATTERNS = [*ACTIONS, "s3:*", "s3:*Object", "s3:Get*", "*", "s3:?etObject", "bedrock:*"]
RESOURCE_PATTERNS = [
    *RESOURCES, "*", "*", "arn:aws:s3:::data/*", "arn:aws:s3:::data/train/*", "arn:aws:s3:::*/?.csv",
    "arn:aws:s3:::models/*", "arn:aws:s3:::${aws:PrincipalTag/team}/*",
]  # fmt: skip
# What each key may hold in a request; an empty list is an absent key.
CONTEXT: dict[str, list[list[str]]] = {
    "aws:SourceIp": [["10.0.0.7"], ["192.0.2.9"]],
    "aws:CurrentTime": [["2026-01-01T00:00:00Z"], ["2026-12-31T00:00:00Z"]],
    "aws:MultiFactorAuthPresent": [["true"], ["false"], []],
    "aws:PrincipalTag/team": [["data"], ["models"], []],
    "aws:TagKeys": [["owner"], ["owner", "cost"], []],
    "s3:max-keys": [["5"], ["50"], []],
    "aws:SourceVpce": [["vpce-1"], []],
}
CONDITIONS = [
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/24", "203.0.113.0/24"]}},
    {"DateLessThan": {"aws:CurrentTime": "2026-06-01T00:00:00Z"}},
    {"DateGreaterThanEquals": {"aws:CurrentTime": "2026-12-31T00:00:00Z"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"Null": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:PrincipalTag/team": "data"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": ["models", "web"]}},
    {"StringLikeIfExists": {"aws:PrincipalTag/team": "d*"}},
    {"ForAnyValue:StringEquals": {"aws:TagKeys": ["cost", "team"]}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["owner", "team"]}},
    {"ForAnyValue:StringNotEquals": {"aws:TagKeys": "owner"}},
    {"ForAllValues:StringNotLike": {"aws:TagKeys": "co*"}},
    {"NumericLessThan": {"s3:max-keys": 10}},
    {"NumericGreaterThanEqualsIfExists": {"s3:max-keys": "50"}},
    {"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}},
    {"StringEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}, "Null": {"s3:max-keys": "false"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}},
    {"ArnNotEquals": {"aws:PrincipalArn": [USER, AWAY]}},
    {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
]


def some(random: Random, values: list[Any]) -> Any:
    """One value, or a list of a few."""
    return random.choice(values) if random.random() < 0.6 else random.sample(values, 2)


def statement(
    random: Random, *, resource_based: bool = False, denies: float = 0.15, conditions: list[Any] | None = None
) -> dict[str, Any]:
    line: dict[str, Any] = {"Effect": "Deny" if random.random() < denies else "Allow"}
    line["NotAction" if random.random() < 0.15 else "Action"] = some(random, ACTION_PATTERNS)
    line["NotResource" if random.random() < 0.15 else "Resource"] = some(random, RESOURCE_PATTERNS)
    if random.random() < 0.5:
        line["Condition"] = random.choice(conditions or CONDITIONS)
    if resource_based:
        names = [*dict.fromkeys(PRINCIPALS), f"arn:aws:iam::{ACCOUNT}:root", ELSEWHERE, "*"]
        line["Principal"] = {"AWS": some(random, names)} if random.random() < 0.8 else "*"
        if line["Effect"] == "Deny" and random.random() < 0.3:
            line["NotPrincipal"] = {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", USER]}
            del line["Principal"]
    return line


WIDE = {"Effect": "Allow", "Action": ["s3:*", "bedrock:*"], "Resource": "*"}
EVERYTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def _document(random: Random, *, wide: float = 0.0, **how: Any) -> dict[str, Any]:
    lines = [statement(random, **how) for _number in range(random.randint(1, 3))]
    version = random.choice(["2012-10-17", "2012-10-17", "2008-10-17"])
    return {"Version": version, "Statement": [WIDE, *lines] if random.random() < wide else lines}


def case(random: Random, key: str = "") -> Case:
    """A whole question with a context in which every key is settled; all conditions on one key, if it is named."""
    about = [condition for condition in CONDITIONS if key and any(key in lines for lines in condition.values())]
    document = partial(_document, conditions=about)
    principal = random.choice(PRINCIPALS)
    context = {key: random.choice(values) for key, values in CONTEXT.items()}
    context |= {"aws:PrincipalArn": [principal], "aws:PrincipalAccount": [principal.split(":")[4]]}

    def limit() -> dict[str, Any] | None:
        return document(random, wide=0.6) if random.random() < 0.3 else None

    return Case(
        action=random.choice(ACTIONS),
        resource=random.choice(RESOURCES),
        principal=principal,
        context={key: values for key, values in context.items() if values},
        identity=[document(random, wide=0.3) for _number in range(random.randint(0, 2))],
        boundary=limit(),
        session=limit(),
        resource_policy=document(random, resource_based=True) if random.random() < 0.6 else None,
        gated=random.random() < 0.3,
        services=[
            [EVERYTHING, document(random)] if random.random() < 0.5 else [document(random, wide=0.7)]
            for _number in range(random.choice([0, 0, 1, 2]))
        ],
        resources=[document(random, denies=1.0) for _number in range(random.choice([0, 0, 0, 1]))],
    )


def contexts(asked: Case, open_keys: list[str]) -> list[dict[str, list[str]]]:
    """The case's context with every combination of values for these keys."""
    fixed = {key: values for key, values in asked.context.items() if key not in open_keys}
    found = []
    for values in product(*(CONTEXT[key] for key in open_keys)):
        found.append(fixed | {key: value for key, value in zip(open_keys, values, strict=True) if value})
    return found
