"""Bedrock: models in use, guardrails, invocation logging."""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Keep, Link, Resource, Single

NOT_HERE = ("ValidationException", "UnknownOperationException")
GONE = (Absent("ResourceNotFoundException"),)


def policy(arn: str) -> Detail:
    """The resource policy: who else may use it. Kinds that cannot have one say that the request is not valid."""
    return Detail(
        operation="get_resource_policy",
        parameters={"resourceArn": arn},
        into="ResourcePolicy",
        take="resourcePolicy",
        decode=True,
        absent=(*GONE, Absent("ValidationException")),
    )


RESOURCES = (
    Resource(
        kind="aws.bedrock.foundation_model",
        client="bedrock",
        each=Each("list_foundation_models", "modelSummaries"),
        identity="{modelArn}",
        name="{modelId}",
        keep=Keep(referenced=True),
        late=True,
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.custom_model",
        client="bedrock",
        each=Each("list_custom_models", "modelSummaries", {"isOwned": True}),
        identity="{modelArn}",
        name="{modelName}",
        detail=(
            Detail(
                operation="get_custom_model", parameters={"modelIdentifier": "modelArn"}, describes=True, absent=GONE
            ),
            policy("modelArn"),
        ),
        links=(
            Link("loads", "baseModelArn", "aws.bedrock.foundation_model", "foundation_model"),
            Link("reads_data", "trainingDataConfig.s3Uri", "aws.s3.bucket", "s3"),
            Link("reads_data", "validationDataConfig.validators[].s3Uri", "aws.s3.bucket", "s3"),
            Link("produces", "outputDataConfig.s3Uri", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "modelKmsKeyArn", "aws.kms.key", "kms"),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.provisioned_throughput",
        client="bedrock",
        each=Each("list_provisioned_model_throughputs", "provisionedModelSummaries"),
        identity="{provisionedModelArn}",
        name="{provisionedModelName}",
        links=(
            Link("serves", "modelArn", "", "model"),
            Link("serves", "foundationModelArn", "aws.bedrock.foundation_model", "foundation_model"),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.guardrail",
        client="bedrock",
        each=Each("list_guardrails", "guardrails"),
        identity="{arn}",
        name="{name}",
        detail=(
            Detail(
                operation="get_guardrail",
                parameters={"guardrailIdentifier": "id", "guardrailVersion": "=DRAFT"},
                describes=True,
                absent=GONE,
            ),
            policy("arn"),
        ),
        links=(Link("encrypted_by", "kmsKeyArn", "aws.kms.key", "kms"),),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.logging_configuration",
        client="bedrock",
        each=Single("get_model_invocation_logging_configuration"),
        identity="arn:{partition}:bedrock:{region}:{account}:logging-configuration",
        name="Invocation logging in {region}",
        links=(
            Link("logs_to", "loggingConfig.s3Config.bucketName", "aws.s3.bucket", "bucket"),
            Link(
                "logs_to",
                "loggingConfig.cloudWatchConfig.largeDataDeliveryS3Config.bucketName",
                "aws.s3.bucket",
                "bucket",
            ),
            Link("logs_to", "loggingConfig.cloudWatchConfig.logGroupName", "aws.logs.log_group", "log_group"),
            Link("uses_role", "loggingConfig.cloudWatchConfig.roleArn", "aws.iam.role", "role"),
        ),
        not_offered=NOT_HERE,
    ),
)
