"""What the organization forbids all of its accounts to do with AI."""

from __future__ import annotations

import json
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_controls import document_in
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.iam.language import statements

ORGANIZATION = ("aws.organizations.organization",)
SCP, OPT_OUT, BEDROCK = (
    "aws.organizations.service_control_policy",
    "aws.organizations.ai_opt_out_policy",
    "aws.organizations.bedrock_policy",
)
DEFENCES = (
    "bedrock:deleteguardrail",
    "bedrock:deletemodelinvocationloggingconfiguration",
    "cloudtrail:stoplogging",
    "guardduty:deletedetector",
)


def _contents(estate: Estate, node: Node, kind: str) -> list[Any] | Unknown:
    """The documents of attached policies of one type; only the management account is told them."""
    policies = estate.all(kind)
    told = (node.config.get("Organization") or {}).get("MasterAccountId") == estate.account
    if not policies and not (told and estate.complete(kind)):
        return Unknown("Only the organization's management account is told its policies")
    found = []
    for policy in policies:
        missing = policy.unknown("Policy", "Targets")
        if missing is not None:
            return missing
        if policy.config.get("Targets"):
            found.append(document_in((policy.config.get("Policy") or {}).get("Content")))
    return found


@fact("opted_out_of_ai", kinds=ORGANIZATION, looks_at=(OPT_OUT,), title="AWS may not use its data to improve AI")
def opted_out_of_ai(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an attached policy opts out of every AI service."""
    contents = _contents(estate, node, OPT_OUT)
    if isinstance(contents, Unknown):
        return contents
    defaults = (((one or {}).get("services") or {}).get("default") for one in contents)
    return any("optOut" in json.dumps(one) for one in defaults if one)


@fact("models_limited", kinds=ORGANIZATION, looks_at=(SCP, BEDROCK), title="The organization limits models")
def models_limited(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a Bedrock policy is attached, or a service control policy refuses to invoke some models."""
    bedrock = _contents(estate, node, BEDROCK)
    if not isinstance(bedrock, Unknown) and bedrock:
        return True
    refused = _refused(estate, node)
    if isinstance(refused, Unknown) or isinstance(bedrock, Unknown):
        return refused if isinstance(refused, Unknown) else Unknown("The Bedrock policies were not read")
    return any(statement.grants("bedrock:invokemodel") for statement in refused)


@fact("unprotected_defences", kinds=ORGANIZATION, looks_at=(SCP,), title="AI defences that members may remove")
def unprotected_defences(node: Node, estate: Estate) -> list[str] | Unknown:
    """Actions against guardrails, logs and detection that no service control policy refuses."""
    refused = _refused(estate, node)
    if isinstance(refused, Unknown):
        return refused
    return [action for action in DEFENCES if not any(statement.grants(action) for statement in refused)]


def _refused(estate: Estate, node: Node) -> list[Any] | Unknown:
    contents = _contents(estate, node, SCP)
    if isinstance(contents, Unknown):
        return contents
    return [statement for one in contents for statement in statements(one) if not statement.allow]
