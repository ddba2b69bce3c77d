"""What is asked of logs, bills and configurations: metric filters, spending anomalies, Config rules, log policies."""

from __future__ import annotations

from integrations.aws.resources.watching import DEFENCES
from integrations.aws.table import Detail, Each, Keep, Link, Resource

AI_CHECKS = r"(?i)bedrock|sagemaker|(^|[-_])ai([-_]|$)|llm|genai"

RESOURCES = (
    Resource(
        kind="aws.logs.metric_filter",
        client="logs",
        each=Each("describe_metric_filters", "metricFilters"),
        identity="arn:{partition}:logs:{region}:{account}:log-group:{logGroupName}:metric-filter:{filterName}",
        name="{filterName}",
        keep=Keep(matching=(("filterPattern", DEFENCES),)),
        links=(Link("part_of", "logGroupName", "aws.logs.log_group", "log_group"),),
    ),
    Resource(
        kind="aws.logs.resource_policy",
        client="logs",
        each=Each("describe_resource_policies", "resourcePolicies"),
        identity="arn:{partition}:logs:{region}:{account}:resource-policy:{policyName}",
        name="{policyName}",
        noise=("lastUpdatedTime", "revisionId"),
        decode=("policyDocument",),
    ),
    Resource(
        kind="aws.config.rule",
        client="config",
        each=Each("describe_config_rules", "ConfigRules"),
        identity="{ConfigRuleArn}",
        name="{ConfigRuleName}",
        keep=Keep(
            matching=(
                ("Source.SourceIdentifier", AI_CHECKS),
                ("Scope.ComplianceResourceTypes[]", AI_CHECKS),
                ("ConfigRuleName", AI_CHECKS),
            )
        ),
    ),
    Resource(
        kind="aws.ce.anomaly_monitor",
        client="ce",
        each=Each("get_anomaly_monitors", "AnomalyMonitors"),
        everywhere=True,
        identity="{MonitorArn}",
        name="{MonitorName}",
        place="-",
        detail=(
            Detail(
                operation="get_anomaly_subscriptions",
                parameters={},
                into="Subscriptions",
                take="AnomalySubscriptions",
                pages=True,
                once=True,
            ),
        ),
        noise=("LastUpdatedDate", "LastEvaluatedDate", "DimensionalValueCount"),
    ),
)
