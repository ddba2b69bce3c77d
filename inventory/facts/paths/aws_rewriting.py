"""Who can give itself every right, without being an administrator: by its own policies, or over one who is."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.facts.aws_principals import administrators_of, population
from inventory.facts.estate import Estate, Node
from inventory.iam.context import ABSENT, Request
from inventory.iam.masks import Tri, bits, perhaps, union

OWN = "can give itself every right in"
OVER = "can become an administrator of"
EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"
# What makes somebody into an administrator of this sort.
BECOME = {"role": ("iam:UpdateAssumeRolePolicy",), "user": ("iam:CreateAccessKey", "iam:UpdateLoginProfile")}
Way = tuple[Tri, str, str, str]


def rewriting(role: Node, estate: Estate) -> Iterator[Way]:
    """(who can, the action, on what, how) of each way that would give this role control.

    A boundary stays whatever the role's policies say, so they win nothing for a role that has one.
    """
    if not role.config.get("PermissionsBoundary"):
        yield from _own(role, estate)
    for sort, actions in BECOME.items():
        for action in actions:
            yield over_administrators(estate, sort, action), action, f"arn:aws:iam::{estate.account}:{sort}/", OVER


def _own(role: Node, estate: Estate) -> Iterator[Way]:
    values = {"iam:permissionsboundary": ABSENT, "iam:policyarn": (EVERYTHING,)}
    for action, given in (("iam:PutRolePolicy", ("iam:permissionsboundary",)), ("iam:AttachRolePolicy", tuple(values))):
        yield _who(estate, action, role.external_id, {key: values[key] for key in given}), action, role.external_id, OWN
    for policy in role.config.get("AttachedManagedPolicies") or []:
        arn = str(policy.get("PolicyArn") or "")
        if f"::{estate.account}:" in arn:
            yield _who(estate, "iam:CreatePolicyVersion", arn, {}), "iam:CreatePolicyVersion", arn, OWN


def over_administrators(estate: Estate, sort: str, action: str) -> Tri:
    """Who can do it to at least one administrator; perhaps, when that one only may be an administrator."""
    return estate.once(f"{action} over administrators", lambda: union(_over(estate, sort, action)))


def _over(estate: Estate, sort: str, action: str) -> Iterator[Tri]:
    above, principals = administrators_of(estate), population(estate).crowd.principals
    for bit in bits(above.yes | above.maybe):
        if principals[bit].sort == sort:
            found = _who(estate, action, principals[bit].arn, {})
            sure = above.of(bit) is True
            yield found if sure else perhaps(found.yes | found.maybe, "Whether it is an administrator is not decided.")


def _who(estate: Estate, action: str, resource: str, values: dict[str, tuple[str, ...]]) -> Tri:
    request = Request(action=action.lower(), resource=resource, account=estate.account, values=values)
    return population(estate).ask(request)
