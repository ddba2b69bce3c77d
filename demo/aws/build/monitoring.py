"""What would notice: trails, log groups, alarms, threat detection and its findings."""

from __future__ import annotations

from typing import Any

from demo.aws.build.site import Site, Tags, pairs
from demo.aws.wire import Document

GUARDDUTY_FEATURES = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
    "EBS_MALWARE_PROTECTION",
    "AI_PROTECTION",
)


def trail(site: Site, name: str, bucket: str, tags: Tags | None = None, **more: Any) -> str:
    """More: kms, log_group (ARN), role, validated=True, everywhere=True, data_events (list of resource types)."""
    cloudtrail = site.client("cloudtrail")
    request: Document = {
        "Name": name,
        "S3BucketName": bucket,
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": more.get("everywhere", True),
        "EnableLogFileValidation": more.get("validated", True),
        "TagsList": pairs(tags),
    }
    if more.get("kms"):
        request["KmsKeyId"] = more["kms"]
    if more.get("log_group"):
        request |= {"CloudWatchLogsLogGroupArn": more["log_group"], "CloudWatchLogsRoleArn": more["role"]}
    arn = str(cloudtrail.create_trail(**request)["TrailARN"])
    cloudtrail.start_logging(Name=name)
    cloudtrail.put_event_selectors(TrailName=name, AdvancedEventSelectors=selectors(more.get("data_events", ())))
    return arn


def selectors(data_events: tuple[str, ...]) -> list[Document]:
    management = {"Name": "Management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
    return [
        management,
        *(
            {
                "Name": f"Data events of {kind}",
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Data"]},
                    {"Field": "resources.type", "Equals": [kind]},
                ],
            }
            for kind in data_events
        ),
    ]


def log_group(site: Site, name: str, *, days: int = 0, kms: str = "", tags: Tags | None = None) -> str:
    """`days` of retention, 0 = for ever. Returns the ARN."""
    logs = site.client("logs")
    logs.create_log_group(logGroupName=name, tags=dict(tags or {}), **({"kmsKeyId": kms} if kms else {}))
    if days:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    return site.arn("logs", f"log-group:{name}:*")


def alarm(site: Site, name: str, namespace: str, metric: str, **more: Any) -> None:
    """More: action (ARN, "" = nobody is told), enabled=True, threshold, dimensions, tags."""
    site.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace=namespace,
        MetricName=metric,
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=more.get("threshold", 10.0),
        ComparisonOperator="GreaterThanThreshold",
        ActionsEnabled=more.get("enabled", True),
        AlarmActions=[more["action"]] if more.get("action") else [],
        Dimensions=[{"Name": key, "Value": value} for key, value in more.get("dimensions", {}).items()],
        Tags=pairs(more.get("tags")),
    )


def detector(site: Site, *off: str, tags: Tags | None = None) -> str:
    """GuardDuty with every feature on, except those named. Returns the id."""
    features = [{"Name": name, "Status": "DISABLED" if name in off else "ENABLED"} for name in GUARDDUTY_FEATURES]
    made = site.client("guardduty").create_detector(
        Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES", Features=features, Tags=dict(tags or {})
    )
    return str(made["DetectorId"])


def threat(site: Site, detector_id: str, kind: str, title: str, **more: Any) -> None:
    """A GuardDuty finding. More: severity, resource (document), archived=False."""
    made = site.made_id("threat", kind, title, size=32).lower()
    moment, done = site.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"), more.get("archived", False)
    site.put(
        "guardduty.finding",
        {
            "AccountId": site.account,
            "Arn": site.arn("guardduty", f"detector/{detector_id}/finding/{made}"),
            "CreatedAt": moment,
            "UpdatedAt": moment,
            "Description": title,
            "Id": made,
            "Partition": "aws",
            "Region": site.region,
            "Resource": more.get("resource", {"ResourceType": "AccessKey"}),
            "SchemaVersion": "2.0",
            "Service": {"ServiceName": "guardduty", "DetectorId": detector_id, "Count": 1, "Archived": done},
            "Severity": more.get("severity", 2.0),
            "Title": title,
            "Type": kind,
        },
    )
