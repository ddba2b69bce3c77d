"""The small estate, read once over HTTP: what is found, how it is linked, what it costs, what it never tells."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from demo.aws import SimulatedAws
from integrations.aws.opening import REGION
from integrations.aws.resources import BY_KIND, RESOURCES
from inventory.documents import ScopeState
from inventory.kinds import KINDS
from tests.integrations.aws.collecting import Collected, collect
from tests.integrations.aws.estate import MODEL_ID, SECRETS, Estate

Expected = Callable[[Estate], dict[str, list[tuple[str, str, str]]]]
KIND_IDS = [*BY_KIND, REGION]


def test_every_scope_is_read_to_its_end(collected: Collected) -> None:
    assert {str(key): outcome for key, outcome in collected.outcomes.items() if outcome.state != "complete"} == {}
    assert [(asset.kind, asset.unread) for asset in collected.assets if asset.unread] == []


@pytest.mark.parametrize("kind", KIND_IDS)
def test_an_asset_of_every_kind_is_found(collected: Collected, kind: str) -> None:
    assert collected.of(kind)


def test_every_kind_stands_in_the_catalogue() -> None:
    assert set(KIND_IDS) <= set(KINDS)


def test_external_ids_are_unique_within_a_kind(collected: Collected) -> None:
    found = [(asset.kind, asset.external_id) for asset in collected.assets]
    assert len(found) == len(set(found))


def test_documents_can_be_stored_as_json(collected: Collected) -> None:
    for asset in collected.assets:
        assert json.loads(json.dumps(asset.config)) == asset.config
        assert "ResponseMetadata" not in asset.config


def test_no_secret_value_is_in_any_document(collected: Collected) -> None:
    told = json.dumps([[asset.config, asset.name, dict(asset.tags)] for asset in collected.assets])
    assert [secret for secret in SECRETS if secret in told] == []


@pytest.mark.parametrize(
    ("kind", "detector", "path"),
    [
        ("aws.sagemaker.training_job", "openai-project-key", "Environment.OPENAI_API_KEY"),
        ("aws.sagemaker.training_job", "named-secret", "Environment.DB_PASSWORD"),
        ("aws.sagemaker.training_job", "huggingface-token", "HyperParameters.hub_token"),
        ("aws.sagemaker.model", "huggingface-token", "PrimaryContainer.Environment.HF_TOKEN"),
        ("aws.sagemaker.notebook_lifecycle_config", "huggingface-token", "OnStart[0].Content"),
        ("aws.lambda.function", "openai-project-key", "Environment.Variables.OPENAI_API_KEY"),
        ("aws.ecs.task_definition", "named-secret",
         "taskDefinition.containerDefinitions[0].environment[0].ANTHROPIC_API_KEY"),
        ("aws.bedrock.agent", "openai-project-key", "agent.instruction"),
    ],
)  # fmt: skip
def test_secrets_leave_only_where_they_were(collected: Collected, kind: str, detector: str, path: str) -> None:
    assert {"detector": detector, "path": path} in collected.one(kind).config["SecretsFound"]


def test_harmless_settings_stay_readable(collected: Collected) -> None:
    assert (
        collected.one("aws.sagemaker.model").config["PrimaryContainer"]["Environment"]["HF_TRUST_REMOTE_CODE"] == "true"
    )
    assert collected.one("aws.lambda.function").config["Environment"]["Variables"]["MODEL_ID"] == "gpt-4o"
    assert (
        "pip install vllm" in collected.one("aws.sagemaker.notebook_lifecycle_config").config["OnStart"][0]["Content"]
    )


def links(collected: Collected, kind: str) -> set[tuple[str, str, str]]:
    return {(link.type, link.kind, link.ref) for asset in collected.of(kind) for link in asset.links}


def sagemaker_links(estate: Estate) -> dict[str, list[tuple[str, str, str]]]:
    bucket = "arn:aws:s3:::"
    config, model = (estate.arn("sagemaker", name) for name in ("endpoint-config/ranker-config", "model/ranker-model"))
    return {
        "aws.sagemaker.model": [
            ("uses_role", "aws.iam.role", estate.role),
            ("runs_image", "aws.ecr.image", estate.image_id),
            ("loads", "aws.s3.bucket", f"{bucket}artifacts"),
        ],
        "aws.sagemaker.training_job": [
            ("reads_data", "aws.s3.bucket", f"{bucket}data"),
            ("produces", "aws.s3.bucket", f"{bucket}artifacts"),
            ("encrypted_by", "aws.kms.key", estate.key),
        ],
        "aws.sagemaker.endpoint": [("serves", "aws.sagemaker.endpoint_config", config)],
        "aws.sagemaker.endpoint_config": [("serves", "aws.sagemaker.model", model)],
        "aws.sagemaker.notebook_instance": [("encrypted_by", "aws.kms.key", estate.key)],
    }


def bedrock_links(estate: Estate) -> dict[str, list[tuple[str, str, str]]]:
    model = f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL_ID}"
    version = estate.arn("bedrock", "agent/AG1/version/1")
    return {
        "aws.bedrock.agent": [
            ("loads", "aws.bedrock.foundation_model", model),
            ("has_tool", "aws.bedrock.knowledge_base", estate.arn("bedrock", "knowledge-base/KB1")),
            ("delegates_to", "aws.bedrock.agent_alias", estate.alias),
        ],
        "aws.bedrock.agent_version": [("guarded_by", "aws.bedrock.guardrail", estate.arn("bedrock", "guardrail/gr1"))],
        "aws.bedrock.agent_alias": [("serves", "aws.bedrock.agent_version", version)],
        "aws.bedrock.action_group": [("has_tool", "aws.lambda.function", estate.function)],
        "aws.bedrock.data_source": [("reads_data", "aws.s3.bucket", "arn:aws:s3:::documents")],
        "aws.bedrock.logging_configuration": [
            ("logs_to", "aws.logs.log_group", estate.arn("logs", "log-group:invocations"))
        ],
    }


def other_links(estate: Estate) -> dict[str, list[tuple[str, str, str]]]:
    return {
        "aws.ec2.instance": [
            ("uses_role", "aws.iam.role", estate.role),
            ("in_network", "aws.ec2.security_group", estate.group),
        ],
        "aws.ecs.task_definition": [("runs_image", "aws.ecr.image", estate.image_id)],
        "aws.ecs.service": [("runs_as", "aws.ecs.task_definition", estate.task)],
        "aws.s3.bucket": [("encrypted_by", "aws.kms.key", estate.key)],
        "aws.ecr.image": [("part_of", "aws.ecr.repository", estate.repository)],
    }


@pytest.mark.parametrize("expected", [sagemaker_links, bedrock_links, other_links])
def test_links_name_what_they_mean(collected: Collected, estate: Estate, expected: Expected) -> None:
    for kind, wanted in expected(estate).items():
        assert set(wanted) <= links(collected, kind), kind


# What the small estate names on purpose although it is not there, or what is not collected.
ELSEWHERE = re.compile(r"sg-12345678|s3vectors|/aws/lambda/tool|custom-model")


def test_every_link_of_a_collected_kind_finds_its_target(collected: Collected) -> None:
    present = {(asset.kind, asset.external_id) for asset in collected.assets}
    dangling = {
        (asset.kind, link.type, link.kind, link.ref)
        for asset in collected.assets
        for link in asset.links
        if link.kind and (link.kind, link.ref) not in present and not ELSEWHERE.search(link.ref)
    }
    assert dangling == set()


def test_only_what_ai_uses_is_an_asset(collected: Collected) -> None:
    assert "holiday-photos" not in {asset.name for asset in collected.of("aws.s3.bucket")}
    assert {asset.config["InstanceType"] for asset in collected.of("aws.ec2.instance")} == {"g5.xlarge"}
    assert {asset.name for asset in collected.of("aws.cloudwatch.alarm")} == {"bedrock-spend"}
    assert MODEL_ID in {asset.name for asset in collected.of("aws.bedrock.foundation_model")}
    assert "meta.llama3-unused-v1:0" not in {asset.name for asset in collected.of("aws.bedrock.foundation_model")}
    assert [asset.name for asset in collected.of("aws.kms.key")] == ["alias/models"]


def test_policies_are_opened(collected: Collected) -> None:
    data = next(asset for asset in collected.of("aws.s3.bucket") if asset.name == "data")
    assert data.config["Policy"]["Statement"][0]["Principal"] == "*"
    assert [grant["Permission"] for grant in data.config["Acl"]["Grants"]] == ["FULL_CONTROL"]
    assert data.config["Logging"]["TargetBucket"] == "logs-bucket"
    assert data.place == "us-east-1"
    role = collected.one("aws.iam.role").config
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Action"] == "sts:AssumeRole"
    policy = collected.one("aws.iam.policy").config
    assert policy["PolicyVersionList"][0]["Document"]["Statement"][0]["Action"] == "bedrock:InvokeModel"
    assert collected.one("aws.iam.user").config["Groups"][0]["GroupName"] == "scientists"
    assert collected.one("aws.sagemaker.pipeline").config["PipelineDefinition"]["Steps"][0]["Name"] == "Train"


def test_what_is_not_set_is_absent_and_not_unread(collected: Collected) -> None:
    artifacts = next(asset for asset in collected.of("aws.s3.bucket") if asset.name == "artifacts")
    assert "Policy" not in artifacts.config
    assert artifacts.unread == ()


def test_tags_come_in_bulk(collected: Collected) -> None:
    assert dict(collected.one("aws.sagemaker.notebook_instance").tags) == {"owner": "ana"}
    data = next(asset for asset in collected.of("aws.s3.bucket") if asset.name == "data")
    assert dict(data.tags) == {"team": "vision"}


def test_an_unchanged_account_reads_the_same_again(aws: SimulatedAws, collected: Collected) -> None:
    again = {(asset.kind, asset.external_id): asset for asset in collect(aws).assets}
    changed = [asset.kind for asset in collected.assets if again[(asset.kind, asset.external_id)] != asset]
    assert changed == []


def test_the_call_counter_counts_what_the_account_saw(aws: SimulatedAws) -> None:
    seen = collect(aws)
    # One more than the scopes count: asking who we are.
    assert seen.calls + 1 == len(aws.calls)


def test_nothing_outside_the_chosen_regions_and_services_is_called(aws: SimulatedAws) -> None:
    seen = collect(aws, regions=["eu-central-1"], services=["sagemaker"])
    assert {served.region for served in aws.calls.all()} <= {"eu-central-1", "us-east-1"}
    assert {served.service for served in aws.calls.all() if served.region == "us-east-1"} <= {"iam", "sts"}
    assert {served.service for served in aws.calls.all()} == {
        "sagemaker",
        "iam",
        "sts",
        "resourcegroupstaggingapi",
        "kms",
    }
    assert all(outcome.state is ScopeState.COMPLETE for outcome in seen.outcomes.values())
    assert {asset.kind for asset in seen.assets} == {"aws.account", "aws.region"}


def test_resources_are_declared_once() -> None:
    assert len(BY_KIND) == len(RESOURCES)
