"""Services that watch an account: what they did not look at is not clean, and what tells nobody does not count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from inventory.documents import ScopeState, ScopeView, Unknown
from inventory.facts.aws_images import scanned
from inventory.facts.aws_monitoring import ai_alarms, guardrail_alarms
from inventory.facts.aws_tampering import tampering_reported
from inventory.facts.aws_watching import critical_findings, sensitivity
from inventory.facts.estate import Estate, Node

ACCOUNT, HERE = "111122223333", "eu-central-1"


def node(kind: str, name: str = "", **config: Any) -> Node:
    return Node(kind=f"aws.{kind}", external_id=f"arn:{name or kind}", name=name or kind, place=HERE, config=config)


def estate(*nodes: Node, read: Iterable[str] = ()) -> Estate:
    views = [ScopeView(place, f"aws.{kind}", ScopeState.COMPLETE) for kind in read for place in (HERE, "-")]
    return Estate(nodes, (), views, account=ACCOUNT)


@pytest.mark.parametrize("kind", ["ec2.instance", "lambda.function"])
def test_nothing_found_means_something_only_where_inspector_scans(kind: str) -> None:
    def found(states: dict[str, str]) -> list[str] | Unknown:
        state = {part: {"status": status} for part, status in states.items()}
        status = node("inspector.status", accounts=[{"resourceState": state}])
        return critical_findings(host, estate(host, status, read=["inspector.finding", "inspector.status"]))

    host = node(kind, "host")
    assert found({"ec2": "ENABLED", "lambda": "ENABLED"}) == []
    assert isinstance(found({"ec2": "DISABLED", "lambda": "DISABLED", "ecr": "ENABLED"}), Unknown)


def test_what_inspector_found_counts_whatever_it_scans_now() -> None:
    host = node("ec2.instance", "host", InstanceId="i-1")
    finding = node("inspector.finding", "hole", resources=[{"id": "i-1"}])
    assert critical_findings(host, estate(host, finding)) == ["hole"]


@pytest.mark.parametrize(("score", "rated"), [(1, 1), (49, 49), (90, 90), (None, None), (50, None), (-1, None)])
def test_a_bucket_that_macie_did_not_analyse_has_no_rating(score: int | None, rated: int | None) -> None:
    bucket = node("macie.bucket", sensitivityScore=score)
    said = sensitivity(bucket, estate(bucket))
    assert isinstance(said, Unknown) if rated is None else said == rated


@pytest.mark.parametrize(
    ("filter", "frequency", "expected"),
    [
        ("*", "CONTINUOUS_SCAN", True),
        ("ai-*", "SCAN_ON_PUSH", True),
        ("dev", "SCAN_ON_PUSH", True),
        ("ai-*", "MANUAL", False),
        ("prod-*", "CONTINUOUS_SCAN", False),
    ],
)
def test_a_rule_of_the_registry_scans_the_repositories_that_its_filter_names(
    filter: str, frequency: str, expected: bool
) -> None:
    rule = {"scanFrequency": frequency, "repositoryFilters": [{"filter": filter, "filterType": "WILDCARD"}]}
    repository = node("ecr.repository", repositoryName="ai-dev", RegistryScanning={"rules": [rule]})
    assert scanned(repository, estate(repository)) is expected


REGION = Node(kind="aws.region", external_id="r", name=HERE, place=HERE)
CALL, SENT = "AWS API Call via CloudTrail", [{"Id": "1"}]
REMOVED = {"detail": {"eventName": ["DeleteGuardrail"]}}


def told(pattern: Any, state: str = "ENABLED", targets: Any = SENT) -> bool | Unknown:
    rule = node("events.rule", State=state, EventPattern=pattern, Targets=targets)
    return tampering_reported(REGION, estate(rule, read=["events.rule", "logs.metric_filter"]))


@pytest.mark.parametrize(
    ("state", "targets", "expected"), [("ENABLED", SENT, True), ("ENABLED", [], False), ("DISABLED", SENT, False)]
)
def test_a_rule_reports_only_when_it_is_on_and_tells_somebody(state: str, targets: list[Any], expected: bool) -> None:
    assert told(REMOVED, state, targets) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.bedrock"]},
        {"source": ["aws.bedrock"], "detail-type": [CALL], "region": [HERE]},
        {"detail": {"eventSource": ["cloudtrail.amazonaws.com"], "eventName": [{"prefix": "Stop"}]}},
        {"detail": {"eventName": [{"anything-but": ["ApplyGuardrail"]}], "eventSource": ["bedrock.amazonaws.com"]}},
        {"detail": {"$or": [{"eventName": ["CreateModel"]}, {"eventName": [{"wildcard": "*Guardrail"}]}]}},
        {"detail": {"eventName": ["UpdateGateway"], "errorCode": [{"exists": False}]}},
    ],
)
def test_a_rule_reports_the_calls_that_its_pattern_takes(pattern: Any) -> None:
    assert told(pattern) is True


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.bedrock"], "detail-type": ["Batch Inference Job State Change"]},
        {"source": ["aws.sagemaker"], "detail": {"eventName": ["DeleteGuardrail"]}},
        {"detail": {"eventSource": ["bedrock.amazonaws.com"], "eventName": ["CreateGuardrail"]}},
        {"detail": {"eventName": [{"anything-but": {"wildcard": "*"}}]}},
        {"detail": {"eventName": ["DeleteGuardrail"], "errorCode": ["AccessDenied"]}},
        {"detail": {"eventName": ["DeleteGuardrail"], "errorMessage": [{"exists": True}]}},
        None,
    ],
)
def test_a_rule_about_something_else_of_ai_reports_no_tampering(pattern: Any) -> None:
    assert told(pattern) is False


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{ ($.eventName = DeleteGuardrail) || ($.eventName = Other) }", True),
        ('{ $.eventName = "*ModelInvocationLoggingConfiguration" }', True),
        ("StopLogging", True),
        ('{ $.eventSource = "bedrock.amazonaws.com" && $.errorCode = "AccessDenied" }', False),
        ("{ $.eventName = InvokeModel }", False),
        ("{ $.eventName != StopLogging }", False),
    ],
)
def test_a_filter_with_an_alarm_reports_the_calls_that_it_counts(pattern: str, expected: bool) -> None:
    counted = {"metricNamespace": "Security", "metricName": "Guardrails"}
    filter = node("logs.metric_filter", filterPattern=pattern, metricTransformations=[counted])
    alarm = node("cloudwatch.alarm", Namespace="Security", MetricName="Guardrails", **ON)
    read = ["events.rule", "logs.metric_filter", "cloudwatch.alarm"]
    assert tampering_reported(REGION, estate(filter, alarm, read=read)) is expected


ON: dict[str, Any] = {"ActionsEnabled": True, "AlarmActions": ["arn:topic"]}
MATH = [{"Expression": "a"}, {"MetricStat": {"Metric": {"Namespace": "AWS/Bedrock"}}}]


@pytest.mark.parametrize(
    ("alarm", "counted"),
    [
        ({"Namespace": "AWS/Bedrock"} | ON, 1),
        ({"Namespace": "AWS/Bedrock/Guardrails"} | ON, 1),
        ({"Namespace": "/aws/sagemaker/Endpoints"} | ON, 1),
        ({"Metrics": MATH} | ON, 1),
        ({"Namespace": "AWS/EC2", "MetricName": "CPUCreditModel"} | ON, 0),
        ({"Namespace": "AWS/Bedrock"} | ON | {"ActionsEnabled": False}, 0),
        ({"Namespace": "AWS/Bedrock"} | ON | {"AlarmActions": []}, 0),
    ],
)
def test_an_alarm_watches_ai_when_its_metric_is_of_ai_and_somebody_is_told(alarm: dict[str, Any], counted: int) -> None:
    found = estate(node("cloudwatch.alarm", **alarm), read=["cloudwatch.alarm"])
    assert ai_alarms(REGION, found) == counted
    assert guardrail_alarms(REGION, found) == (alarm.get("Namespace") == "AWS/Bedrock/Guardrails")
    assert isinstance(ai_alarms(REGION, estate()), Unknown)
