"""Reads a simulated account by plain boto3: every list, and the details of everything listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.aws import SimulatedAws

NO_ANSWER = {
    "NoSuchBucketPolicy",
    "ResourceNotFoundException",
    "RepositoryPolicyNotFoundException",
    "ScanNotFoundException",
    "ValidationException",
}


@dataclass(frozen=True)
class Kind:
    """A list operation and the details of each row: operation → {parameter: member of the row}."""

    client: str
    listing: str
    result: str
    details: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    bare: str = ""
    once: bool = False


def _describe(noun: str, name: str = "") -> dict[str, dict[str, str]]:
    return {f"describe_{noun}": {name: name}}


BUCKET_DETAILS = (
    "get_bucket_encryption",
    "get_bucket_policy",
    "get_public_access_block",
    "get_bucket_versioning",
    "get_bucket_logging",
    "get_bucket_ownership_controls",
)
KINDS = (
    Kind("sagemaker", "list_domains", "Domains", {"describe_domain": {"DomainId": "DomainId"}}),
    Kind(
        "sagemaker",
        "list_notebook_instances",
        "NotebookInstances",
        _describe("notebook_instance", "NotebookInstanceName"),
    ),
    Kind(
        "sagemaker",
        "list_notebook_instance_lifecycle_configs",
        "NotebookInstanceLifecycleConfigs",
        _describe("notebook_instance_lifecycle_config", "NotebookInstanceLifecycleConfigName"),
    ),
    Kind("sagemaker", "list_models", "Models", _describe("model", "ModelName")),
    Kind(
        "sagemaker",
        "list_model_package_groups",
        "ModelPackageGroupSummaryList",
        {"get_model_package_group_policy": {"ModelPackageGroupName": "ModelPackageGroupName"}},
    ),
    Kind("sagemaker", "list_endpoint_configs", "EndpointConfigs", _describe("endpoint_config", "EndpointConfigName")),
    Kind("sagemaker", "list_endpoints", "Endpoints", _describe("endpoint", "EndpointName")),
    Kind("sagemaker", "list_training_jobs", "TrainingJobSummaries", _describe("training_job", "TrainingJobName")),
    Kind(
        "sagemaker", "list_processing_jobs", "ProcessingJobSummaries", _describe("processing_job", "ProcessingJobName")
    ),
    Kind("sagemaker", "list_transform_jobs", "TransformJobSummaries", _describe("transform_job", "TransformJobName")),
    Kind("sagemaker", "list_pipelines", "PipelineSummaries", _describe("pipeline", "PipelineName")),
    Kind("sagemaker", "list_feature_groups", "FeatureGroupSummaries", _describe("feature_group", "FeatureGroupName")),
    Kind(
        "bedrock", "list_foundation_models", "modelSummaries", {"get_foundation_model": {"modelIdentifier": "modelId"}}
    ),
    Kind("bedrock", "list_custom_models", "modelSummaries", {"get_custom_model": {"modelIdentifier": "modelArn"}}),
    Kind(
        "bedrock",
        "list_provisioned_model_throughputs",
        "provisionedModelSummaries",
        {"get_provisioned_model_throughput": {"provisionedModelId": "provisionedModelArn"}},
    ),
    Kind("bedrock", "list_guardrails", "guardrails", {"get_guardrail": {"guardrailIdentifier": "arn"}}),
    Kind(
        "bedrock-agent",
        "list_agents",
        "agentSummaries",
        {
            "get_agent": {"agentId": "agentId"},
            "list_agent_aliases": {"agentId": "agentId"},
            "list_agent_versions": {"agentId": "agentId"},
        },
    ),
    Kind(
        "bedrock-agent",
        "list_knowledge_bases",
        "knowledgeBaseSummaries",
        {
            "get_knowledge_base": {"knowledgeBaseId": "knowledgeBaseId"},
            "list_data_sources": {"knowledgeBaseId": "knowledgeBaseId"},
        },
    ),
    Kind("ec2", "describe_instances", "Reservations"),
    Kind("ec2", "describe_security_groups", "SecurityGroups"),
    Kind("ec2", "describe_vpc_endpoints", "VpcEndpoints"),
    Kind(
        "lambda",
        "list_functions",
        "Functions",
        {"get_policy": {"FunctionName": "FunctionName"}, "list_function_url_configs": {"FunctionName": "FunctionName"}},
    ),
    Kind("eks", "list_clusters", "clusters", {"describe_cluster": {"name": "_"}}, bare="_"),
    Kind("ecs", "list_clusters", "clusterArns", {"list_services": {"cluster": "_"}}, bare="_"),
    Kind(
        "ecs",
        "list_task_definitions",
        "taskDefinitionArns",
        {"describe_task_definition": {"taskDefinition": "_"}},
        bare="_",
    ),
    Kind(
        "kms",
        "list_keys",
        "Keys",
        {
            "describe_key": {"KeyId": "KeyId"},
            "get_key_policy": {"KeyId": "KeyId"},
            "get_key_rotation_status": {"KeyId": "KeyId"},
        },
    ),
    Kind("kms", "list_aliases", "Aliases"),
    Kind("secretsmanager", "list_secrets", "SecretList", {"describe_secret": {"SecretId": "ARN"}}),
    Kind(
        "ecr",
        "describe_repositories",
        "repositories",
        {
            "describe_images": {"repositoryName": "repositoryName"},
            "get_repository_policy": {"repositoryName": "repositoryName"},
        },
    ),
    Kind(
        "cloudtrail",
        "describe_trails",
        "trailList",
        {"get_event_selectors": {"TrailName": "TrailARN"}, "get_trail_status": {"Name": "TrailARN"}},
        {"includeShadowTrails": False},
    ),
    Kind("logs", "describe_log_groups", "logGroups"),
    Kind("cloudwatch", "describe_alarms", "MetricAlarms"),
    Kind(
        "guardduty",
        "list_detectors",
        "DetectorIds",
        {"get_detector": {"DetectorId": "_"}, "list_findings": {"DetectorId": "_"}},
        bare="_",
    ),
    Kind("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList"),
    Kind(
        "s3",
        "list_buckets",
        "Buckets",
        {name: {"Bucket": "Name"} for name in BUCKET_DETAILS},
        once=True,
    ),
    Kind("iam", "get_account_authorization_details", "RoleDetailList", once=True),
    Kind("iam", "get_account_authorization_details", "UserDetailList", once=True),
    Kind("iam", "get_account_authorization_details", "Policies", once=True),
)


def read_everything(aws: SimulatedAws, region: str, once: bool = True) -> dict[str, list[Any]]:
    """`client.operation.result` → rows, each with the answers of its detail calls."""
    read: dict[str, list[Any]] = {}
    for kind in KINDS:
        if kind.once and not once:
            continue
        client = aws.client(kind.client, region)
        read[f"{kind.client}.{kind.listing}.{kind.result}"] = [
            {"row": row, **{name: _ask(client, name, _row(kind, row), names) for name, names in kind.details.items()}}
            for row in rows(client, kind.listing, kind.result, **kind.parameters)
        ]
    return read


def rows(client: Any, listing: str, result: str, **parameters: Any) -> Iterator[Any]:
    """Every row of every page."""
    if client.can_paginate(listing):
        for page in client.get_paginator(listing).paginate(**parameters):
            yield from page[result]
    else:
        yield from getattr(client, listing)(**parameters)[result]


def _row(kind: Kind, row: Any) -> Mapping[str, Any]:
    return {kind.bare: row} if kind.bare else row


def _ask(client: Any, operation: str, row: Mapping[str, Any], names: Mapping[str, str]) -> Any:
    try:
        answer = getattr(client, operation)(**{parameter: row[member] for parameter, member in names.items()})
    except client.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in NO_ANSWER:
            raise
        return code
    answer.pop("ResponseMetadata")
    return answer
