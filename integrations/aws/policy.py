"""What an account owner has to grant: exactly the actions that the declared resources call, all of them reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from integrations.aws import model
from integrations.aws.opening import ALIASES, TAGS
from integrations.aws.resources import RESOURCES
from integrations.aws.table import Resource

REGIONS = ("ec2", "describe_regions")
# Characters of a managed policy; a role may have ten of them.
LARGEST = 6144
# Where an action on everything would reach further than the calls: GET alone also reads the values of API keys.
NARROWED = {"apigateway": ["arn:*:apigateway:*::/restapis", "arn:*:apigateway:*::/restapis/*"]}
NO_PERMISSION_NEEDED = ("sts:GetCallerIdentity",)


def calls(resources: Iterable[Resource] = RESOURCES) -> list[tuple[str, str]]:
    """(client, operation) of everything that a collection may call."""
    found = {TAGS, ALIASES, REGIONS}
    for resource in resources:
        found.update(resource.calls())
    return sorted(found)


def actions(resources: Iterable[Resource] = RESOURCES) -> list[str]:
    """IAM actions, sorted."""
    return sorted({model.action(*call) for call in calls(resources)})


def permissions_policy(resources: Iterable[Resource] = RESOURCES) -> dict[str, Any]:
    """The permissions policy: read-only, one statement a service so that a reader can check it."""
    grouped: dict[str, list[str]] = {}
    for action in actions(resources):
        grouped.setdefault(action.partition(":")[0], []).append(action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"Read{_word(service)}",
                "Effect": "Allow",
                "Action": granted,
                "Resource": list(NARROWED.get(service, ())) or "*",
            }
            for service, granted in sorted(grouped.items())
        ],
    }


def permissions_policies(resources: Iterable[Resource] = RESOURCES) -> list[dict[str, Any]]:
    """The same permissions in as many documents as AWS's limit for one managed policy asks for."""
    whole = permissions_policy(resources)
    parts: list[list[dict[str, Any]]] = [[]]
    for statement in whole["Statement"]:
        if parts[-1] and _size([*parts[-1], statement]) > LARGEST:
            parts.append([])
        parts[-1].append(statement)
    return [{"Version": whole["Version"], "Statement": part} for part in parts]


def _size(statements: list[dict[str, Any]]) -> int:
    """As AWS counts it: without white space, and with room for what surrounds the statements."""
    return len(json.dumps(statements, separators=(",", ":"))) + 50


def trust_policy(principal_arn: Any, external_id: Any) -> dict[str, Any]:
    """Who may assume the role, and the external id that it must bring: texts, or a template's references."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": principal_arn},
        "Action": "sts:AssumeRole",
    }
    if external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2)


def _word(service: str) -> str:
    return "".join(part.capitalize() for part in service.split("-"))
