"""Policy documents as statements: lists where AWS also accepts a single text, conditions as tests."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from inventory.iam.matching import WILD, concrete, covers, matches

ACCOUNT = re.compile(r"(?:^|:)(\d{12})(?::|$)")
VARIABLES_SINCE = "2012-10-17"
# Keys that name the caller, or where the call comes from. Anything else (a user agent, a date) leaves a grant open.
TYING = frozenset(
    {
        "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:sourceaccount",
        "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceip",
        "aws:vpcsourceip", "aws:userid", "aws:username", "kms:calleraccount", "kms:viaservice",
        "s3:dataaccesspointaccount", "lambda:functionurlauthtype", "sts:externalid", "accounts.google.com:aud",
        "cognito-identity.amazonaws.com:aud", "graph.facebook.com:app_id", "www.amazon.com:app_id",
    }
)  # fmt: skip
ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
# Of these keys, the ones whose values name accounts.
OF_ACCOUNTS = frozenset(
    {
        "aws:principalaccount", "aws:principalarn", "kms:calleraccount", "aws:sourceaccount", "aws:sourceowner",
        "aws:sourcearn", "s3:dataaccesspointaccount",
    }
)  # fmt: skip
CALLERS = frozenset({"aws:principalaccount", "kms:calleraccount"})
# A word that both sides agreed on.
AGREED = "sts:externalid"
# Who calls a function's address signed may be of any account.
SIGNED = ("lambda:functionurlauthtype", "AWS_IAM")
# Issuers of tokens for everybody who has an account there, and what in a token tells whose it is.
PUBLIC_ISSUERS = frozenset(
    {
        "token.actions.githubusercontent.com", "gitlab.com", "accounts.google.com", "app.terraform.io",
        "agent.buildkite.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com",
    }
)  # fmt: skip
CLAIMS = re.compile(
    r"[^:]+\.[^:]+:(sub|job_workflow_ref|(repository|repository_owner|project|namespace|enterprise)(_id|_path)?)"
)
# The word in front of a name, and then anything: every name is meant.
ANY_NAME = re.compile(r"([a-z_]+:|o-|vpce?-)?[*?].*", re.DOTALL)
# What S3 itself calls open: a network of more addresses than this.
SMALLEST_PREFIX = {4: 8, 6: 32}
BY_SERVICE = frozenset({"aws:principalisawsservice", "aws:viaawsservice"})
OF_NO_ACCOUNT = ORGANIZATION | BY_SERVICE


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of a condition. `operator` is bare: `ForAnyValue:` and `IfExists` are told apart from it."""

    operator: str
    key: str
    values: tuple[str, ...]
    every: bool = False
    some: bool = False
    if_exists: bool = False

    @property
    def ties(self) -> bool:
        """Whether only known callers meet it: without the key nobody does, and the values are not everybody's."""
        positive = "not" not in self.operator and self.operator != "null"
        return positive and not self.if_exists and not self.every and self._names_callers()

    @property
    def spares_only_known(self) -> bool:
        """Whether every stranger who calls directly meets it."""
        if self.key in BY_SERVICE:
            return self.operator == "bool" and self.values == ("false",)
        return "not" in self.operator and not self.some and self._names_callers()

    def _names_callers(self) -> bool:
        known = self.key in TYING or CLAIMS.fullmatch(self.key) is not None
        return known and not any(self._everybodys(value) for value in self.values)

    def _everybodys(self, value: str) -> bool:
        if (self.key, value) == SIGNED:
            return True
        if self.operator.endswith("ipaddress"):
            return _wide_network(value)
        if not (self.operator.endswith("like") or self.operator.startswith("arn")) or not WILD.search(value):
            return False
        return _wide_arn(value) if self.key.endswith("arn") else ANY_NAME.fullmatch(value) is not None


