"""Condition operators. Every test answers yes, no, or why it cannot be told."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

from inventory.documents import Unknown
from inventory.iam.language import Clause
from inventory.iam.matching import arn_matches, matches, plain

# What a request carries under a key: several texts where AWS allows it, none when the key is absent.
Value = tuple[str, ...] | Unknown
Answer = bool | Unknown
Compare = Callable[[str, str], bool]


def _number(one: str) -> float:
    return float(one)


@lru_cache(maxsize=4096)
def _moment(one: str) -> float:
    """Seconds since 1970 of either spelling that AWS takes."""
    if one.lstrip("-").isdigit():
        return float(one)
    read = datetime.fromisoformat(one.replace("Z", "+00:00"))
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _in_network(given: str, wanted: str) -> bool:
    network, address = ipaddress.ip_network(wanted, strict=False), ipaddress.ip_address(given)
    return network.version == address.version and address in network


def _arn(given: str, wanted: str) -> bool:
    if wanted != "*" and wanted.count(":") < 5:
        raise ValueError(f"{wanted} is no ARN")
    return arn_matches(wanted, given)


def _like(given: str, wanted: str) -> bool:
    return matches(wanted, given)


def _same(given: str, wanted: str) -> bool:
    return given == plain(wanted)


def _same_in_any_case(given: str, wanted: str) -> bool:
    return given.lower() == plain(wanted).lower()


# The given value first, then the policy's.
COMPARE = MappingProxyType[str, Compare](
    {
        "stringequals": _same,
        "stringequalsignorecase": _same_in_any_case,
        "stringlike": _like,
        "arnequals": _arn,
        "arnlike": _arn,
        "numericequals": lambda given, wanted: _number(given) == _number(wanted),
        "numericlessthan": lambda given, wanted: _number(given) < _number(wanted),
        "numericlessthanequals": lambda given, wanted: _number(given) <= _number(wanted),
        "numericgreaterthan": lambda given, wanted: _number(given) > _number(wanted),
        "numericgreaterthanequals": lambda given, wanted: _number(given) >= _number(wanted),
        "dateequals": lambda given, wanted: _moment(given) == _moment(wanted),
        "datelessthan": lambda given, wanted: _moment(given) < _moment(wanted),
        "datelessthanequals": lambda given, wanted: _moment(given) <= _moment(wanted),
        "dategreaterthan": lambda given, wanted: _moment(given) > _moment(wanted),
        "dategreaterthanequals": lambda given, wanted: _moment(given) >= _moment(wanted),
        "bool": _same_in_any_case,
        "binaryequals": _same,
        "ipaddress": _in_network,
    }
)
NEGATED = MappingProxyType(
    {
        "stringnotequals": "stringequals",
        "stringnotequalsignorecase": "stringequalsignorecase",
        "stringnotlike": "stringlike",
        "arnnotequals": "arnequals",
        "arnnotlike": "arnlike",
        "numericnotequals": "numericequals",
        "datenotequals": "dateequals",
        "notipaddress": "ipaddress",
    }
)
OPERATORS = frozenset({*COMPARE, *NEGATED, "null"})


def holds(test: Clause, given: Value, wanted: Sequence[str | Unknown]) -> Answer:
    """Whether a test holds. `wanted` are its values with the variables filled in."""
    if test.operator not in OPERATORS:
        return Unknown(f"The condition operator {test.operator} is not known.")
    if isinstance(given, Unknown):
        return given
    if test.operator == "null":
        return _is_null(given, wanted)
    if not given:
        return _of_nothing(test)
    try:
        return _compare(test, given, wanted)
    except ValueError as error:
        return Unknown(f"A value of the condition on {test.key} cannot be read ({error}).")


def _is_null(given: Sequence[str], wanted: Sequence[str | Unknown]) -> Answer:
    asked = wanted[0] if wanted else "true"
    if isinstance(asked, Unknown):
        return asked
    return (not given) == (asked.lower() == "true")


def _of_nothing(test: Clause) -> bool:
    """The key is absent: only a negated test, one for all values, and one `IfExists` hold."""
    if test.some:
        return False
    return test.every or test.if_exists or test.operator in NEGATED


def _compare(test: Clause, given: Sequence[str], wanted: Sequence[str | Unknown]) -> Answer:
    negated = test.operator in NEGATED
    compare = COMPARE[NEGATED.get(test.operator, test.operator)]
    answers = [_among(one, wanted, compare, negated) for one in given]
    if test.every:
        return _all(answers)
    return _any(answers) if test.some or not negated else _all(answers)


def _among(given: str, wanted: Sequence[str | Unknown], compare: Compare, negated: bool) -> Answer:
    found = _any([one if isinstance(one, Unknown) else compare(given, one) for one in wanted])
    return found if isinstance(found, Unknown) else found is not negated


def _any(answers: Sequence[Answer]) -> Answer:
    if any(answer is True for answer in answers):
        return True
    return next((answer for answer in answers if isinstance(answer, Unknown)), False)


def _all(answers: Sequence[Answer]) -> Answer:
    if any(answer is False for answer in answers):
        return False
    return next((answer for answer in answers if isinstance(answer, Unknown)), True)


def both(answers: Sequence[Answer]) -> Answer:
    """Whether all hold: one sure no settles it, whatever else cannot be told."""
    return _all(answers)
