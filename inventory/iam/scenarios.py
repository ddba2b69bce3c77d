"""What a caller may choose: the few values of a request parameter that make a difference to the policies at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inventory.iam.context import ABSENT
from inventory.iam.language import Clause
from inventory.iam.matching import PROBE, WILD, concrete

Values = tuple[str, ...]


def candidates(tests: Iterable[tuple[Clause, bool]]) -> tuple[dict[str, list[Values]], bool]:
    """For every key the values to try, and whether no other could lead to another answer."""
    by_key: dict[str, list[tuple[Clause, bool]]] = {}
    for test, variables in tests:
        known = by_key.setdefault(test.key, [])
        if (test, variables) not in known:
            known.append((test, variables))
    found: dict[str, list[Values]] = {}
    whole = True
    for key, asked in by_key.items():
        if any(variables and "${" in value for test, variables in asked for value in test.values):
            whole = False
            continue
        found[key] = _values([test for test, _variables in asked])
        whole = whole and _decided([test for test, _variables in asked])
    return found, whole


def _decided(tests: Sequence[Clause]) -> bool:
    """One value for each pattern settles it, unless several patterns overlap."""
    wild = [test for test in tests if any(WILD.search(value) for value in test.values)]
    return not wild or (len(tests) == 1 and len(tests[0].values) == 1)


def _values(tests: Sequence[Clause]) -> list[Values]:
    single = [value for test in tests for value in _of(test)]
    found = [ABSENT, *((value,) for value in dict.fromkeys(single))]
    if any(test.every or test.some for test in tests):
        found.append(tuple(dict.fromkeys(value for test in tests for value in test.values if not WILD.search(value))))
    return list(dict.fromkeys(found))


def _of(test: Clause) -> list[str]:
    if test.operator == "bool":
        return ["true", "false"]
    if test.operator.startswith("numeric"):
        return [near for value in test.values for near in _numbers(value)]
    if test.operator == "null":
        return [PROBE]
    return [*(concrete(value) for value in test.values), PROBE]


def _numbers(value: str) -> list[str]:
    try:
        number = float(value)
    except ValueError:
        return []
    return [value, repr(number - 1), repr(number + 1)]
