"""The organization of an account, and which of its policies bind the account's principals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from inventory.facts.estate import Estate, Node
from inventory.iam.layers import Crowd
from inventory.iam.organization import RESOURCES, SERVICES, Attached, controls
from inventory.iam.population import Controls

ORGANIZATION = "aws.organizations.organization"
POLICIES = {
    "aws.organizations.service_control_policy": SERVICES,
    "aws.organizations.resource_control_policy": RESOURCES,
}
ORGANIZATION_KINDS = (ORGANIZATION, *POLICIES)
ROOT, UNIT = "ROOT", "ORGANIZATIONAL_UNIT"


def organization_of(estate: Estate) -> str:
    """The organization's id; empty when there is none, or it was not read."""
    return str(_described(estate).get("Id") or "")


def _described(estate: Estate) -> dict[str, Any]:
    found = [node.config.get("Organization") for node in estate.all(ORGANIZATION)]
    return found[0] if found and isinstance(found[0], dict) else {}


def controls_of(estate: Estate, crowd: Crowd) -> Controls:
    """The management account is not bound, nor is one without an organization. Others are told their policies rarely.

    Policies of units are left out, because no document says in which unit the account is: then not all is known.
    """
    described = _described(estate)
    if not described:
        return Controls(known=estate.complete(ORGANIZATION))
    if estate.account and described.get("MasterAccountId") == estate.account:
        return Controls(known=True)
    policies = [node for kind in POLICIES for node in estate.all(kind)]
    found = [policy for node in policies for policy in _attached(node)]
    known = bool(policies) and all(_clear(node) for node in policies) and all(map(estate.complete, POLICIES))
    bound = controls(found, (ROOT, estate.account), crowd)
    return Controls(bound.services, bound.resources, known=known)


def _attached(node: Node) -> Iterator[Attached]:
    document = _document((node.config.get("Policy") or {}).get("Content"))
    targets = frozenset(_place(target) for target in node.config.get("Targets") or [])
    if document and targets:
        yield Attached(POLICIES[node.kind], document, targets)


def _place(target: dict[str, Any]) -> str:
    return ROOT if target.get("Type") == ROOT else str(target.get("TargetId", ""))


def _clear(node: Node) -> bool:
    """Whether all is known of whom the policy binds."""
    unread = node.unknown("Policy", "Targets") is not None
    return not unread and not any(target.get("Type") == UNIT for target in node.config.get("Targets") or [])


def _document(text: Any) -> dict[str, Any] | None:
    try:
        read = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
