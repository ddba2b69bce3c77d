"""Who can give itself every right, without being an administrator: by policies of a role, or over an administrator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from inventory.facts.aws_controls import controls_of, organization_of
from inventory.facts.aws_principals import administrators, administrators_of, managed_document, population
from inventory.facts.estate import Estate, Node
from inventory.iam.context import ABSENT, Request
from inventory.iam.masks import Tri, bits, perhaps
from inventory.iam.reading import populate, read_holder
from inventory.iam.targets import ask_under

OWN = "can give itself every right in"
OVER = "can become an administrator of"
OTHER = "can give every right to a role that it can become in"
EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"
# What makes somebody into an administrator of this sort.
BECOME = {"role": ("iam:UpdateAssumeRolePolicy",), "user": ("iam:CreateAccessKey", "iam:UpdateLoginProfile")}
# (who can, the action, on what, how)
Way = tuple[Tri, str, str, str]


def rewriting(role: Node, others: Iterable[tuple[Node, Tri]], estate: Estate) -> Iterator[Way]:
    """Each way that would give this role control. `others`: the roles that it can become, with who can."""
    yield from ((who, action, ref, OWN) for who, action, ref in widening(role, estate))
    for other, become in others:
        yield from ((become & who, action, ref, OTHER) for who, action, ref in widening(other, estate))
    for sort, actions in BECOME.items():
        for action in actions:
            yield from ((who, action, ref, OVER) for who, ref in over_administrators(estate, sort, action))


def widening(role: Node, estate: Estate) -> Sequence[tuple[Tri, str, str]]:
    """(who can, the action, on what) of each way to give a role every right.

    A boundary stays whatever the role's policies say, so they win nothing for a role that has one.
    """
    if role.config.get("PermissionsBoundary"):
        return ()
    return estate.once(f"widening {role.external_id}", lambda: list(_widening(role, estate)))


def _widening(role: Node, estate: Estate) -> Iterator[tuple[Tri, str, str]]:
    values = {"iam:permissionsboundary": ABSENT, "iam:policyarn": (EVERYTHING,)}
    for action, given in (("iam:PutRolePolicy", ("iam:permissionsboundary",)), ("iam:AttachRolePolicy", tuple(values))):
        yield _who(estate, action, role.external_id, {key: values[key] for key in given}), action, role.external_id
    for policy in role.config.get("AttachedManagedPolicies") or []:
        arn = str(policy.get("PolicyArn") or "")
        if f"::{estate.account}:" in arn:
            yield _who(estate, "iam:CreatePolicyVersion", arn), "iam:CreatePolicyVersion", arn
            yield _putting_back(role, arn, estate), "iam:SetDefaultPolicyVersion", arn


def _putting_back(role: Node, arn: str, estate: Estate) -> Tri:
    """Who can put a version of one of the role's policies in force that makes the role an administrator."""
    found = _who(estate, "iam:SetDefaultPolicyVersion", arn)
    stored = estate.get("aws.iam.policy", arn)
    versions = stored.config.get("PolicyVersionList") or [] if stored else []
    answers = [_with_version(role, arn, one, estate) for one in versions if not one.get("IsDefaultVersion", True)]
    if True in answers:
        return found
    return perhaps(found.yes | found.maybe if None in answers else 0, "What an older version allows is not decided.")


def _with_version(role: Node, arn: str, version: Mapping[str, Any], estate: Estate) -> bool | None:
    """Whether the role would be an administrator with this version in force."""
    document = version.get("Document")
    if not document:
        return None
    holder = read_holder(
        role.config,
        role.external_id,
        role.tags,
        lambda one: document if one == arn else managed_document(one, estate),
        organization_of(estate),
    )
    alone = populate([holder], lambda crowd: controls_of(estate, crowd))
    return administrators(alone, estate.account).of(0)


def over_administrators(estate: Estate, sort: str, action: str) -> Sequence[tuple[Tri, str]]:
    """(who can do it, to whom) for each administrator; perhaps, when that one only may be an administrator."""
    return estate.once(f"{action} over administrators", lambda: list(_over(estate, sort, action)))


def _over(estate: Estate, sort: str, action: str) -> Iterator[tuple[Tri, str]]:
    above, principals = administrators_of(estate), population(estate).crowd.principals
    for bit in bits(above.yes | above.maybe):
        if principals[bit].sort == sort:
            found = _who(estate, action, principals[bit].arn)
            sure = above.of(bit) is True
            doubt = perhaps(found.yes | found.maybe, "Whether it is an administrator is not decided.")
            yield found if sure else doubt, principals[bit].arn


def retrusting(role: Node, estate: Estate) -> Tri:
    """Who can rewrite the trust policy of a role, and with it become the role; administrators need not."""
    some = estate.once("iam retrusting", lambda: _retrusting(estate))
    possible = some.yes | some.maybe
    return _who(estate, "iam:UpdateAssumeRolePolicy", role.external_id).within(possible) if possible else some


def _retrusting(estate: Estate) -> Tri:
    """Who can do it to at least one role: mostly nobody, and then no role has to be asked about."""
    people = population(estate)
    request = Request(
        action="iam:updateassumerolepolicy", resource=f"arn:aws:iam::{estate.account}:role/", account=estate.account
    )
    return ask_under(people, request, None).within(~administrators_of(estate).yes)


def _who(estate: Estate, action: str, resource: str, values: Mapping[str, tuple[str, ...]] | None = None) -> Tri:
    request = Request(action=action.lower(), resource=resource, account=estate.account, values=values or {})
    return population(estate).ask(request)
