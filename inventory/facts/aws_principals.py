"""The account's principals with all their policies, worked out once for an estate."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, TypeVar

from inventory.documents import Unknown
from inventory.facts.aws_controls import ACCOUNT, ORGANIZATION_KINDS, controls_of, organization_of, organization_print
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first
from inventory.iam.actions import things
from inventory.iam.context import ANY_REGION, NO_TAGS, Request
from inventory.iam.masks import Tri, union
from inventory.iam.matching import PROBE
from inventory.iam.population import Population
from inventory.iam.reading import Holder, account_of, populate, read_holder

T = TypeVar("T")
Values = Mapping[str, tuple[str, ...]]
NOTHING: Values = MappingProxyType({})
PRINCIPALS = ("aws.iam.role", "aws.iam.user")
POLICIES = ("aws.iam.policy",)
# Whoever reads the account's principals looks at all of these.
IDENTITIES = (*PRINCIPALS, *POLICIES, *ORGANIZATION_KINDS)
# A change of a principal or policy matters to others only when this fact of it changes.
LENS = "permits"
TELLING = (
    "RolePolicyList", "UserPolicyList", "AttachedManagedPolicies", "PermissionsBoundary", "AssumeRolePolicyDocument",
    "Groups", "RoleId", "UserId", "PolicyVersionList", "Organization", "Policy", "Targets", "Paths", "State", "Status",
)  # fmt: skip
OWN_BY_AWS = ":role/aws-service-role/"
POWERS = {
    "the account's identities": ("iam:attachrolepolicy", "iam:putuserpolicy", "iam:createaccesskey"),
    "everything else": (
        "s3:deletebucket", "ec2:terminateinstances", "lambda:createfunction", "kms:schedulekeydeletion",
        "bedrock:deleteguardrail", "sagemaker:deleteendpoint",
    ),
}  # fmt: skip


@fact(LENS, kinds=IDENTITIES, title="Fingerprint of its permissions")
def permits(node: Node, estate: Estate) -> str:
    """Changes when the asset's part in permissions does."""
    told = [[part, node.config.get(part)] for part in TELLING]
    if node.kind == ACCOUNT:
        told = organization_print(estate)
    said = [told, sorted(node.tags.items()), [[part.part, part.message] for part in node.unread]]
    return blake2b(json.dumps(said, sort_keys=True, default=str).encode(), digest_size=8).hexdigest()


def population(estate: Estate) -> Population:
    """Roles and users, in the order of their names. Roles that belong to AWS's services are nobody's to use.

    Those that the last reading did not show again are as they were: `complete` and `touch` tell of that.
    """
    return estate.once("iam population", lambda: estate.doubt_of(lambda: _populated(estate))[0])


def _populated(estate: Estate) -> Population:
    return populate(_holders(estate), lambda crowd: controls_of(estate, crowd))


def complete(estate: Estate) -> Unknown | None:
    """Why the list of principals may be too short."""
    missing = next((kind for kind in PRINCIPALS if not estate.complete(kind)), None)
    return Unknown("The account's principals were not read completely.") if missing else policies_unread(estate)


def policies_unread(estate: Estate) -> Unknown | None:
    """Why principals may have other permissions than their managed policies say."""
    missing = next((kind for kind in POLICIES if not estate.complete(kind)), None)
    return Unknown("The account's managed policies were not read completely.") if missing else None


def _holders(estate: Estate) -> list[Holder]:
    nodes = [node for node in estate.all(*PRINCIPALS) if OWN_BY_AWS not in node.external_id]
    return sorted((_holder(node, estate) for node in nodes), key=lambda holder: (holder.who.name, holder.who.arn))


def _holder(node: Node, estate: Estate) -> Holder:
    organization = organization_of(estate)
    return read_holder(
        node.config, node.external_id, node.tags, lambda arn: managed_document(arn, estate), organization
    )


