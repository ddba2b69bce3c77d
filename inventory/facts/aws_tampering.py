"""Whether somebody is told when defences of AI are taken down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_checks import ALARM, FILTER, alarmed
from inventory.facts.aws_monitoring import REGION
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first

RULE = "aws.events.rule"
# The calls that take a defence down, by the service that is called.
CALLS = {
    "bedrock": (
        "DeleteGuardrail",
        "UpdateGuardrail",
        "DeleteEnforcedGuardrailConfiguration",
        "DeleteModelInvocationLoggingConfiguration",
        "PutModelInvocationLoggingConfiguration",
    ),
    "bedrock-agentcore": ("UpdateGateway",),
    "cloudtrail": ("StopLogging", "DeleteTrail", "PutEventSelectors"),
}
# Only calls that failed carry these.
FAILED = ("errorCode", "errorMessage")
EVENT_NAME = re.compile(r"\$\.eventName\s*=\s*\"?([\w*]+)")


@fact(
    "tampering_reported",
    kinds=REGION,
    looks_at=(RULE, FILTER, ALARM),
    title="Somebody is told when AI defences are removed",
)
def tampering_reported(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an event rule with a target, or a metric filter with an alarm, takes a call that takes one down."""
    by_rule, by_filter = _by_event_rule(node, estate), _by_filter(node, estate)
    if by_rule is True or by_filter is True:
        return True
    return next((one for one in (by_rule, by_filter) if isinstance(one, Unknown)), False)


def _by_event_rule(region: Node, estate: Estate) -> bool | Unknown:
    unread: Unknown | None = None
    for rule in estate.in_place(RULE, region.place):
        if rule.config.get("State") != "ENABLED":
            continue
        missing = rule.unknown("Targets", "EventPattern")
        if missing is not None:
            unread = first((unread, missing))
        elif rule.config.get("Targets") and any(_takes(rule.config.get("EventPattern"), one) for one in _events()):
            return True
    if unread is not None:
        return unread
    return False if estate.complete(RULE, region.place) else Unknown("Event rules were not read")


def _by_filter(region: Node, estate: Estate) -> bool | Unknown:
    counting = [one for one in estate.in_place(FILTER, region.place) if _counts(str(one.config.get("filterPattern")))]
    told = [alarmed(one, estate) for one in counting]
    if any(one is True for one in told):
        return True
    if not estate.complete(FILTER, region.place):
        return Unknown("Metric filters were not read")
    return next((one for one in told if isinstance(one, Unknown)), False)


def _counts(pattern: str) -> bool:
    """Whether a filter's pattern names one of the calls."""
    names = [name for calls in CALLS.values() for name in calls]
    if "$.eventName" in pattern:
        return any(fnmatchcase(name, asked) for asked in EVENT_NAME.findall(pattern) for name in names)
    return any(name in pattern for name in names)


def _events() -> Iterator[dict[str, Any]]:
    for service, names in CALLS.items():
        for name in names:
            detail = {"eventSource": f"{service}.amazonaws.com", "eventName": name}
            yield {"source": f"aws.{service}", "detail-type": "AWS API Call via CloudTrail", "detail": detail}


def _takes(pattern: Any, event: dict[str, Any]) -> bool:
    """Whether an event pattern takes the event. Fields that the event does not say here limit nothing."""
    if not isinstance(pattern, dict):
        return False
    return all(_meets(event, field, wanted) for field, wanted in pattern.items())


def _meets(event: dict[str, Any], field: str, wanted: Any) -> bool:
    if field == "$or":
        return any(_takes(one, event) for one in wanted)
    if field in FAILED:
        return {"exists": False} in wanted
    if field not in event:
        return True
    if isinstance(wanted, dict):
        return isinstance(event[field], dict) and _takes(wanted, event[field])
    return any(_is(event[field], one) for one in wanted)


def _is(value: str, wanted: Any) -> bool:
    """One entry of a pattern: a word, or a comparison by its name."""
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    by, than = next(iter(wanted.items()))
    if by == "anything-but":
        inner = than if isinstance(than, list) else [than]
        return not any(_is(value, one) for one in inner)
    if by == "exists":
        return bool(than)
    text = str(than)
    compared = {
        "prefix": value.startswith(text),
        "suffix": value.endswith(text),
        "wildcard": fnmatchcase(value, text),
        "equals-ignore-case": value.lower() == text.lower(),
    }
    return compared.get(by, False)
