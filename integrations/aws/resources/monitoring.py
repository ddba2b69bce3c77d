"""What would notice: trails, logs, alarms, threat detection."""

from __future__ import annotations

from integrations.aws.table import Absent, Batch, Detail, Each, Keep, Link, Resource

TRAIL = {"Name": "TrailARN"}
AI_LOGS = r"(?i)^/aws/(sagemaker|bedrock|vendedlogs/bedrock|eks|ecs|aes)|bedrock|sagemaker|llm|genai|cloudtrail"
AI_METRICS = (
    r"(?i)bedrock|sagemaker|llm|genai|guardrail|model|token|gpu|^aws/(lex|kendra|qbusiness)|(^|[-_ /])ai([-_ /]|$)"
)

# Findings about AI, by their type: several of them are rated low, so severity would hide them.
AI_THREATS = r"~Model|Bedrock|SageMaker|CostHarvesting|PromptInjection|Guardrail|BedrockAgentCore"
OPEN = {"Criterion": {"service.archived": {"Eq": ["false"]}}}

RESOURCES = (
    Resource(
        kind="aws.cloudtrail.trail",
        client="cloudtrail",
        each=Each("describe_trails", "trailList", {"includeShadowTrails": False}),
        identity="{TrailARN}",
        name="{Name}",
        detail=(
            Detail(operation="get_trail_status", parameters=TRAIL, into="Status", needs="IsLogging"),
            Detail(
                operation="get_event_selectors",
                parameters={"TrailName": "TrailARN"},
                into="Selectors",
                needs="TrailARN",
            ),
        ),
        links=(
            Link("logs_to", "S3BucketName", "aws.s3.bucket", "bucket"),
            Link("logs_to", "CloudWatchLogsLogGroupArn", "aws.logs.log_group", "log_group"),
            Link("encrypted_by", "KmsKeyId", "aws.kms.key", "kms"),
            Link("uses_role", "CloudWatchLogsRoleArn", "aws.iam.role", "role"),
        ),
        tags="@",
        noise=(
            "Status.LatestDeliveryTime",
            "Status.LatestNotificationTime",
            "Status.LatestCloudWatchLogsDeliveryTime",
            "Status.LatestDigestDeliveryTime",
            "Status.LatestDeliveryAttemptTime",
            "Status.LatestNotificationAttemptTime",
            "Status.LatestDeliveryAttemptSucceeded",
            "Status.LatestNotificationAttemptSucceeded",
            "Selectors.TrailARN",
        ),
    ),
    Resource(
        kind="aws.cloudtrail.event_data_store",
        client="cloudtrail",
        each=Each("list_event_data_stores", "EventDataStores", token=("NextToken", "NextToken")),
        identity="{EventDataStoreArn}",
        name="{Name}",
        detail=(
            Detail(
                operation="get_event_data_store",
                parameters={"EventDataStore": "EventDataStoreArn"},
                describes=True,
                needs="Status",
                absent=(Absent("EventDataStoreNotFoundException"),),
            ),
        ),
        links=(Link("encrypted_by", "KmsKeyId", "aws.kms.key", "kms"),),
        tags="@",
        noise=("UpdatedTimestamp",),
        not_offered=("UnsupportedOperationException",),
    ),
    Resource(
        kind="aws.logs.log_group",
        client="logs",
        each=Each("describe_log_groups", "logGroups"),
        identity="arn:{partition}:logs:{region}:{account}:log-group:{logGroupName}",
        name="{logGroupName}",
        keep=Keep(referenced=True, matching=(("logGroupName", AI_LOGS),)),
        late=True,
        links=(Link("encrypted_by", "kmsKeyId", "aws.kms.key", "kms"),),
        tags="@",
        noise=("storedBytes", "metricFilterCount"),
    ),
    Resource(
        kind="aws.cloudwatch.alarm",
        client="cloudwatch",
        each=Each("describe_alarms", "MetricAlarms", {"AlarmTypes": ["MetricAlarm"]}),
        identity="{AlarmArn}",
        name="{AlarmName}",
        keep=Keep(
            matching=(
                ("Namespace", AI_METRICS),
                ("Metrics[].MetricStat.Metric.Namespace", AI_METRICS),
                ("AlarmName", AI_METRICS),
                ("MetricName", AI_METRICS),
            )
        ),
        tags="@",
        noise=(
            "StateValue",
            "StateReason",
            "StateReasonData",
            "StateUpdatedTimestamp",
            "StateTransitionedTimestamp",
            "EvaluationState",
        ),
    ),
    Resource(
        kind="aws.guardduty.detector",
        client="guardduty",
        each=Each("list_detectors", "DetectorIds", row="DetectorId"),
        identity="arn:{partition}:guardduty:{region}:{account}:detector/{DetectorId}",
        name="GuardDuty in {region}",
        detail=(
            Detail(operation="get_detector", parameters={"DetectorId": "DetectorId"}, needs="Status", describes=True),
        ),
        tags="Tags",
    ),
    Resource(
        kind="aws.guardduty.finding",
        client="guardduty",
        each=Each("list_findings", "FindingIds", {"DetectorId": "DetectorId", "FindingCriteria": OPEN}, row="Id"),
        for_each=("aws.guardduty.detector",),
        carry={"DetectorId": "DetectorId"},
        identity="arn:{partition}:guardduty:{region}:{account}:detector/{DetectorId}/finding/{Id}",
        name="{Title|Id}",
        batch=Batch(
            operation="get_findings",
            ids="FindingIds",
            result="Findings",
            key="Id",
            size=50,
            parameters={"DetectorId": "DetectorId"},
        ),
        confirm=("Type", AI_THREATS),
        links=(Link("part_of", "DetectorId", "aws.guardduty.detector", "arn:guardduty:detector/{}"),),
        noise=("UpdatedAt", "Service.Count", "Service.EventLastSeen"),
    ),
)
