"""An evaluator of its own, as plain as AWS's documented order of evaluation: one principal, everything known.

It shares no code with the product: it reads raw documents and compares character by character.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Context = Mapping[str, list[str]]


@dataclass(frozen=True)
class Case:
    """One question with everything that matters to it. Context keys are as documents write them."""

    action: str
    resource: str
    principal: str
    context: Context
    identity: Sequence[Any] = ()
    boundary: Any = None
    session: Any = None
    resource_policy: Any = None
    resource_account: str = "111122223333"
    gated: bool = False
    services: Sequence[Sequence[Any]] = ()
    resources: Sequence[Any] = field(default_factory=tuple)
    rcp_applies: bool = True


def glob(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(glob(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and glob(pattern[1:], text[1:])


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def permitted(case: Case) -> bool:
    """The documented order: a deny anywhere, then organization, resource, boundary and identity policies."""
    if _denied(case):
        return False
    for level in case.services:
        if not any(_says(document, "Allow", case) for document in level):
            return False
    limited = all(_says(limit, "Allow", case) for limit in (case.boundary, case.session) if limit)
    identity = limited and any(_says(document, "Allow", case) for document in case.identity)
    named, delegated = _resource_allows(case)
    if case.principal.split(":")[4] != case.resource_account:
        return identity and (named or delegated)
    if named and (limited or ":user/" in case.principal):
        return True
    return identity and delegated if case.gated else identity


def _denied(case: Case) -> bool:
    documents = [*case.identity, *(limit for limit in (case.boundary, case.session) if limit)]
    documents += [document for level in case.services for document in level]
    documents += list(case.resources) if case.rcp_applies else []
    return any(_says(document, "Deny", case) for document in documents) or _resource_denies(case)


def _says(document: Any, effect: str, case: Case) -> bool:
    return any(s["Effect"] == effect and _applies(s, document, case) for s in many(document["Statement"]))


def _applies(statement: Any, document: Any, case: Case) -> bool:
    variables = document.get("Version") == "2012-10-17"
    actions = many(statement.get("Action", statement.get("NotAction")))
    if any(glob(one.lower(), case.action.lower()) for one in actions) is ("NotAction" in statement):
        return False
    resources = many(statement.get("Resource", statement.get("NotResource")))
    if any(_names(one, variables, case) for one in resources) is ("NotResource" in statement):
        return False
    return all(
        _condition(operator, key, many(values), variables, case.context)
        for operator, lines in statement.get("Condition", {}).items()
        for key, values in lines.items()
    )


def _names(pattern: str, variables: bool, case: Case) -> bool:
    text = _fill(pattern, case.context) if variables else pattern
    return text is not None and glob(text, case.resource)


def _fill(text: str, context: Context) -> str | None:
    while "${" in text:
        before, _, rest = text.partition("${")
        name, _, after = rest.partition("}")
        values = _given(name, context)
        if not values:
            return None
        text = before + values[0] + after
    return text


def _given(key: str, context: Context) -> list[str]:
    return next((values for name, values in context.items() if name.lower() == key.lower()), [])


def _condition(operator: str, key: str, values: list[Any], variables: bool, context: Context) -> bool:
    quantifier, _colon, operator = operator.rpartition(":")
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    given = _given(key, context)
    wanted = [_text(value) for value in values]
    if variables:
        wanted = [filled for filled in (_fill(value, context) for value in wanted) if filled is not None]
    if operator == "Null":
        return (wanted[0] == "true") is (not given)
    negated = "Not" in operator
    if not given:
        if quantifier == "ForAnyValue":
            return False
        return if_exists or negated or quantifier == "ForAllValues"
    outcomes = [any(_same(operator.replace("Not", ""), one, other) for other in wanted) is not negated for one in given]
    if quantifier == "ForAllValues":
        return all(outcomes)
    if quantifier == "ForAnyValue":
        return any(outcomes)
    return all(outcomes) if negated else any(outcomes)


def _text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _same(operator: str, given: str, wanted: str) -> bool:
    if operator.startswith("Numeric"):
        return _ordered(operator.removeprefix("Numeric"), float(given), float(wanted))
    if operator.startswith("Date"):
        one, other = (datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() for text in (given, wanted))
        return _ordered(operator.removeprefix("Date"), one, other)
    if operator in ("ArnLike", "ArnEquals"):
        sections = list(zip(given.split(":", 5), wanted.split(":", 5), strict=False))
        return len(sections) == 6 and all(glob(other, one) for one, other in sections)
    if operator == "IpAddress":
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    if operator in ("StringEqualsIgnoreCase", "Bool"):
        return given.lower() == wanted.lower()
    return glob(wanted, given) if operator == "StringLike" else given == wanted


def _ordered(how: str, one: float, other: float) -> bool:
    return {
        "Equals": one == other,
        "LessThan": one < other,
        "LessThanEquals": one <= other,
        "GreaterThan": one > other,
        "GreaterThanEquals": one >= other,
    }[how]


def _resource_allows(case: Case) -> tuple[bool, bool]:
    """(names the principal or everybody, names its account)."""
    named = delegated = False
    for statement in many((case.resource_policy or {"Statement": []})["Statement"]):
        if statement["Effect"] == "Allow" and _applies(statement, case.resource_policy, case):
            who = _who(statement)
            named = named or "*" in who or case.principal in who
            delegated = delegated or bool(_account_names(case.principal) & who)
    return named, delegated


def _resource_denies(case: Case) -> bool:
    for statement in many((case.resource_policy or {"Statement": []})["Statement"]):
        if statement["Effect"] == "Deny" and _applies(statement, case.resource_policy, case):
            who = _who(statement)
            mine = {"*", case.principal} | _account_names(case.principal)
            if "NotPrincipal" in statement and not ({case.principal} & who and _account_names(case.principal) & who):
                return True
            if "Principal" in statement and mine & who:
                return True
    return False


def _account_names(principal: str) -> set[str]:
    account = principal.split(":")[4]
    return {account, f"arn:aws:iam::{account}:root"}


def _who(statement: Any) -> set[str]:
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    return {"*"} if principal == "*" else set(many(principal["AWS"]))
