"""Who can do what to an AI asset: every principal's policies, the asset's own, and those of the organization."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_controls import controls_of, organization_of
from inventory.facts.aws_policies import BUCKET, NOT_ASKED, SECRET, listed, lists_count, secret_policy
from inventory.facts.aws_principals import IDENTITIES, LENS, administrators_of, complete, population
from inventory.facts.aws_targets import Target, by_token, restricted, targets, unseen
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.iam.context import Request
from inventory.iam.language import Statement, accounts_of, callers
from inventory.iam.masks import Tri, bits, union
from inventory.iam.population import Population
from inventory.iam.questions import QUESTIONS, Question, Verb
from inventory.iam.reading import STRANGER, outsiders
from inventory.iam.targets import ask_through, ask_under

ASKED = tuple(QUESTIONS)
# Assets of these kinds are asked about only when they belong to AI.
IF_AI = frozenset({BUCKET, "aws.ecr.repository", "aws.lambda.function", "aws.logs.log_group"})
LOOKS_AT = (*IDENTITIES, "aws.s3.account")
LINKED = (BUCKET, "aws.kms.key", "aws.sagemaker.model_package")
MOST_NAMES = 100
NO_ORGANIZATION = "Policies of the organization were not read: they could only forbid some of this."
NO_SESSIONS = "Policies of VPC endpoints and of single sessions are not counted: they could only forbid some of this."
NO_POLICY_OF_ITS_OWN = "The secret's own policy was not read: it could let others in, or forbid some of this."
NO_GRANTS = "Grants on the key were not read: they could let others use it."
NO_OBJECT_LISTS = "Access lists of single objects were not read: they could let others read or change those."
MOST_REASONS = 3


def concerns_ai(node: Node) -> bool:
    """Whether the asset is AI or serves AI; of roles and keys everyone is asked about."""
    return node.kind not in IF_AI or node.ai_role != ""


@fact("who_can", kinds=ASKED, looks_at=LOOKS_AT, linked=LINKED, through=LENS, title="Who can do what to it")
def who_can(node: Node, estate: Estate) -> dict[str, Any] | Unknown:
    """{answers: {verb: {count, administrators, names, unsure, …}}, assumes}: names leave out administrators.

    Unknown as a whole when anything that one of the answers rests on was not read.
    """
    if not concerns_ai(node):
        doubt = estate.role_doubt(node)
        return {} if doubt is None else doubt
    missing = complete(estate)
    if missing is not None:
        return missing
    found = {}
    for question in QUESTIONS[node.kind]:
        answer = holders(node, question, estate)
        if isinstance(answer, Unknown):
            return answer
        if not (question.verb is Verb.INVOKE and by_token(node)):
            found[question.verb.value] = _shown(answer, node, question, estate)
    return {"answers": found, "assumes": _assumes(node, estate)}


def _assumes(node: Node, estate: Estate) -> list[str]:
    doubts = {
        NO_ORGANIZATION: not population(estate).controls.known,
        NO_SESSIONS: True,
        NO_GRANTS: node.kind == "aws.kms.key",
        NO_OBJECT_LISTS: node.kind == BUCKET and lists_count(node),
        NO_POLICY_OF_ITS_OWN: node.kind == SECRET and secret_policy(node) is NOT_ASKED,
    }
    return [sentence for sentence, holds in doubts.items() if holds]


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


def holders(node: Node, question: Question, estate: Estate, bucket: str = "") -> Tri | Unknown:
    """Which of the account's principals can do it; unknown when what decides it at the asset was not read.

    `bucket`: only by way of that one of the buckets that the asset names.
    """
    key = f"{question.verb} {node.external_id} {bucket}"
    return estate.once(key, lambda: _holders(node, question, estate, bucket))


def _holders(node: Node, question: Question, estate: Estate, bucket: str) -> Tri | Unknown:
    missing = unseen(node, question, estate)
    asked = targets(node, question, estate) if missing is None else missing
    if isinstance(asked, Unknown):
        return asked
    people = population(estate)
    there = [one for one in asked if not bucket or (one.bucket is not None and one.bucket.external_id == bucket)]
    found = union(_ask(people, target, question) for target in there)
    if question.verb is not Verb.USE:
        return found
    return union([found, *(ask_through(people, _request(target, "kms:decrypt"), target.policy) for target in there)])


def _ask(people: Population, target: Target, question: Question) -> Tri:
    found = union(_one(people, target, action, question.gated) for action in question.actions)
    if target.key is not None and (found.yes or found.maybe):
        found = found & _one(people, target.key, "kms:decrypt", True)
    return found


def _one(people: Population, target: Target, action: str, gated: bool) -> Tri:
    request = _request(target, action)
    if target.below:
        return ask_under(people, request, target.policy, gated=gated)
    return people.ask(request, target.policy, gated=gated)


def _request(target: Target, action: str) -> Request:
    return Request(
        action=action,
        resource=target.resource,
        account=target.account,
        region=target.region,
        organization=target.organization,
        tags=target.tags,
        values=target.values or {},
    )


def outside_holders(node: Node, question: Question, estate: Estate) -> tuple[list[str], list[str]]:
    """Other accounts, or `anybody`, that the asset's own policy lets do it: surely, and perhaps."""
    asked = targets(node, question, estate)
    sure: set[str] = set()
    perhaps: set[str] = set()
    for target in () if isinstance(asked, Unknown) else asked:
        if isinstance(target.policy, Unknown):
            perhaps.add(STRANGER.name)
            continue
        sure |= _by_list(target.bucket, question, estate)
        shut = restricted(target.bucket, estate) if target.bucket is not None else False
        named = _outside_names(target.policy or (), estate)
        if shut is True or not named:
            continue
        people = _strangers(named, estate)
        found = _ask(people, replace(target, key=None), question)
        (sure if shut is False else perhaps).update(_accounts(found.yes, people))
        perhaps |= _accounts(found.maybe, people)
    if STRANGER.name in sure:
        return [STRANGER.name], []
    return sorted(sure), sorted(perhaps - sure)


def _by_list(bucket: Node | None, question: Question, estate: Estate) -> set[str]:
    """Whom the bucket's access list lets do it."""
    grants = listed(bucket, estate) if bucket is not None else []
    return {
        STRANGER.name if grant["account"] == "*" else grant["account"]
        for grant in (() if isinstance(grants, Unknown) else grants)
        if grant["action"] in question.actions
    }


def _outside_names(policy: Sequence[Statement], estate: Estate) -> set[str]:
    """The principals outside that statements allow something, by name or by condition; `*` is everybody."""
    allowing = [statement for statement in policy if statement.allow]
    named = {name for statement in allowing for name in (*statement.principals, *callers(statement))}
    own = organization_of(estate)
    return {name for name in named if name == "*" or _outside(name) - {estate.account, own}}


def _outside(name: str) -> set[str]:
    return {name} if name.startswith("o-") else accounts_of([name])


def _strangers(named: set[str], estate: Estate) -> Population:
    def build() -> Population:
        return outsiders(named - {"*"}, lambda crowd: controls_of(estate, crowd).resources)

    return estate.once(f"iam outsiders {sorted(named)}", build)


def _accounts(mask: int, people: Population) -> set[str]:
    found = (people.crowd.principals[bit] for bit in bits(mask))
    return {who.name if who is STRANGER else who.account for who in found}