def managed_document(arn: str, estate: Estate) -> Any:
    """The default version of a managed policy; nothing when it was not read."""
    stored = estate.get("aws.iam.policy", arn)
    for version in stored.config.get("PolicyVersionList") or [] if stored else []:
        if version.get("IsDefaultVersion", True) and version.get("Document"):
            return version["Document"]
    return None


def standing(node: Node, estate: Estate, name: str, work_out: Callable[[Population], T]) -> tuple[T, int]:
    """What was worked out about everybody under this name, and the number of one principal in it."""
    touch(node, estate)
    if estate.get(node.kind, node.external_id) is node:
        everybody = population(estate)
        number = estate.once("iam numbers", lambda: numbers(everybody)).get(node.external_id)
        if number is not None:
            return estate.once(f"iam {name}", lambda: work_out(everybody)), number
    return work_out(populate([_holder(node, estate)], lambda crowd: controls_of(estate, crowd))), 0


def touch(node: Node, estate: Estate) -> None:
    """Notes it when a policy of the principal was not seen again."""
    groups = [group for group in node.config.get("Groups") or [] if isinstance(group, dict)]
    for holder in (node.config, *groups):
        for policy in holder.get("AttachedManagedPolicies") or []:
            estate.get("aws.iam.policy", policy.get("PolicyArn", ""))


def numbers(people: Population) -> dict[str, int]:
    """The number of every principal by its ARN."""
    return {who.arn: number for number, who in enumerate(people.crowd.principals)}


def told(found: Tri, number: int) -> bool | Unknown:
    """One principal's answer."""
    answer = found.of(number)
    return Unknown(" ".join(found.reasons_of(number)[:3])) if answer is None else answer


def surely(found: Mapping[str, Tri], number: int) -> list[str] | Unknown:
    """The names that surely apply to one principal; unknown when none does and some perhaps."""
    answers = {name: told(one, number) for name, one in found.items()}
    sure = [name for name, one in answers.items() if one is True]
    unsure = None if sure else first(answers.values())
    return sure if unsure is None else unsure


def account_in(node: Node, estate: Estate) -> str:
    """The account of a principal."""
    return estate.account or account_of(node.external_id)


def anywhere(action: str, account: str, **values: tuple[str, ...]) -> Request:
    """A request for a resource that no narrow policy can mean: whoever may do that, may do it everywhere."""
    settled = {key.replace("__", ":"): value for key, value in values.items()}
    service = action.partition(":")[0]
    resource = f"arn:aws:s3:::{PROBE}/{PROBE}" if service == "s3" else f"arn:aws:{service}:{PROBE}:{account}:{PROBE}"
    if service == "iam" or action == "sts:assumerole":
        resource = f"arn:aws:iam::{account}:role/{PROBE}"
    return Request(action=action.lower(), resource=resource, account=account, values=settled)


def everywhere(people: Population, action: str, account: str, values: Values = NOTHING) -> Tri:
    """Who may do it to every thing of a type, in a region of their choice; a tag is nothing that every thing has."""
    asked = Request(action=action.lower(), account=account, region=ANY_REGION, tags=NO_TAGS, values=values)
    return union(people.ask(replace(asked, resource=thing)) for thing in things(asked.action, account))


def administrators(people: Population, account: str) -> Tri:
    """Who may change every identity, or use everything else without limits."""
    sorts = [[people.ask(anywhere(action, account)) for action in actions] for actions in POWERS.values()]
    return union(_all(answers) for answers in sorts)


def _all(answers: Sequence[Tri]) -> Tri:
    found = answers[0]
    for one in answers[1:]:
        found = found & one
    return found


def administrators_of(estate: Estate) -> Tri:
    """The account's administrators."""
    return estate.once("iam administrators", lambda: administrators(population(estate), estate.account))


def named(node: Node) -> str:
    """How a principal is written in facts."""
    return f"{'role' if node.kind == 'aws.iam.role' else 'user'}/{node.external_id.rpartition('/')[2]}"