def _wide_network(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return network.prefixlen < SMALLEST_PREFIX[network.version]


def _wide_arn(pattern: str) -> bool:
    """Neither an account nor, where ARNs have none, the start of a name."""
    parts = pattern.split(":", 5)
    named = len(parts) == 6 and not parts[4] and not WILD.match(parts[5])
    return not named and ACCOUNT.search(pattern) is None


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
        return any(test.ties for test in self.tests)

    @property
    def for_everybody(self) -> bool:
        """Whether it is about everybody in the world, or everybody with an account at a public issuer."""
        return any(one == "*" or one.rpartition("oidc-provider/")[2] in PUBLIC_ISSUERS for one in self.principals)

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


def open_actions(policy: Any, asked: Sequence[str] = ()) -> list[str]:
    """What anybody in the world may do: allowed without a condition that names the callers, and not denied again.

    As the policy writes it, which may be a pattern; or those of the actions that are asked about.
    """
    read = list(statements(policy))
    denies = [one for one in read if not one.allow and _for_strangers(one)]
    found = {
        action
        for statement in read
        if statement.allow and statement.for_everybody and not statement.tied
        for action in _left(statement, denies, asked)
    }
    return sorted(found)


def outside_grants(
    policy: Any, account: str, organization: str = "", asked: Sequence[str] = ()
) -> list[dict[str, str]]:
    """What principals of other accounts may do, as {account, action}; `asked` as for `open_actions`.

    Where only a condition on an organization says who, its id stands for the accounts. `organization`: the own one.
    """
    read = list(statements(policy))
    denies = [one for one in read if not one.allow and _for_outsiders(one, organization)]
    found = {
        (outsider, action)
        for statement in read
        if statement.allow
        for outsider in outsiders_of(statement, organization) - {account}
        for action in _left(statement, denies, asked)
    }
    return [{"account": outsider, "action": action} for outsider, action in sorted(found)]


def outsiders_of(statement: Statement, organization: str) -> set[str]:
    """The accounts that a statement is for, by name or by what a condition says of the callers; or organizations.

    None where it is for the own organization only, or for who knows an agreed word.
    """
    ties = [test for test in statement.tests if test.ties]
    named = [_organizations(test) for test in ties if test.key in ORGANIZATION]
    if any(ids <= {organization} for ids in named) or any(test.key == AGREED for test in ties):
        return set()
    accounts = None if statement.for_everybody else accounts_of(statement.principals)
    for test in ties:
        theirs = accounts_of(test.values) if test.key in OF_ACCOUNTS else set()
        if theirs:
            accounts = theirs if accounts is None else accounts & theirs
    if accounts is None or (accounts and named and not organization):
        return set().union(*named) - {organization}
    return accounts


def callers(statement: Statement) -> set[str]:
    """Who meets its conditions, as far as those name accounts, principals or organizations."""
    ties = [test for test in statement.tests if test.ties]
    arns = {concrete(value) for test in ties if test.key == "aws:principalarn" for value in test.values}
    accounts = {value for test in ties if test.key in CALLERS for value in test.values if value.isdigit()}
    return arns | accounts | {id for test in ties if test.key in ORGANIZATION for id in _organizations(test)}


def _organizations(test: Clause) -> set[str]:
    return {value.partition("/")[0] for value in test.values}


def _for_outsiders(deny: Statement, organization: str) -> bool:
    """Whether a deny binds everybody who is not of the own organization."""
    ours = not organization or all(
        _organizations(test) <= {organization} for test in deny.tests if test.key in ORGANIZATION
    )
    return ours and _for_strangers(deny) and deny.conditions <= OF_NO_ACCOUNT


def _for_strangers(deny: Statement) -> bool:
    """Whether a deny binds every stranger."""
    everybody = "*" in deny.principals and "*" not in deny.not_principals
    return everybody and all(test.spares_only_known for test in deny.tests)


def _left(allow: Statement, denies: Sequence[Statement], asked: Sequence[str]) -> list[str]:
    """The actions that are not denied on everything they are allowed on."""
    allowed = [one for one in asked if allow.grants(one)] if asked else allow.actions or ("*",)
    return [
        action
        for action in allowed
        if not all(any(_takes(deny, action, on) for deny in denies) for on in allow.resources or ("*",))
    ]


def _takes(deny: Statement, action: str, resource: str) -> bool:
    """Whether a deny covers the whole of an allowed pattern. A resource's policy knows the actions of one service."""
    whole = action == "*" and any(one.endswith(":*") for one in deny.actions)
    covered = deny.grants(action) and not (deny.not_actions and WILD.search(action))
    everywhere = not deny.resources or any(matches(one, resource) for one in deny.resources)
    return (whole or covered) and everywhere and not deny.not_resources


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
