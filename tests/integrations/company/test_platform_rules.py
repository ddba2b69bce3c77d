"""What AI rests on, over HTTP: of every kind a document that makes a rule fail, and one that makes it pass."""

from __future__ import annotations

import pytest

from tests.integrations.company.judging import Verdicts
from tests.integrations.company.test_ai_service_rules import cases

# rule | kind | fails on | passes on
PLATFORM = """
ssm-provider-key-plain | ssm.parameter | /pilot/OPENAI_API_KEY | /halden/care/openai-api-key
ssm-provider-key-unowned | ssm.parameter | /pilot/OPENAI_API_KEY | /halden/care/openai-api-key
batch-environment-secret | batch.job_definition | pilot-train | search-embeddings
batch-ai-privileged | batch.job_definition | pilot-train | search-embeddings
codebuild-ai-secret | codebuild.project | pilot-models | search-models
codebuild-ai-privileged | codebuild.project | pilot-models | search-models
apigateway-ai-open | apigateway.rest_api | pilot-answers | shop-assistant
wafv2-ai-no-rate-limit | wafv2.acl | pilot-acl | shop-limits
stepfunctions-ai-unlogged | stepfunctions.state_machine | pilot-chain | shop-summaries
cognito-guests-use-ai | cognito.identity_pool | pilot-app | shop-app
ec2-ai-volume-clear | ec2.instance | pilot-gpu | vllm-serving-1
ec2-ai-start-script-secret | ec2.instance | pilot-gpu | vllm-serving-1
ai-host-critical-finding | ec2.instance | pilot-gpu | embedding-batch
ec2-ai-subnet-public-addresses | ec2.subnet | halden-ml-us-public-a | halden-ml-eu-private-a
ec2-ai-main-route-open | ec2.route_table | halden-ml-us-main | halden-ml-eu-main
vpc-ai-traffic-unrecorded | ec2.vpc | halden-ml-us | halden-ml-eu
inspector-images-off | region | us-east-1 | eu-central-1
inspector-functions-off | region | us-east-1 | eu-central-1
macie-off | region | us-east-1 | eu-central-1
securityhub-ai-standard-off | region | us-east-1 | eu-central-1
config-ai-history-missing | region | us-east-1 | eu-central-1
events-ai-tampering-silent | region | us-east-1 | eu-central-1
access-analyzer-ai-shared | accessanalyzer.finding | halden-ai-scratch | halden-cloudtrail-us
macie-ai-bucket-sensitive | macie.bucket | halden-care-knowledge | halden-search-catalogue
macie-ai-bucket-unwatched | macie.bucket | halden-search-models | halden-search-catalogue
path-vulnerable-image-live | ecr.image | halden/recommender:latest | halden/care-tools:1.9.0
eks-node-role-calls-models | eks.nodegroup | ai-research gpu | ai-serving gpu
ec2-ai-image-public | ec2.image | pilot-llm-image | halden-model-server-2026-10
eks-secrets-clear | eks.cluster | ai-research | ai-serving
agentcore-no-logs | agentcore.runtime | pilot | concierge
ec2-ai-disks-clear-by-default | ec2.disk_defaults | Disk encryption in us-east-1 | Disk encryption in eu-central-1
eks-pod-role-administrator | eks.pod_identity | ai-research default/notebook | ai-serving serving/vllm
eks-user-key-administers | eks.access_entry | build-robot | cluster-admins
eks-addon-failing | eks.addon | ai-research aws-guardduty-agent | ai-serving vpc-cni
sso-permission-set-ai-full | sso.permission_set | DataScientists | Readers
cloudtrail-event-store-weak | cloudtrail.event_data_store | halden-short | halden-events-eu
logs-ai-filter-silent | logs.metric_filter | ai-defences-removed | ai-defences
logs-policy-outside | logs.resource_policy | vendor-logs | bedrock-logs
config-ai-rule-blind | config.rule | sagemaker-notebook-in-vpc | sagemaker-endpoint-key
ce-monitor-tells-nobody | ce.anomaly_monitor | services | services-watched
ecr-ai-image-published | ecrpublic.repository | llm-demo | storefront-widgets
"""


def test_a_function_runs_the_image_of_its_digest(judged: Verdicts) -> None:
    for rule in ("aws-ai-image-untrusted-registry", "aws-ai-image-moving-tag"):
        assert judged[rule, "aws.lambda.function", "recommender-preview"] == "pass"
        assert judged[rule, "aws.lambda.function", "summarise-reviews"] == "not-applicable"


@pytest.mark.parametrize(("rule", "kind", "bad", "good"), cases(PLATFORM))
def test_documents_of_the_platform_fail_and_pass(judged: Verdicts, rule: str, kind: str, bad: str, good: str) -> None:
    rule, kind = f"aws-{rule}", f"aws.{kind}"
    assert (judged[rule, kind, bad], judged[rule, kind, good]) == ("fail", "pass")


def test_jobs_are_asked_whether_they_learn_from_personal_data(judged: Verdicts) -> None:
    rule = "aws-ai-training-personal-data"
    assert judged[rule, "aws.bedrock.customization_job", "care-tone-tuning"] == "fail"
    assert judged[rule, "aws.sagemaker.training_job", "search-ranker-2026-10"] == "pass"
    assert judged[rule, "aws.sagemaker.training_job", "recommender-basket-weekly"] == "unknown"


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        ("organizations-ai-opt-out-missing", "fail"),  # there is a policy, attached to nothing
        ("organizations-models-unlimited", "fail"),
        ("organizations-defences-removable", "fail"),  # GuardDuty is left open
    ],
)
def test_the_organization_is_judged_by_what_is_attached(judged: Verdicts, rule: str, outcome: str) -> None:
    found = [verdict for (one, _kind, _name), verdict in judged.items() if one == f"aws-{rule}"]
    assert found == [outcome]
