"""What watches an account: Macie, Inspector, Security Hub, Access Analyzer, Config, rules, deliveries, budgets."""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Keep, Link, Resource, Single

GONE = (Absent("ResourceNotFoundException"),)
SESSION, ANALYZER, SOURCE = "aws.macie.session", "aws.accessanalyzer.analyzer", "aws.logs.delivery_source"
DEFENCES = (
    r"(?i)bedrock|sagemaker|guardrail|ModelInvocationLogging|StopLogging|DeleteTrail|guardduty|UpdateGateway|AgentCore"
)
WORST = {
    "filterCriteria": {
        "severity": [{"comparison": "EQUALS", "value": "CRITICAL"}],
        "findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}],
        "resourceType": [
            {"comparison": "EQUALS", "value": "AWS_EC2_INSTANCE"},
            {"comparison": "EQUALS", "value": "AWS_LAMBDA_FUNCTION"},
        ],
    }
}
SHARED_THINGS = r"AWS::(S3::Bucket|IAM::Role|KMS::Key|SecretsManager::Secret|ECR::Repository|Lambda::Function)"
NO_MACIE = Absent("AccessDeniedException", "Macie is not enabled")

RESOURCES = (
    Resource(
        kind=SESSION,
        client="macie2",
        each=Single("get_macie_session", missing=(NO_MACIE,)),
        identity="arn:{partition}:macie2:{region}:{account}:session",
        name="Macie in {region}",
        detail=(
            Detail(
                operation="get_automated_discovery_configuration",
                parameters={},
                into="AutomatedDiscovery",
                needs="status",
                absent=GONE,
            ),
        ),
        noise=("updatedAt", "AutomatedDiscovery.lastUpdatedAt"),
    ),
    Resource(
        kind="aws.macie.bucket",
        client="macie2",
        each=Each("describe_buckets", "buckets", page_size=50),
        given=(SESSION,),
        identity="{bucketArn}",
        name="{bucketName}",
        noise=(
            "lastUpdated",
            "lastAutomatedDiscoveryTime",
            "objectCount",
            "sizeInBytes",
            "sizeInBytesCompressed",
            "classifiableObjectCount",
            "classifiableSizeInBytes",
            "objectCountByEncryptionType",
            "unclassifiableObjectCount",
            "unclassifiableObjectSizeInBytes",
        ),
    ),
    Resource(
        kind="aws.inspector.status",
        client="inspector2",
        each=Single("batch_get_account_status"),
        identity="arn:{partition}:inspector2:{region}:{account}:status",
        name="Inspector in {region}",
    ),
    Resource(
        kind="aws.inspector.finding",
        client="inspector2",
        each=Each("list_findings", "findings", WORST, page_size=100),
        identity="{findingArn}",
        name="{title|findingArn}",
        noise=("description", "epss", "inspectorScoreDetails", "remediation", "lastObservedAt", "updatedAt"),
    ),
    Resource(
        kind="aws.securityhub.hub",
        client="securityhub",
        each=Single("describe_hub", missing=(Absent("InvalidAccessException"), Absent("ResourceNotFoundException"))),
        identity="{HubArn}",
        name="Security Hub in {region}",
        detail=(
            Detail(
                operation="get_enabled_standards",
                parameters={},
                into="Standards",
                take="StandardsSubscriptions",
                pages=True,
            ),
        ),
        tags="@",
    ),
    Resource(
        kind=ANALYZER,
        client="accessanalyzer",
        each=Each("list_analyzers", "analyzers"),
        identity="{arn}",
        name="{name}",
        tags="tags",
        noise=("lastResourceAnalyzed", "lastResourceAnalyzedAt"),
    ),
    Resource(
        kind="aws.accessanalyzer.finding",
        client="accessanalyzer",
        each=Each("list_findings_v2", "findings", {"analyzerArn": "arn", "filter": {"status": {"eq": ["ACTIVE"]}}}),
        for_each=(ANALYZER,),
        carry={"analyzerArn": "arn"},
        identity="{analyzerArn}/finding/{id}",
        name="{resource|id}",
        keep=Keep(matching=(("resourceType", SHARED_THINGS),)),
        links=(Link("part_of", "analyzerArn", ANALYZER),),
        noise=("analyzedAt", "updatedAt"),
    ),
    Resource(
        kind="aws.config.recorder",
        client="config",
        each=Each("describe_configuration_recorders", "ConfigurationRecorders"),
        identity="arn:{partition}:config:{region}:{account}:recorder/{name}",
        name="{name}",
        detail=(
            Detail(
                operation="describe_configuration_recorder_status",
                parameters={},
                into="Status",
                take="ConfigurationRecordersStatus",
            ),
        ),
        links=(Link("uses_role", "roleARN", "aws.iam.role", "role"),),
        noise=("Status[].lastStatusChangeTime", "Status[].lastStartTime", "Status[].lastStopTime"),
    ),
    Resource(
        kind="aws.events.rule",
        client="events",
        each=Each("list_rules", "Rules"),
        identity="{Arn}",
        name="{Name}",
        keep=Keep(matching=(("EventPattern", DEFENCES),)),
        detail=(
            Detail(
                operation="list_targets_by_rule",
                parameters={"Rule": "Name", "EventBusName": "EventBusName"},
                into="Targets",
                take="Targets",
                pages=True,
                absent=GONE,
            ),
        ),
        tags="@",
        decode=("EventPattern",),
    ),
    Resource(
        kind=SOURCE,
        client="logs",
        each=Each("describe_delivery_sources", "deliverySources"),
        identity="{arn}",
        name="{name}",
        tags="tags",
    ),
    Resource(
        kind="aws.logs.delivery",
        client="logs",
        each=Each("describe_deliveries", "deliveries"),
        given=(SOURCE,),
        identity="{arn}",
        name="{deliverySourceName} to {deliveryDestinationType}",
        links=(Link("part_of", "deliverySourceName", SOURCE, "arn:logs:delivery-source:{}"),),
        tags="tags",
    ),
    Resource(
        kind="aws.budgets.budget",
        client="budgets",
        each=Each(
            "describe_budgets", "Budgets", {"AccountId": "{account}", "ShowFilterExpression": True}, page_size=100
        ),
        everywhere=True,
        identity="arn:{partition}:budgets::{account}:budget/{BudgetName}",
        name="{BudgetName}",
        place="-",
        noise=("CalculatedSpend", "LastUpdatedTime", "HealthStatus", "TimePeriod"),
    ),
)
