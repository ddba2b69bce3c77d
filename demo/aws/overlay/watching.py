"""Macie, Inspector, Security Hub, Access Analyzer, Config, rules, deliveries, budgets, from the twin."""

from __future__ import annotations

from demo.aws.overlay.ai_services import listed
from demo.aws.overlay.declared import Thing, serve
from demo.aws.overlay.registry import Context, Registry
from demo.aws.wire import Call, Document

LISTED = """
macie.bucket | macie2 | bucketArn | DescribeBuckets | buckets
inspector.finding | inspector2 | findingArn | ListFindings | findings
securityhub.standard | securityhub | StandardsSubscriptionArn | GetEnabledStandards | StandardsSubscriptions
accessanalyzer.analyzer | accessanalyzer | arn | ListAnalyzers | analyzers
config.recorder | config | name | DescribeConfigurationRecorders | ConfigurationRecorders
config.recorder_status | config | name | DescribeConfigurationRecorderStatus | ConfigurationRecordersStatus
config.rule | config | ConfigRuleName | DescribeConfigRules | ConfigRules
logs.resource_policy | logs | policyName | DescribeResourcePolicies | resourcePolicies
events.rule | events | Name | ListRules | Rules
logs.delivery_source | logs | name | DescribeDeliverySources | deliverySources
logs.delivery | logs | id | DescribeDeliveries | deliveries
"""
DESCRIBED = (
    Thing(
        name="macie.session",
        service="macie2",
        keys=("_one",),
        describes=("GetMacieSession", ""),
        missing=("AccessDeniedException", "Macie is not enabled."),
    ),
    Thing(
        name="macie.discovery",
        service="macie2",
        keys=("_one",),
        describes=("GetAutomatedDiscoveryConfiguration", ""),
    ),
    Thing(
        name="securityhub.hub",
        service="securityhub",
        keys=("HubArn",),
        describes=("DescribeHub", ""),
        missing=("InvalidAccessException", "The account is not subscribed to AWS Security Hub."),
    ),
    Thing(
        name="accessanalyzer.finding",
        service="accessanalyzer",
        keys=("_analyzerArn", "id"),
        lists=("ListFindingsV2", "findings"),
        where={"analyzerArn": "_analyzerArn"},
    ),
    Thing(
        name="events.target",
        service="events",
        keys=("_Rule", "Id"),
        lists=("ListTargetsByRule", "Targets"),
        where={"Rule": "_Rule"},
    ),
    Thing(
        name="ce.anomaly_monitor",
        service="ce",
        keys=("MonitorArn",),
        lists=("GetAnomalyMonitors", "AnomalyMonitors"),
        everywhere=True,
    ),
    Thing(
        name="ce.anomaly_subscription",
        service="ce",
        keys=("SubscriptionArn",),
        lists=("GetAnomalySubscriptions", "AnomalySubscriptions"),
        everywhere=True,
    ),
    Thing(
        name="cloudtrail.event_data_store",
        service="cloudtrail",
        keys=("EventDataStoreArn",),
        lists=("ListEventDataStores", "EventDataStores"),
        describes=("GetEventDataStore", ""),
        asks={"EventDataStore": "EventDataStoreArn"},
    ),
    Thing(
        name="budgets.budget",
        service="budgets",
        keys=("BudgetName",),
        lists=("DescribeBudgets", "Budgets"),
        everywhere=True,
    ),
    Thing(
        name="inspector.status",
        service="inspector2",
        keys=("_one",),
        describes=("BatchGetAccountStatus", ""),
    ),
)


def register(registry: Registry) -> None:
    serve(registry, (*listed(LISTED), *DESCRIBED))
    registry.answers["inspector2", "BatchGetAccountStatus"] = inspector


def inspector(call: Call, context: Context) -> Document:
    """Inspector always says how it stands: switched off unless something else was put into the twin."""
    stored = context.twin.all("inspector.status", call.place)
    return stored[0] if stored else {"accounts": [status(call.account)], "failedAccounts": []}


def status(account: str, *on: str) -> Document:
    """The account status with these of ec2, ecr, lambda and lambdaCode switched on."""
    nothing = {"errorCode": "ALREADY_ENABLED", "errorMessage": ""}
    states = {
        part: {**nothing, "status": "ENABLED" if part in on else "DISABLED"}
        for part in ("ec2", "ecr", "lambda", "lambdaCode")
    }
    return {
        "accountId": account,
        "state": {**nothing, "status": "ENABLED" if on else "DISABLED"},
        "resourceState": states,
    }
