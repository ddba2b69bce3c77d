"""Whether the services that watch an account watch its AI, and what they have found on it."""

from __future__ import annotations

import json
import re
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_monitoring import ACCOUNT, REGION
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first
from inventory.iam.language import statements

MACIE, INSPECTOR, FINDING = "aws.macie.session", "aws.inspector.status", "aws.inspector.finding"
HUB, ANALYZER, EXTERNAL = "aws.securityhub.hub", "aws.accessanalyzer.analyzer", "aws.accessanalyzer.finding"
MONITOR, MACIE_BUCKET = "aws.ce.anomaly_monitor", "aws.macie.bucket"
# What Inspector calls the scanning of each kind.
SCANNED = {"aws.ec2.instance": "ec2", "aws.lambda.function": "lambda"}
NOT_LOOKED_AT = 50  # Macie gives it to what it has not analysed yet, and less than 0 where it failed
RECORDER, BUDGET = "aws.config.recorder", "aws.budgets.budget"
SOURCE, DELIVERY = "aws.logs.delivery_source", "aws.logs.delivery"
LOGGED = ("aws.agentcore.runtime", "aws.agentcore.gateway", "aws.agentcore.memory", "aws.bedrock.knowledge_base")
SHARED = ("aws.s3.bucket", "aws.iam.role", "aws.kms.key", "aws.secretsmanager.secret", "aws.ecr.repository",
          "aws.lambda.function")  # fmt: skip
AI_TYPES = ("AWS::Bedrock::", "AWS::BedrockAgentCore::", "AWS::SageMaker::")
NAMING = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:principalorgid"})
AI_STANDARD = "ai-security-best-practices"
AI_SPEND = re.compile(r"(?i)bedrock|sagemaker")


def _first(estate: Estate, kind: str, place: str) -> Node | Unknown | None:
    """The one asset of its kind in a region; nothing when it is known that there is none."""
    found = estate.in_place(kind, place)
    if found:
        return found[0]
    return None if estate.complete(kind, place) else Unknown(f"{kind.removeprefix('aws.')} was not read")


@fact("macie_on", kinds=REGION, looks_at=(MACIE,), title="Macie looks for sensitive data")
def macie_on(node: Node, estate: Estate) -> bool | Unknown:
    """Whether Macie is enabled and discovers by itself."""
    session = _first(estate, MACIE, node.place)
    if session is None or isinstance(session, Unknown):
        return False if session is None else session
    missing = session.unknown("status", "AutomatedDiscovery")
    if missing is not None:
        return missing
    discovery = (session.config.get("AutomatedDiscovery") or {}).get("status")
    return session.config.get("status") == "ENABLED" and discovery == "ENABLED"


@fact("inspector_on", kinds=REGION, looks_at=(INSPECTOR,), title="What Inspector scans")
def inspector_on(node: Node, estate: Estate) -> list[str] | Unknown:
    """Those of ec2, ecr, lambda and lambdaCode that are enabled."""
    status = _first(estate, INSPECTOR, node.place)
    if status is None or isinstance(status, Unknown):
        return [] if status is None else status
    missing = status.unknown("accounts")
    if missing is not None:
        return missing
    states = [account.get("resourceState") or {} for account in status.config.get("accounts") or ()]
    return sorted({part for state in states for part, value in state.items() if value.get("status") == "ENABLED"})


