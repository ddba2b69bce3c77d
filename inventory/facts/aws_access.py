"""Who can do what to an AI asset: every principal's policies, the asset's own, and those of the organization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_policies import blocks
from inventory.facts.aws_principals import IDENTITIES, administrators_of, complete, population
from inventory.facts.aws_relations import REFERRING, ai_users
from inventory.facts.aws_targets import Target, policy_of, targets
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.iam.context import Request
from inventory.iam.language import Statement, accounts_of
from inventory.iam.masks import Tri, bits, union
from inventory.iam.population import Population
from inventory.iam.questions import POLICY_FIELDS, QUESTIONS, Question
from inventory.iam.reading import STRANGER, outsiders
from inventory.iam.targets import ask_under

ASKED = tuple(QUESTIONS)
# Assets of these kinds are asked about only when they belong to AI.
IF_AI = frozenset(
    {
        "aws.s3.bucket", "aws.ecr.repository", "aws.lambda.function", "aws.kms.key", "aws.secretsmanager.secret",
        "aws.iam.role", "aws.logs.log_group",
    }
)  # fmt: skip
WITH_POLICY = tuple(POLICY_FIELDS)
LOOKS_AT = (*IDENTITIES, *WITH_POLICY, "aws.s3.account", *REFERRING)
MOST_NAMES = 10
MOST_REASONS = 3


def concerns_ai(node: Node, estate: Estate) -> bool:
    """Whether the asset is AI, or serves assets that are."""
    return node.kind not in IF_AI or node.ai_role not in ("", "identity") or bool(ai_users(node, estate))


@fact("who_can", kinds=ASKED, looks_at=LOOKS_AT, title="Who can do what to it")
def who_can(node: Node, estate: Estate) -> dict[str, Any] | Unknown:
    """{verb: {count, administrators, names, unsure, …}}: names without administrators; `anybody` may be outside."""
    if not concerns_ai(node, estate):
        return {}
    missing = complete(estate)
    if missing is not None:
        return missing
    found = {}
    for question in QUESTIONS[node.kind]:
        answer = holders(node, question, estate)
        if not isinstance(answer, Unknown):
            found[question.verb.value] = _shown(answer, node, question, estate)
    return found


def _shown(found: Tri, node: Node, question: Question, estate: Estate) -> dict[str, Any]:
    people, above = population(estate), administrators_of(estate).yes
    outside, perhaps = outside_holders(node, question, estate)
    return {
        "count": found.yes.bit_count(),
        "administrators": (found.yes & above).bit_count(),
        "names": names(people, found.yes & ~above),
        "unsure": found.maybe.bit_count(),
        "unsure_names": names(people, found.maybe),
        "because": found.reasons()[:MOST_REASONS],
        "outside": outside[:MOST_NAMES],
        "outside_unsure": perhaps[:MOST_NAMES],
    }


def names(people: Population, mask: int) -> list[str]:
    """The first names of a set; principals are in the order of their names."""
    found: list[str] = []
    for bit in bits(mask):
        if len(found) == MOST_NAMES:
            break
        found.append(people.crowd.principals[bit].name)
    return found


def holders(node: Node, question: Question, estate: Estate) -> Tri | Unknown:
    """Which of the account's principals can do it."""
    return estate.once(f"{question.verb} {node.external_id}", lambda: _holders(node, question, estate))


def _holders(node: Node, question: Question, estate: Estate) -> Tri | Unknown:
    asked = targets(node, question, estate)
    if isinstance(asked, Unknown):
        return asked
    people = population(estate)
    return union(_ask(people, target, question) for target in asked)


def _ask(people: Population, target: Target, question: Question) -> Tri:
    found = union(_one(people, target, action, question.gated) for action in question.actions)
    if target.key is not None and (found.yes or found.maybe):
        found = found & _one(people, target.key, "kms:decrypt", True)
    return found


def _one(people: Population, target: Target, action: str, gated: bool) -> Tri:
    request = Request(
        action=action,
        resource=target.resource,
        account=target.account,
        region=target.region,
        tags=target.tags,
        values=target.values or {},
    )
    if target.below:
        return ask_under(people, request, target.policy, gated=gated)
    return people.ask(request, target.policy, gated=gated)


def outside_holders(node: Node, question: Question, estate: Estate) -> tuple[list[str], list[str]]:
    """Other accounts, and `anybody`, that the asset's own policy lets do it: surely, and perhaps."""
    asked = targets(node, question, estate)
    sure: set[str] = set()
    perhaps: set[str] = set()
    for target in () if isinstance(asked, Unknown) else asked:
        if not isinstance(target.policy, Unknown) and _lets_out(target.policy or (), estate):
            found = _outside(target, question, estate)
            sure |= set(_accounts(found.yes, target, estate))
            perhaps |= set(_accounts(found.maybe, target, estate))
    return sorted(sure), sorted(perhaps - sure)


def _lets_out(policy: Sequence[Statement], estate: Estate) -> bool:
    named = [name for statement in policy if statement.allow for name in statement.principals]
    return "*" in named or bool(accounts_of(named) - {estate.account})


def _outside(target: Target, question: Question, estate: Estate) -> Tri:
    people = estate.once("iam outsiders", lambda: outsiders(_outside_names(estate)))
    return _ask(people, replace(target, key=None), question)


def _accounts(mask: int, target: Target, estate: Estate) -> Iterator[str]:
    """The accounts of these outsiders. A bucket's block of public access keeps out who is not named."""
    people = estate.once("iam outsiders", lambda: outsiders(_outside_names(estate)))
    for bit in bits(mask):
        who = people.crowd.principals[bit]
        if who is not STRANGER:
            yield who.account
        elif target.bucket is None or blocks(target.bucket, estate, "RestrictPublicBuckets") is False:
            yield who.name


def _outside_names(estate: Estate) -> set[str]:
    """Every principal of another account that a policy in the estate names."""
    found: set[str] = set()
    for node in estate.all(*WITH_POLICY):
        policy = policy_of(node, estate)
        if policy is None or isinstance(policy, Unknown):
            continue
        named = [name for statement in policy for name in statement.principals]
        found |= {name for name in named if accounts_of([name]) - {estate.account}}
    return found
