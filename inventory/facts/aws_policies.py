"""Who outside may use a resource, by its own policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_controls import MEMBERSHIP, organization_of, strangers
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.iam.language import Statement, open_actions, outside_grants, statements
from inventory.iam.matching import covers, matches
from inventory.iam.questions import POLICY_FIELDS

WITH_POLICY = tuple(kind for kind in POLICY_FIELDS if kind != "aws.iam.role")
BUCKET, SECRET = "aws.s3.bucket", "aws.secretsmanager.secret"
NOT_ASKED = Unknown("Only secrets that are named after an AI provider are asked for their policy.")
# What an entry of a bucket's access list allows.
LISTED = {
    "READ": ("s3:listbucket",),
    "WRITE": ("s3:putobject", "s3:deleteobject"),
    "READ_ACP": ("s3:getbucketacl",),
    "WRITE_ACP": ("s3:putbucketacl",),
}
# What reads the content, and what changes it or lets the caller have that allowed.
READING = {BUCKET: ("s3:getobject", "s3:getobjectversion", "s3:listbucket", "s3:listbucketversions")}
WRITING = {
    BUCKET: (
        "s3:putobject", "s3:deleteobject", "s3:deleteobjectversion", "s3:replicateobject", "s3:putobjectacl",
        "s3:putobjectversionacl", "s3:putbucketacl", "s3:putbucketpolicy", "s3:deletebucketpolicy",
        "s3:putlifecycleconfiguration",
    ),
    "aws.ecr.repository": (
        "ecr:putimage", "ecr:initiatelayerupload", "ecr:uploadlayerpart", "ecr:completelayerupload",
        "ecr:setrepositorypolicy",
    ),
}  # fmt: skip
CANONICAL = re.compile("[0-9a-f]{64}")
CANONICAL_NAMED = Unknown("The policy names a canonical user, and whose that is cannot be told from its number.")
EVERYBODY = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def _policy(node: Node) -> Any:
    part = POLICY_FIELDS[node.kind]
    missing = node.unknown(part)
    if missing is not None:
        return missing
    return secret_policy(node) if node.kind == SECRET else node.config.get(part) or {}


def secret_policy(secret: Node) -> Any:
    """Its policy; unknown where nobody asked for one."""
    answer = secret.config.get("ResourcePolicy")
    return NOT_ASKED if answer is None else answer.get("ResourcePolicy") or {}


@fact("anyone_may", kinds=WITH_POLICY, looks_at=("aws.s3.account",), title="What anybody in the world may do with it")
def anyone_may(node: Node, estate: Estate) -> list[str] | Unknown:
    """Actions allowed to everyone; for a bucket only those that no public access block takes away."""
    return _anyone(node, estate)


@fact("anyone_reads", kinds=tuple(READING), looks_at=("aws.s3.account",), title="How anybody in the world may read it")
def anyone_reads(node: Node, estate: Estate) -> list[str] | Unknown:
    """The calls that everyone may make, however the policy writes them."""
    return _anyone(node, estate, READING[node.kind])


@fact("anyone_writes", kinds=(BUCKET,), looks_at=("aws.s3.account",), title="How anybody in the world may change it")
def anyone_writes(node: Node, estate: Estate) -> list[str] | Unknown:
    """The calls that everyone may make, however the policy writes them."""
    return _anyone(node, estate, WRITING[node.kind])


def _anyone(node: Node, estate: Estate, asked: Sequence[str] = ()) -> list[str] | Unknown:
    policy = _policy(node)
    if isinstance(policy, Unknown):
        return policy
    actions = open_actions(policy, asked)
    return actions if node.kind != BUCKET else _open_bucket(node, actions, estate, asked)


def _open_bucket(bucket: Node, actions: list[str], estate: Estate, asked: Sequence[str]) -> list[str] | Unknown:
    blocked = blocks(bucket, estate, "RestrictPublicBuckets") if actions else True
    grants = listed(bucket, estate)
    if isinstance(blocked, Unknown):
        return blocked
    if isinstance(grants, Unknown):
        return grants
    by_list = {grant["action"] for grant in _among(grants, asked) if grant["account"] == "*"}
    return sorted(by_list | (set() if blocked else set(actions)))


@fact(
    "outsiders_may",
    kinds=WITH_POLICY,
    looks_at=("aws.s3.account", *MEMBERSHIP),
    title="What accounts of others may do with it",
)
def outsiders_may(node: Node, estate: Estate) -> list[dict[str, str]] | Unknown:
    """[{account, action}] granted to principals of accounts outside the organization."""
    return _outsiders(node, estate)


@fact(
    "outsiders_write",
    kinds=tuple(WRITING),
    looks_at=("aws.s3.account", *MEMBERSHIP),
    title="How accounts of others may change it",
)
def outsiders_write(node: Node, estate: Estate) -> list[dict[str, str]] | Unknown:
    """[{account, action}]: the calls that they may make, however the policy writes them."""
    return _outsiders(node, estate, WRITING[node.kind])


def _outsiders(node: Node, estate: Estate, asked: Sequence[str] = ()) -> list[dict[str, str]] | Unknown:
    policy = _policy(node)
    grants = listed(node, estate) if node.kind == BUCKET else []
    if isinstance(policy, Unknown) or isinstance(grants, Unknown):
        return policy if isinstance(policy, Unknown) else grants
    by_list = [grant for grant in _among(grants, asked) if grant["account"] != "*"]
    found = [*outside_grants(policy, estate.account, organization_of(estate), asked), *by_list]
    outside = strangers((grant["account"] for grant in found), estate)
    if isinstance(outside, Unknown):
        return outside
    theirs = [grant for grant in found if grant["account"] in outside]
    return theirs if theirs or not _names_canonical(policy, asked) else CANONICAL_NAMED


def _names_canonical(policy: Any, asked: Sequence[str]) -> bool:
    """Whether it allows something to a user by a number that says nothing of the account."""
    return any(
        statement.allow
        and any(map(CANONICAL.fullmatch, statement.principals))
        and (not asked or any(map(statement.grants, asked)))
        for statement in statements(policy)
    )


def _among(grants: Sequence[dict[str, str]], asked: Sequence[str]) -> list[dict[str, str]]:
    return [grant for grant in grants if not asked or grant["action"] in asked]


def listed(bucket: Node, estate: Estate) -> list[dict[str, str]] | Unknown:
    """What the bucket's access list allows others than its owner, as {account, action}; `*` is everybody.

    Where the owner is enforced, or public lists are ignored, the list counts for nothing.
    """
    missing = bucket.unknown("Acl")
    if missing is not None:
        return missing
    acl = bucket.config.get("Acl") or {}
    entries = [(_grantee(grant, acl), str(grant.get("Permission"))) for grant in acl.get("Grants") or ()]
    ignored = blocks(bucket, estate, "IgnorePublicAcls") if any(who == "*" for who, _ in entries) else True
    if isinstance(ignored, Unknown):
        return ignored
    left = [(who, what) for who, what in entries if who and not (who == "*" and ignored)]
    return [{"account": who, "action": action} for who, what in left for action in _listed_actions(what)]


def lists_count(bucket: Node) -> bool:
    """Whether access lists of the bucket and of its objects say anything at all."""
    return "Acl" in bucket.config


def _grantee(grant: dict[str, Any], acl: dict[str, Any]) -> str:
    """Who it is for; nobody when that is the owner, or the service that writes access logs."""
    grantee = grant.get("Grantee") or {}
    if str(grantee.get("URI", "")).endswith(EVERYBODY):
        return "*"
    owner = (acl.get("Owner") or {}).get("ID")
    return f"canonical user {grantee['ID'][:12]}" if grantee.get("ID") not in (None, owner) else ""


def _listed_actions(permission: str) -> list[str]:
    return [action for name, actions in LISTED.items() if permission in (name, "FULL_CONTROL") for action in actions]


@fact("public_access_blocked", kinds=("aws.s3.bucket",), looks_at=("aws.s3.account",))
def public_access_blocked(node: Node, estate: Estate) -> bool | Unknown:
    """Whether all four public access blocks hold, set on the bucket or on its account."""
    for name in BLOCKS:
        held = blocks(node, estate, name)
        if isinstance(held, Unknown) or not held:
            return held
    return True


def blocks(node: Node, estate: Estate, name: str) -> bool | Unknown:
    """Whether one of the public access blocks holds for a bucket, by itself or by its account."""
    own = node.unknown("PublicAccessBlock")
    if own is None and (node.config.get("PublicAccessBlock") or {}).get(name):
        return True
    above = _account_blocks(estate, name)
    if own is None or isinstance(above, Unknown) or above:
        return above
    return own


def _account_blocks(estate: Estate, name: str) -> bool | Unknown:
    accounts = estate.all("aws.s3.account")
    if not accounts:
        read = estate.complete("aws.s3.account")
        return False if read else Unknown("The account's S3 settings were not read")
    missing = accounts[0].unknown("PublicAccessBlock")
    if missing is not None:
        return missing
    return bool((accounts[0].config.get("PublicAccessBlock") or {}).get(name))


@fact("only_tls", kinds=("aws.s3.bucket",), title="Refuses requests without TLS")
def only_tls(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the bucket policy denies everybody every request that is not encrypted in transit."""
    policy = _policy(node)
    if isinstance(policy, Unknown):
        return policy
    return any(_refuses_plain(statement, f"{node.external_id}/*") for statement in statements(policy))


def _refuses_plain(statement: Statement, objects: str) -> bool:
    plain = [(test.operator, test.key, test.values) for test in statement.tests]
    return (
        not statement.allow
        and "*" in statement.principals
        and not statement.not_principals
        and covers(statement.actions, "s3:*")
        and any(matches(pattern, objects) for pattern in statement.resources)
        and plain == [("bool", "aws:securetransport", ("false",))]
    )
