"""Policy documents as statements: lists where AWS also accepts a single text, conditions as tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from inventory.iam.matching import covers

ACCOUNT = re.compile(r"(?:^|:)(\d{12})(?::|$)")
VARIABLES_SINCE = "2012-10-17"
# Conditions that tie a grant to known callers. Anything else (a user agent, a date) leaves it open.
TYING = frozenset(
    {
        "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:sourceaccount",
        "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceip",
        "aws:vpcsourceip", "aws:userid", "aws:username", "kms:calleraccount", "kms:viaservice",
        "s3:dataaccesspointaccount", "lambda:functionurlauthtype", "sts:externalid",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of a condition. `operator` is bare: `ForAnyValue:` and `IfExists` are told apart from it."""

    operator: str
    key: str
    values: tuple[str, ...]
    every: bool = False
    some: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `variables`: whether `${…}` means something in this document."""

    allow: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    not_principals: tuple[str, ...] = ()
    tests: tuple[Clause, ...] = ()
    variables: bool = False

    @property
    def conditions(self) -> frozenset[str]:
        """The keys it tests, in lower case."""
        return frozenset(test.key for test in self.tests)

    @property
    def tied(self) -> bool:
        """Whether a condition names the callers."""
        return bool(self.conditions & TYING)

    def grants(self, action: str) -> bool:
        """Whether the statement's actions cover this one (lower case, `service:action`)."""
        if self.not_actions:
            return not covers(self.not_actions, action)
        return covers(self.actions, action)


def statements(policy: Any) -> Iterator[Statement]:
    """Every statement of a policy document, also of one that is still text; something that is not one has none."""
    policy = _read(policy)
    if isinstance(policy, dict):
        variables = policy.get("Version") == VARIABLES_SINCE
        for raw in _many(policy.get("Statement")):
            if isinstance(raw, dict):
                yield _statement(raw, variables)


def _read(policy: Any) -> Any:
    try:
        return json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        return None


def _statement(raw: dict[str, Any], variables: bool) -> Statement:
    people, services = _principals(raw.get("Principal"))
    others, other_services = _principals(raw.get("NotPrincipal"))
    return Statement(
        allow=raw.get("Effect") == "Allow",
        actions=tuple(text.lower() for text in _texts(raw.get("Action"))),
        not_actions=tuple(text.lower() for text in _texts(raw.get("NotAction"))),
        resources=_texts(raw.get("Resource")),
        not_resources=_texts(raw.get("NotResource")),
        principals=("*",) if others or other_services else people,
        services=services,
        not_principals=(*others, *other_services),
        tests=tuple(_tests(raw.get("Condition"))),
        variables=variables,
    )


def _principals(principal: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if principal == "*":
        return ("*",), ()
    named = _dict(principal)
    people = [one for key in ("AWS", "Federated", "CanonicalUser") for one in _texts(named.get(key))]
    return tuple(people), _texts(named.get("Service"))


def _tests(condition: Any) -> Iterator[Clause]:
    for name, lines in _dict(condition).items():
        operator = str(name).lower()
        quantifier, colon, bare = operator.partition(":")
        operator = bare if colon else operator
        if_exists = operator.endswith("ifexists")
        for key, values in _dict(lines).items():
            yield Clause(
                operator=operator.removesuffix("ifexists"),
                key=str(key).lower(),
                values=tuple(_texts(values)),
                every=bool(colon) and quantifier == "forallvalues",
                some=bool(colon) and quantifier == "foranyvalue",
                if_exists=if_exists,
            )


def open_actions(policy: Any) -> list[str]:
    """What anybody in the world may do: allowed to `*` without a condition that names the callers."""
    found = {
        action
        for statement in statements(policy)
        if statement.allow and "*" in statement.principals and not statement.tied
        for action in statement.actions or ("*",)
    }
    return sorted(found)


def outside_grants(policy: Any, account: str) -> list[dict[str, str]]:
    """What principals of other accounts may do, as {account, action}."""
    found = {
        (outsider, action)
        for statement in statements(policy)
        if statement.allow and not (statement.conditions & {"aws:principalorgid", "aws:principalorgpaths"})
        for outsider in accounts_of(statement.principals)
        if outsider != account
        for action in statement.actions or ("*",)
    }
    return [{"account": outsider, "action": action} for outsider, action in sorted(found)]


def accounts_of(principals: Sequence[str]) -> set[str]:
    """The accounts that principals belong to, as far as their names say so."""
    return {match.group(1) for principal in principals if (match := ACCOUNT.search(principal))}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(one) for one in _many(value))


def _text(value: Any) -> str:
    """JSON's true is written `true` in a policy."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _many(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
