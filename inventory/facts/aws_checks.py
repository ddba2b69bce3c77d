"""Whether what counts and checks has an effect: metric filters with alarms, Config rules that are fed."""

from __future__ import annotations

import re
from typing import Any

from inventory.documents import Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact

FILTER, ALARM = "aws.logs.metric_filter", "aws.cloudwatch.alarm"
CHECK, RECORDER = "aws.config.rule", "aws.config.recorder"
# Alarms on other metrics are not collected.
COLLECTED = re.compile(r"(?i)bedrock|sagemaker|llm|genai|guardrail|model|token|gpu|(^|[-_ /])ai([-_ /]|$)")


@fact("alarmed", kinds=(FILTER,), looks_at=(ALARM,), title="An alarm tells somebody of it", same_place=True)
def alarmed(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an alarm with an action looks at a metric that the filter counts."""
    metrics = [
        (str(one.get("metricNamespace")), str(one.get("metricName")))
        for one in node.config.get("metricTransformations") or ()
    ]
    alarms = [one.config for one in estate.in_place(ALARM, node.place) if tells(one.config)]
    if any((one.get("Namespace"), one.get("MetricName")) in metrics for one in alarms):
        return True
    if not all(COLLECTED.search(space) or COLLECTED.search(name) for space, name in metrics):
        return Unknown("Alarms on metrics whose names do not speak of AI are not collected")
    return False if estate.complete(ALARM, node.place) else Unknown("Alarms were not read")


def tells(alarm: dict[str, Any]) -> bool:
    """Whether the alarm is on and has somebody to tell."""
    return bool(alarm.get("ActionsEnabled") and alarm.get("AlarmActions"))


@fact("types_not_recorded", kinds=(CHECK,), looks_at=(RECORDER,), title="Types that it checks and nobody records")
def types_not_recorded(node: Node, estate: Estate) -> list[str] | Unknown:
    """Resource types in the rule's scope of which no running recorder tells it."""
    types = [str(one) for one in (node.config.get("Scope") or {}).get("ComplianceResourceTypes") or ()]
    recorder = next(iter(estate.in_place(RECORDER, node.place)), None)
    if recorder is None:
        return types if estate.complete(RECORDER, node.place) else Unknown("Configuration recorders were not read")
    missing = recorder.unknown("recordingGroup", "Status")
    if missing is not None:
        return missing
    if not any(one.get("recording") for one in recorder.config.get("Status") or ()):
        return types
    group = recorder.config.get("recordingGroup") or {}
    left_out = set((group.get("exclusionByResourceTypes") or {}).get("resourceTypes") or ())
    if group.get("allSupported") or left_out:
        return [one for one in types if one in left_out]
    return [one for one in types if one not in (group.get("resourceTypes") or ())]
