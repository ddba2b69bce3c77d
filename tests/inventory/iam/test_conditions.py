"""A truth table for every condition operator."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import Unknown
from inventory.iam.conditions import NEGATED, OPERATORS, holds
from inventory.iam.language import Clause, statements

ROLE = "arn:aws:iam::111122223333:role/trainer"
# operator, policy values, (value of the request, whether the test holds)…; the empty tuple is an absent key
TABLE: list[tuple[str, Any, list[tuple[Any, bool]]]] = [
    ("StringEquals", ["a", "b"], [("a", True), ("b", True), ("A", False), ("c", False), ((), False)]),
    ("StringNotEquals", ["a", "b"], [("a", False), ("c", True), ("A", True), ((), True)]),
    ("StringEqualsIgnoreCase", "Prod", [("prod", True), ("PROD", True), ("dev", False), ((), False)]),
    ("StringNotEqualsIgnoreCase", "Prod", [("prod", False), ("dev", True), ((), True)]),
    ("StringLike", ["ml-*", "?x"], [("ml-", True), ("ml-data", True), ("ax", True), ("abx", False), ((), False)]),
    ("StringNotLike", "ml-*", [("ml-data", False), ("web", True), ((), True)]),
    ("NumericEquals", 10, [("10", True), ("10.0", True), ("11", False), ((), False)]),
    ("NumericNotEquals", 10, [("10", False), ("11", True), ((), True)]),
    ("NumericLessThan", "10", [("9", True), ("10", False), ((), False)]),
    ("NumericLessThanEquals", "10", [("10", True), ("11", False)]),
    ("NumericGreaterThan", "10", [("11", True), ("10", False)]),
    ("NumericGreaterThanEquals", "10", [("10", True), ("9", False)]),
    ("DateEquals", "2026-01-01T00:00:00Z", [("2026-01-01T00:00:00+00:00", True), ("1767225600", True), ("0", False)]),
    ("DateNotEquals", "2026-01-01T00:00:00Z", [("2026-01-01T00:00:00Z", False), ("2026-01-02T00:00:00Z", True)]),
    ("DateLessThan", "2026-01-01", [("2025-12-31T23:59:59Z", True), ("2026-01-01T00:00:00Z", False), ((), False)]),
    ("DateLessThanEquals", "2026-01-01", [("2026-01-01T00:00:00Z", True), ("2026-01-01T00:00:01Z", False)]),
    ("DateGreaterThan", "2026-01-01", [("2026-01-01T00:00:01Z", True), ("2026-01-01T00:00:00Z", False)]),
    ("DateGreaterThanEquals", "2026-01-01", [("2026-01-01T00:00:00Z", True), ("2025-12-31T00:00:00Z", False)]),
    ("Bool", True, [("true", True), ("True", True), ("false", False), ((), False)]),
    ("Bool", "false", [("false", True), ("true", False), ((), False)]),
    ("BinaryEquals", "aGk=", [("aGk=", True), ("AGK=", False), ((), False)]),
    ("IpAddress", ["10.0.0.0/8", "2001:db8::/32"], [("10.9.9.9", True), ("2001:db8::1", True), ("11.0.0.1", False)]),
    ("IpAddress", "203.0.113.7", [("203.0.113.7", True), ("203.0.113.8", False), ((), False)]),
    ("NotIpAddress", "10.0.0.0/8", [("10.9.9.9", False), ("11.0.0.1", True), ((), True)]),
    ("ArnEquals", ROLE, [(ROLE, True), (f"{ROLE}2", False), ((), False)]),
    ("ArnLike", "arn:aws:iam::*:role/*", [(ROLE, True), ("arn:aws:iam::1:user/ann", False), ((), False)]),
    ("ArnNotEquals", ROLE, [(ROLE, False), (f"{ROLE}2", True), ((), True)]),
    ("ArnNotLike", "arn:aws:iam::111122223333:role/*", [(ROLE, False), ("arn:aws:iam::4:role/x", True), ((), True)]),
    ("Null", "true", [((), True), ("x", False)]),
    ("Null", False, [((), False), ("x", True)]),
    ("StringEqualsIfExists", "a", [("a", True), ("b", False), ((), True)]),
    ("NumericLessThanIfExists", "10", [("9", True), ("10", False), ((), True)]),
    ("BoolIfExists", "true", [("true", True), ("false", False), ((), True)]),
    ("ForAnyValue:StringEquals", ["a", "b"], [(("a", "z"), True), (("y", "z"), False), ((), False)]),
    ("ForAllValues:StringEquals", ["a", "b"], [(("a", "b"), True), (("a", "z"), False), ((), True)]),
    ("ForAnyValue:StringNotEquals", ["a", "b"], [(("a", "z"), True), (("a", "b"), False), ((), False)]),
    ("ForAllValues:StringNotLike", "a*", [(("b", "c"), True), (("b", "ab"), False), ((), True)]),
    ("ForAllValues:StringLikeIfExists", "a*", [(("a1",), True), (("b",), False), ((), True)]),
]  # fmt: skip


def read(operator: str, values: Any) -> Clause:
    document = {"Statement": {"Effect": "Allow", "Action": "*", "Condition": {operator: {"aws:Key": values}}}}
    return next(statements(document)).tests[0]


@pytest.mark.parametrize(
    ("operator", "values", "given", "expected"),
    [(operator, values, given, holds) for operator, values, rows in TABLE for given, holds in rows],
)
def test_an_operator_answers_as_documented(operator: str, values: Any, given: Any, expected: bool) -> None:
    test = read(operator, values)
    assert holds(test, (given,) if isinstance(given, str) else given, test.values) is expected


def test_every_operator_is_in_the_table() -> None:
    bare = {operator.lower().rpartition(":")[2].removesuffix("ifexists") for operator, _values, _rows in TABLE}
    assert bare == OPERATORS
    assert set(NEGATED.values()) < OPERATORS


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "Null", "Bool", "IpAddress", "DateLessThan"])
def test_a_key_that_is_not_known_is_never_guessed(operator: str) -> None:
    answer = holds(read(operator, "true"), Unknown("It depends on the weather."), ["true"])
    assert isinstance(answer, Unknown)
    assert answer.reason == "It depends on the weather."


@pytest.mark.parametrize(
    ("operator", "values"),
    [
        ("NumericEquals", "many"),
        ("DateLessThan", "soon"),
        ("IpAddress", "here"),
        ("StringMatches", "a"),
        ("ArnLike", "arn:*"),
    ],
)
def test_a_condition_that_cannot_be_read_is_unknown(operator: str, values: str) -> None:
    test = read(operator, values)
    assert isinstance(holds(test, ("10",), test.values), Unknown)


def test_one_value_that_matches_settles_it_although_another_is_not_known() -> None:
    test = read("StringEquals", ["a", "b"])
    assert holds(test, ("a",), ["a", Unknown("?")]) is True
    assert isinstance(holds(test, ("c",), ["a", Unknown("?")]), Unknown)
    assert holds(read("StringNotEquals", ["a"]), ("a",), ["a", Unknown("?")]) is False
