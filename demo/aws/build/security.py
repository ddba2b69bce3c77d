"""What watches an account: Macie, Inspector, Security Hub, Access Analyzer, Config, rules, deliveries, budgets."""

from __future__ import annotations

import json
from datetime import timedelta

from demo.aws.build.site import Site, Tags, without_nothing
from demo.aws.overlay.watching import status

AI_STANDARD = "standards/ai-security-best-practices/v/1.0.0"
TYPES = ("AWS::SageMaker::Model", "AWS::Bedrock::Agent", "AWS::BedrockAgentCore::Runtime")
TAMPERING = ["DeleteModelInvocationLoggingConfiguration", "DeleteGuardrail", "UpdateGuardrail", "StopLogging"]


def macie(site: Site, *buckets: str, sensitive: str = "", unwatched: str = "") -> None:
    """Macie with what it knows of some buckets, one of them perhaps full of personal data, one left out."""
    site.put("macie.session", {"status": "ENABLED", "createdAt": site.now(), "updatedAt": site.now()})
    site.put("macie.discovery", {"status": "ENABLED"})
    for name in buckets:
        score = 90 if name == sensitive else 5
        document = {
            "bucketArn": f"arn:aws:s3:::{name}",
            "bucketName": name,
            "accountId": site.account,
            "region": site.region,
            "sensitivityScore": score,
            "automatedDiscoveryMonitoringStatus": "NOT_MONITORED" if name == unwatched else "MONITORED",
            "publicAccess": {"effectivePermission": "NOT_PUBLIC"},
        }
        site.put("macie.bucket", document)


def inspector(site: Site, *on: str) -> None:
    """Switches on parts of ec2, ecr, lambda, lambdaCode."""
    site.put("inspector.status", {"accounts": [status(site.account, *on)], "failedAccounts": []})


def inspector_finding(site: Site, resource: str, title: str, kind: str = "AWS_EC2_INSTANCE") -> None:
    """A critical finding; `resource` is an instance id or a function's ARN."""
    made = site.made_id("inspector", resource, title, size=16).lower()
    site.put(
        "inspector.finding",
        {
            "findingArn": site.arn("inspector2", f"finding/{made}"),
            "awsAccountId": site.account,
            "type": "PACKAGE_VULNERABILITY",
            "description": title,
            "title": title,
            "remediation": {"recommendation": {"text": "Update the package."}},
            "severity": "CRITICAL",
            "status": "ACTIVE",
            "firstObservedAt": site.now(),
            "lastObservedAt": site.now(),
            "resources": [{"type": kind, "id": resource}],
        },
    )


def security_hub(site: Site, *, ai: bool = True) -> None:
    """Security Hub, with the AI standard or without."""
    hub = site.arn("securityhub", "hub/default")
    site.put("securityhub.hub", {"HubArn": hub, "AutoEnableControls": True})
    names = ["standards/aws-foundational-security-best-practices/v/1.0.0", *([AI_STANDARD] if ai else [])]
    for name in names:
        site.put(
            "securityhub.standard",
            {
                "StandardsSubscriptionArn": site.arn("securityhub", f"subscription/{name.partition('/')[2]}"),
                "StandardsArn": f"arn:aws:securityhub:{site.region}::{name}",
                "StandardsInput": {},
                "StandardsStatus": "READY",
            },
        )


def analyzer(site: Site, name: str, *shared: tuple[str, str], tags: Tags | None = None) -> None:
    """An access analyzer with findings on (resource, type of resource)."""
    arn = site.arn("access-analyzer", f"analyzer/{name}")
    document = {
        "arn": arn,
        "name": name,
        "type": "ACCOUNT",
        "createdAt": site.now(),
        "status": "ACTIVE",
        "tags": dict(tags or {}),
    }
    site.put("accessanalyzer.analyzer", document)
    for resource, kind in shared:
        finding = {
            "_analyzerArn": arn,
            "id": site.made_uuid("finding", resource),
            "resource": resource,
            "resourceType": kind,
            "resourceOwnerAccount": site.account,
            "status": "ACTIVE",
            "findingType": "ExternalAccess",
            "createdAt": site.now(),
            "updatedAt": site.now(),
            "analyzedAt": site.now(),
        }
        site.put("accessanalyzer.finding", finding)


def recorder(site: Site, role: str, *, everything: bool = True, recording: bool = True) -> None:
    """AWS Config's recorder, for every type or for S3 alone."""
    group = {"allSupported": True} if everything else {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]}
    site.put("config.recorder", {"name": "default", "roleARN": role, "recordingGroup": group})
    site.put("config.recorder_status", {"name": "default", "recording": recording, "lastStatus": "Success"})


def event_rule(site: Site, name: str, target: str, *, enabled: bool = True, tags: Tags | None = None) -> None:
    """Tells somebody when defences of AI are taken down; no target = nobody."""
    pattern = {"source": ["aws.bedrock", "aws.cloudtrail"], "detail": {"eventName": TAMPERING}}
    document = {
        "Arn": site.arn("events", f"rule/{name}"),
        "Name": name,
        "EventPattern": json.dumps(pattern),
        "State": "ENABLED" if enabled else "DISABLED",
        "EventBusName": "default",
    }
    site.put("events.rule", document, tags)
    if target:
        site.put("events.target", {"_Rule": name, "Id": "one", "Arn": target})


def delivery(site: Site, name: str, resource: str, destination: str) -> None:
    """Logs of a resource (an ARN) go to a destination; none = they are offered and go nowhere."""
    source = {
        "arn": site.arn("logs", f"delivery-source:{name}"),
        "name": name,
        "resourceArns": [resource],
        "service": "bedrock-agentcore",
        "logType": "APPLICATION_LOGS",
    }
    site.put("logs.delivery_source", source)
    if destination:
        made = site.made_id("delivery", name)
        site.put(
            "logs.delivery",
            {
                "arn": site.arn("logs", f"delivery:{made}"),
                "id": made,
                "deliverySourceName": name,
                "deliveryDestinationArn": site.arn("logs", f"delivery-destination:{destination}"),
                "deliveryDestinationType": "CWL",
            },
        )


def budget(site: Site, name: str, *services: str) -> None:
    """A monthly budget, of these services or of everything; belongs to the account (build it in us-east-1)."""
    document = without_nothing(
        BudgetName=name,
        BudgetLimit={"Amount": "20000", "Unit": "USD"},
        CostFilters={"Service": list(services)} if services else None,
        TimeUnit="MONTHLY",
        TimePeriod={"Start": site.now() - timedelta(days=30), "End": site.now() + timedelta(days=3650)},
        BudgetType="COST",
    )
    site.put("budgets.budget", document)
