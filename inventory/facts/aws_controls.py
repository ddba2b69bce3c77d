"""The organization of an account, and which of its policies bind the account's principals."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from inventory.documents import Unknown
from inventory.facts.estate import Estate, Node
from inventory.iam.layers import Crowd
from inventory.iam.organization import RESOURCES, SERVICES, Attached, controls
from inventory.iam.population import Controls

ORGANIZATION, MEMBER = "aws.organizations.organization", "aws.organizations.account"
POLICIES = {
    "aws.organizations.service_control_policy": SERVICES,
    "aws.organizations.resource_control_policy": RESOURCES,
}
# What the management account tells its members; a change of it is heard of at their own account's asset.
TOLD = (ORGANIZATION, *POLICIES, MEMBER)
ACCOUNT, BUCKET = "aws.account", "aws.s3.bucket"
ORGANIZATION_KINDS = (*TOLD, ACCOUNT)
MEMBERSHIP = (ORGANIZATION, MEMBER, ACCOUNT)
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
# Buckets from which AWS hands out the models and containers that it publishes.
PUBLISHED = ("arn:aws:s3:::jumpstart-cache-prod-", "arn:aws:s3:::jumpstart-private-cache-prod-")
ROOT, UNIT = "ROOT", "ORGANIZATIONAL_UNIT"


def organization_of(estate: Estate) -> str:
    """The organization's id; empty when there is none, or it was not read."""
    return str((_described(estate) or _described(_teller(estate))).get("Id") or "")


def strangers(accounts: Iterable[str], estate: Estate) -> set[str] | Unknown:
    """Those of these accounts that are not of the organization; ids of other organizations are among them.

    Without an organization every other account is a stranger; where there is one and its members are not listed, an
    account may be one of them.
    """
    teller, own = _teller(estate), organization_of(estate)
    others = set(accounts) - {estate.account, own}
    if not others:
        return set()
    if not own and not teller.complete(ORGANIZATION) and any(other.startswith("o-") for other in others):
        return Unknown("The account's own organization was not read.")
    listed, doubt = teller.doubt_of(lambda: {account_of(node) for node in teller.all(MEMBER)})
    if doubt:
        return Unknown(doubt)
    if own and not listed:
        foreign = {other for other in others if other.startswith("o-")}
        return foreign or Unknown("The members of the organization are not known here: connect its management account.")
    missing = teller.read.unread((ORGANIZATION, MEMBER)) if others - listed else None
    return others - listed if missing is None else missing


def unseen_members(estate: Estate) -> Unknown | None:
    """Why what no connected account has may still be of an account of the organization."""
    teller = _teller(estate)
    listed, doubt = teller.doubt_of(lambda: {account_of(node) for node in teller.all(MEMBER)})
    if doubt:
        return Unknown(doubt)
    lost = listed - estate.connected - {estate.account, teller.account}
    if lost:
        return Unknown(f"It may be of {min(lost)}, an account of the organization that is not connected.")
    return teller.read.unread((ORGANIZATION, MEMBER))


def unseen_buckets(estate: Estate) -> Unknown | None:
    """Why a bucket that is not here may be the account's own all the same, or of its organization."""
    return unseen_members(estate) if estate.complete(BUCKET) else Unknown("Buckets were not read completely.")


def is_published(bucket: str) -> bool:
    """Whether it is a bucket from which AWS hands out what it publishes, by its ARN."""
    return bucket.startswith(PUBLISHED)


def organization_print(estate: Estate) -> list[Any]:
    """What another source tells of the organization, short: it changes when what binds this account may have."""
    teller = estate.organization
    if teller is None:
        return []
    told = [
        [*node.identity, node.config, [part.part for part in node.unread], bool(node.stale)]
        for node in teller.all(*TOLD)
    ]
    said = json.dumps(sorted(told, key=lambda one: one[:2]), sort_keys=True, default=str)
    connected = sorted(estate.connected & {account_of(node) for node in teller.all(MEMBER)})
    return [blake2b(said.encode(), digest_size=8).hexdigest(), *map(teller.complete, TOLD), connected]


def controls_of(estate: Estate, crowd: Crowd) -> Controls:
    """The management account is not bound, nor is one without an organization.

    Members are bound by what their management account tells; where that is not read too, not all is known.
    """
    teller = _teller(estate)
    if teller is estate:
        return _controls(estate, estate.account, crowd)
    found, doubt = teller.doubt_of(lambda: _controls(teller, estate.account, crowd))
    return replace(found, known=False) if doubt else found


def _teller(estate: Estate) -> Estate:
    """Who knows most of the organization: the management account where it is read, else the account itself."""
    return estate.organization or estate


def _described(estate: Estate) -> dict[str, Any]:
    found = [node.config.get("Organization") for node in estate.all(ORGANIZATION)]
    return found[0] if found and isinstance(found[0], dict) else {}


def _controls(teller: Estate, account: str, crowd: Crowd) -> Controls:
    described = _described(teller)
    if not described:
        return Controls(known=teller.complete(ORGANIZATION))
    if account and described.get("MasterAccountId") == account:
        return Controls(known=True)
    policies = [node for kind in POLICIES for node in teller.all(kind)]
    path, traced = path_to(teller, account)
    found = [policy for node in policies for policy in _attached(node)]
    clear = all(node.unknown("Policy", "Targets") is None for node in policies)
    read = bool(policies) and all(map(teller.complete, POLICIES)) and clear
    if not read:  # the policy that allows may be the one that is missing: only what others deny is certain
        found.append(Attached(SERVICES, EVERYTHING, frozenset(path)))
    bound = controls(found, path, crowd)
    return Controls(bound.services, bound.resources, known=read and (traced or not any(map(_of_units, policies))))


def path_to(teller: Estate, account: str) -> tuple[list[str], bool]:
    """The places from the root down to an account, and whether its units are told."""
    member = next((node for node in teller.all(MEMBER) if account_of(node) == account), None)
    paths = (member.config.get("Paths") if member else None) or []
    if len(paths) != 1:  # none is told, or the account moves just now
        return [ROOT, account], False
    units = [place for place in str(paths[0]).split("/") if place.startswith("ou-")]
    return [ROOT, *units, account], True


def account_of(member: Node) -> str:
    return str(member.config.get("Id") or "")


def _attached(node: Node) -> Iterator[Attached]:
    document = document_in((node.config.get("Policy") or {}).get("Content"))
    targets = frozenset(place_of(target) for target in node.config.get("Targets") or [])
    if document and targets:
        yield Attached(POLICIES[node.kind], document, targets)


def place_of(target: dict[str, Any]) -> str:
    return ROOT if target.get("Type") == ROOT else str(target.get("TargetId", ""))


def _of_units(node: Node) -> bool:
    return any(target.get("Type") == UNIT for target in node.config.get("Targets") or [])


def document_in(text: Any) -> dict[str, Any] | None:
    """The document that a policy's text holds; nothing when it holds none."""
    try:
        read = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
