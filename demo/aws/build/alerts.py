"""What is asked of logs, bills and configurations, and what keeps events for later questions."""

from __future__ import annotations

import json

from demo.aws.build.monitoring import selectors
from demo.aws.build.site import Site, Tags, without_nothing
from demo.aws.wire import Document

TAMPERING = "{ ($.eventName = DeleteGuardrail) || ($.eventName = DeleteModelInvocationLoggingConfiguration) }"


def metric_filter(site: Site, group: str, name: str, metric: str) -> None:
    """Counts the calls by which defences of AI are taken down."""
    site.client("logs").put_metric_filter(
        logGroupName=group,
        filterName=name,
        filterPattern=TAMPERING,
        metricTransformations=[{"metricName": metric, "metricNamespace": "Halden/Security", "metricValue": "1"}],
    )


def log_policy(site: Site, name: str, principal: Document, **statement: object) -> None:
    """Who else may write to log groups."""
    allowed = {"Effect": "Allow", "Principal": principal, "Action": "logs:PutLogEvents", "Resource": "*", **statement}
    document = {"Version": "2012-10-17", "Statement": [allowed]}
    site.put("logs.resource_policy", {"policyName": name, "policyDocument": json.dumps(document)})


def config_rule(site: Site, name: str, identifier: str, *types: str) -> None:
    """One of AWS's own checks of a configuration."""
    document = without_nothing(
        ConfigRuleName=name,
        ConfigRuleArn=site.arn("config", f"config-rule/config-rule-{site.made_id('rule', name, size=6).lower()}"),
        Source={"Owner": "AWS", "SourceIdentifier": identifier},
        Scope={"ComplianceResourceTypes": list(types)} if types else None,
        ConfigRuleState="ACTIVE",
    )
    site.put("config.rule", document)


def anomaly_monitor(site: Site, name: str, address: str = "") -> None:
    """Looks at the bill of each service, and tells `address`; of the account (build it in us-east-1)."""
    arn = f"arn:aws:ce::{site.account}:anomalymonitor/{site.made_uuid('monitor', name)}"
    document = {
        "MonitorArn": arn,
        "MonitorName": name,
        "MonitorType": "DIMENSIONAL",
        "MonitorDimension": "SERVICE",
    }
    site.put("ce.anomaly_monitor", document)
    if address:
        subscription = {
            "SubscriptionArn": f"arn:aws:ce::{site.account}:anomalysubscription/{site.made_uuid('told', name)}",
            "MonitorArnList": [arn],
            "Subscribers": [{"Address": address, "Type": "EMAIL", "Status": "CONFIRMED"}],
            "Frequency": "DAILY",
            "SubscriptionName": name,
        }
        site.put("ce.anomaly_subscription", subscription)


def event_data_store(
    site: Site, name: str, *types: str, kms: str = "", kept: bool = True, tags: Tags | None = None
) -> None:
    """Events for later questions: of management, and data events of these resource types."""
    document = without_nothing(
        EventDataStoreArn=site.arn("cloudtrail", f"eventdatastore/{site.made_uuid('store', name)}"),
        Name=name,
        Status="ENABLED",
        AdvancedEventSelectors=selectors(types),
        MultiRegionEnabled=False,
        OrganizationEnabled=False,
        RetentionPeriod=400 if kept else 30,
        TerminationProtectionEnabled=kept,
        KmsKeyId=kms or None,
    )
    site.put("cloudtrail.event_data_store", document, tags)


def public_repository(site: Site, name: str) -> None:
    """Anybody in the world may pull its images; of the account (build it in us-east-1)."""
    document = {
        "repositoryArn": f"arn:aws:ecr-public::{site.account}:repository/{name}",
        "registryId": site.account,
        "repositoryName": name,
        "repositoryUri": f"public.ecr.aws/halden/{name}",
        "createdAt": site.now(),
    }
    site.put("ecrpublic.repository", document)