@fact("ai_standard_on", kinds=REGION, looks_at=(HUB,), title="Security Hub checks its AI standard")
def ai_standard_on(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a subscription to the AI security best practices is ready."""
    hub = _first(estate, HUB, node.place)
    if hub is None or isinstance(hub, Unknown):
        return False if hub is None else hub
    missing = hub.unknown("Standards")
    if missing is not None:
        return missing
    ready = [one for one in hub.config.get("Standards") or () if one.get("StandardsStatus") == "READY"]
    return any(AI_STANDARD in str(one.get("StandardsArn", "")) for one in ready)


@fact("external_access_analyzed", kinds=REGION, looks_at=(ANALYZER,), title="External access is looked for")
def external_access_analyzed(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an active analyzer looks for access from outside the account or organization."""
    for one in estate.in_place(ANALYZER, node.place):
        if one.config.get("status") == "ACTIVE" and one.config.get("type") in ("ACCOUNT", "ORGANIZATION"):
            return True
    return False if estate.complete(ANALYZER, node.place) else Unknown("Access analyzers were not read")


@fact("ai_types_recorded", kinds=REGION, looks_at=(RECORDER,), title="Config keeps the history of AI assets")
def ai_types_recorded(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a running recorder takes every type, or types of Bedrock, AgentCore and SageMaker."""
    recorder = _first(estate, RECORDER, node.place)
    if recorder is None or isinstance(recorder, Unknown):
        return False if recorder is None else recorder
    missing = recorder.unknown("recordingGroup", "Status")
    if missing is not None:
        return missing
    running = any(one.get("recording") for one in recorder.config.get("Status") or ())
    group = recorder.config.get("recordingGroup") or {}
    types = [str(one) for one in group.get("resourceTypes") or ()]
    every = bool(group.get("allSupported")) or all(any(t.startswith(start) for t in types) for start in AI_TYPES)
    return running and every


@fact("critical_findings", kinds=tuple(SCANNED), looks_at=(FINDING, INSPECTOR))
def critical_findings(node: Node, estate: Estate) -> list[str] | Unknown:
    """Titles of Inspector's active critical findings on it; none only where it scans what is like it."""
    own = {node.external_id, str(node.config.get("InstanceId", ""))} - {""}
    found = [
        one.name
        for one in estate.in_place(FINDING, node.place)
        if any(_names(resource, own) for resource in one.config.get("resources") or ())
    ]
    if found:
        return sorted(found)
    scanned = inspector_on(node, estate)
    if isinstance(scanned, Unknown):
        return scanned
    if SCANNED[node.kind] not in scanned:
        return Unknown(f"Inspector does not scan assets of this kind in {node.place}.")
    return [] if estate.complete(FINDING, node.place) else Unknown("Inspector was not read")


def _names(resource: Any, own: set[str]) -> bool:
    told = str(resource.get("id", ""))
    return told in own or any(told.startswith(f"{one}:") for one in own)


@fact("sensitivity", kinds=(MACIE_BUCKET,), title="How sensitive Macie rates its content")
def sensitivity(node: Node, estate: Estate) -> int | Unknown:
    """From 1 (nothing found) to 100."""
    missing = node.unknown("sensitivityScore")
    if missing is not None:
        return missing
    score = node.config.get("sensitivityScore")
    if score is None or score < 0 or score == NOT_LOOKED_AT:
        return Unknown(f"Macie did not look for personal data in {node.config.get('bucketName', node.name)}.")
    return int(score)


@fact("of_ai", kinds=(EXTERNAL, MACIE_BUCKET), looks_at=SHARED, title="The AI asset that it is about")
def of_ai(node: Node, estate: Estate) -> str | Unknown:
    """Its name; empty when the resource plays no part in AI."""
    part = "resource" if node.kind == EXTERNAL else "bucketArn"
    missing = node.unknown(part)
    if missing is not None:
        return missing
    shared = estate.get("", str(node.config.get(part, ""))) if part == "resource" else None
    shared = shared or estate.get("aws.s3.bucket", str(node.config.get(part, "")))
    if shared is None:
        unread = [kind for kind in SHARED if not estate.complete(kind)]
        return Unknown("What is shared was not read") if unread else ""
    return shared.name if shared.ai_role else ""


@fact("logs_delivered", kinds=LOGGED, looks_at=(SOURCE, DELIVERY), title="Its logs are delivered", same_place=True)
def logs_delivered(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a log source of this resource has a delivery to somewhere."""
    for source in estate.in_place(SOURCE, node.place):
        if node.external_id in (source.config.get("resourceArns") or ()) and estate.into(source, "part_of"):
            return True
    read = estate.complete(SOURCE, node.place) and estate.complete(DELIVERY, node.place)
    return False if read else Unknown("Log deliveries were not read")


@fact("spending_anomalies_told", kinds=ACCOUNT, looks_at=(MONITOR,), title="Somebody is told of unusual spending")
def spending_anomalies_told(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a monitor looks at each service, or at AI, and has a subscription."""
    unread: Unknown | None = None
    for one in estate.all(MONITOR):
        every = one.config.get("MonitorDimension") == "SERVICE"
        if not every and not AI_SPEND.search(json.dumps(one.config.get("MonitorSpecification"))):
            continue
        told = subscribers(one, estate)
        if not isinstance(told, Unknown) and told:
            return True
        unread = first((unread, told if isinstance(told, Unknown) else None))
    if unread is not None:
        return unread
    return False if estate.complete(MONITOR) else Unknown("Spending monitors were not read")


@fact("subscribers", kinds=(MONITOR,), title="Who is told")
def subscribers(node: Node, estate: Estate) -> list[str] | Unknown:
    """Addresses that a subscription of the monitor tells."""
    missing = node.unknown("Subscriptions")
    if missing is not None:
        return missing
    mine = (
        one for one in node.config.get("Subscriptions") or () if node.external_id in (one.get("MonitorArnList") or ())
    )
    return sorted({str(who.get("Address", "")) for one in mine for who in one.get("Subscribers") or ()})


@fact("ai_budgets", kinds=ACCOUNT, looks_at=(BUDGET,), title="Budgets that watch AI spending")
def ai_budgets(node: Node, estate: Estate) -> list[str] | Unknown:
    """Names of budgets that are limited to Bedrock or SageMaker."""
    watched = [
        one.name
        for one in estate.all(BUDGET)
        if AI_SPEND.search(json.dumps([one.config.get("CostFilters"), one.config.get("FilterExpression")]))
    ]
    return sorted(watched) if watched or estate.complete(BUDGET) else Unknown("Budgets were not read")


@fact("callers_without_bounds", kinds=("aws.lambda.function",), title="Services that may call it for anybody")
def callers_without_bounds(node: Node, estate: Estate) -> list[str] | Unknown:
    """AI services that its policy lets call it without naming the account or the agent."""
    missing = node.unknown("Policy")
    if missing is not None:
        return missing
    open_to = (one for one in statements(node.config.get("Policy")) if one.allow and not one.conditions & NAMING)
    return sorted({service for one in open_to for service in one.services if service.startswith("bedrock")})
