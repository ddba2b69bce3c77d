"""Whether AI use in a region or account would be noticed."""

from __future__ import annotations

import re
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_checks import ALARM, tells
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.kinds import KINDS

REGION, ACCOUNT = ("aws.region",), ("aws.account",)
AI_METRICS = re.compile(r"(?i)/?aws/(bedrock|sagemaker|lex|kendra|qbusiness)")
GUARDRAIL_METRICS = re.compile(r"AWS/Bedrock/Guardrails$")
LOGGING = "aws.bedrock.logging_configuration"
# What is there without anybody using it: settings, and what a service makes by itself.
IDLE = frozenset({
    "aws.bedrock.foundation_model", "aws.bedrock.logging_configuration", "aws.bedrock.account_settings",
    "aws.agentcore.token_vault", "aws.frauddetector.settings",
})  # fmt: skip
SAGEMAKER, BEDROCK, AGENTCORE, OTHERS = (
    tuple(kind.id for kind in KINDS.values() if kind.family == family and kind.id not in IDLE)
    for family in ("SageMaker", "Bedrock", "Bedrock AgentCore", "Other AI services")
)
AI = (*BEDROCK, *SAGEMAKER, *AGENTCORE, *OTHERS)


def found(estate: Estate, kinds: tuple[str, ...], region: str) -> bool | Unknown:
    """Whether an asset of one of these kinds exists in the region."""
    if any(estate.in_place(kind, region) for kind in kinds):
        return True
    if all(estate.complete(kind, region) for kind in kinds):
        return False
    return Unknown(f"Not everything in {region} was read")


@fact("ai_in_use", kinds=REGION, looks_at=AI, title="AI services are used in the region")
def ai_in_use(node: Node, estate: Estate) -> bool | Unknown:
    """Whether assets of any AI service exist there, settings apart."""
    return found(estate, AI, node.place)


@fact("bedrock_in_use", kinds=(*REGION, LOGGING), looks_at=BEDROCK)
def bedrock_in_use(node: Node, estate: Estate) -> bool | Unknown:
    """Whether anything of Bedrock but its settings exists in the region."""
    return found(estate, BEDROCK, node.place)


@fact(
    "calls_logged",
    kinds=("aws.bedrock.agent",),
    looks_at=(LOGGING,),
    same_place=True,
    title="Calls of models are logged in its region",
)
def calls_logged(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the text that is asked and answered goes to a bucket or a log group."""
    for one in estate.in_place(LOGGING, node.place):
        missing = one.unknown("loggingConfig")
        if missing is not None:
            return missing
        goes = one.config.get("loggingConfig") or {}
        if goes.get("textDataDeliveryEnabled") and (goes.get("s3Config") or goes.get("cloudWatchConfig")):
            return True
    return False if estate.complete(LOGGING, node.place) else Unknown("The invocation logging was not read")


@fact("threat_detection", kinds=REGION, looks_at=("aws.guardduty.detector",), title="GuardDuty is on in the region")
def threat_detection(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an enabled detector exists there."""
    detectors = list(estate.in_place("aws.guardduty.detector", node.place))
    unread = [missing for d in detectors if (missing := d.unknown("Status")) is not None]
    if any(d.config.get("Status") == "ENABLED" for d in detectors):
        return True
    if unread:
        return unread[0]
    if estate.complete("aws.guardduty.detector", node.place):
        return False
    return Unknown("GuardDuty detectors were not read")


@fact("ai_alarms", kinds=REGION, looks_at=(ALARM,), title="Alarms that watch AI services")
def ai_alarms(node: Node, estate: Estate) -> int | Unknown:
    """Number of alarms in use that look at a metric of an AI service and tell somebody."""
    return _alarms_on(AI_METRICS, node, estate)


@fact("guardrail_alarms", kinds=REGION, looks_at=(ALARM,), title="Alarms on guardrails that step in")
def guardrail_alarms(node: Node, estate: Estate) -> int | Unknown:
    """Number of alarms in use that look at the metrics of guardrails and tell somebody."""
    return _alarms_on(GUARDRAIL_METRICS, node, estate)


def _alarms_on(metrics: re.Pattern[str], region: Node, estate: Estate) -> int | Unknown:
    if not estate.complete(ALARM, region.place):
        return Unknown("Alarms were not read")
    alarms = [one.config for one in estate.in_place(ALARM, region.place) if tells(one.config)]
    return sum(any(map(metrics.match, _namespaces(alarm))) for alarm in alarms)


def _namespaces(alarm: dict[str, Any]) -> set[str]:
    metrics = [m.get("MetricStat", {}).get("Metric", {}) for m in alarm.get("Metrics") or ()]
    return {str(one.get("Namespace")) for one in (alarm, *metrics)}
