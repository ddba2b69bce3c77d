"""The policy language of AWS, as far as facts need it: who is allowed what, and under which condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

ACCOUNT = re.compile(r"(?:^|:)(\d{12})(?::|$)")
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
class Statement:
    """One statement, with lists where AWS also accepts a single text."""

    allow: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    services: tuple[str, ...]
    conditions: frozenset[str]

    @property
    def tied(self) -> bool:
        """Whether a condition names the callers."""
        return bool(self.conditions & TYING)

    @property
    def everywhere(self) -> bool:
        return "*" in self.resources or bool(self.not_actions and not self.resources)

    def grants(self, action: str) -> bool:
        """Whether the statement's actions cover this one (lower case, `service:action`)."""
        if self.not_actions:
            return not _covered(action, self.not_actions)
        return _covered(action, self.actions)


def _covered(action: str, patterns: Sequence[str]) -> bool:
    """Managed policies name thousands of actions in full: only those with wildcards are worth matching."""
    return action in patterns or any(fnmatchcase(action, p) for p in patterns if "*" in p or "?" in p or "[" in p)


def statements(policy: Any) -> Iterator[Statement]:
    """Every statement of a policy document; something that is not one has none."""
    listed = policy.get("Statement") if isinstance(policy, dict) else None
    for raw in _many(listed):
        if isinstance(raw, dict):
            yield _statement(raw)


def _statement(raw: dict[str, Any]) -> Statement:
    principal = raw.get("Principal")
    people, services = _principals({"AWS": "*"} if raw.get("NotPrincipal") else principal)
    conditions = {key.lower() for test in _dict(raw.get("Condition")).values() for key in _dict(test)}
    return Statement(
        allow=raw.get("Effect") == "Allow",
        actions=tuple(str(action).lower() for action in _many(raw.get("Action"))),
        not_actions=tuple(str(action).lower() for action in _many(raw.get("NotAction"))),
        resources=tuple(str(resource) for resource in _many(raw.get("Resource"))),
        principals=people,
        services=services,
        conditions=frozenset(conditions),
    )


def _principals(principal: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if principal == "*":
        return ("*",), ()
    named = _dict(principal)
    people = [str(one) for key in ("AWS", "Federated", "CanonicalUser") for one in _many(named.get(key))]
    return tuple(people), tuple(str(one) for one in _many(named.get("Service")))


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
    return {match.group(1) for principal in principals if (match := ACCOUNT.search(principal))}


def _many(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
