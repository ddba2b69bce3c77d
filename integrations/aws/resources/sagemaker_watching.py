"""SageMaker: what serves beside plain models, and what watches over the answers."""

from __future__ import annotations

from integrations.aws.resources.sagemaker import NOT_EVERYWHERE, describe
from integrations.aws.table import Each, Link, Resource

ENDPOINT = "aws.sagemaker.endpoint"
SCHEDULE = "aws.sagemaker.monitoring_schedule"
TO_ENDPOINT = "arn:sagemaker:endpoint/{lower}"
TO_MODEL = "arn:sagemaker:model/{lower}"
MONITOR_PARTS = ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")


def definition(noun: str, part: str) -> Resource:
    """One of the four kinds of monitoring job definitions: they differ in the names of their parts."""
    inside = f"{part}JobInput"
    return Resource(
        kind=f"aws.sagemaker.{noun}_job_definition",
        client="sagemaker",
        each=Each(f"list_{noun}_job_definitions", "JobDefinitionSummaries"),
        given=(SCHEDULE,),
        identity="{MonitoringJobDefinitionArn}",
        name="{MonitoringJobDefinitionName}",
        detail=(describe(f"describe_{noun}_job_definition", "JobDefinitionName", "MonitoringJobDefinitionName"),),
        links=(
            Link("part_of", f"{inside}.EndpointInput.EndpointName", ENDPOINT, TO_ENDPOINT),
            Link("reads_data", f"{inside}.BatchTransformInput.DataCapturedDestinationS3Uri", "aws.s3.bucket", "s3"),
            Link(
                "writes_data",
                f"{part}JobOutputConfig.MonitoringOutputs[].S3Output.S3Uri",
                "aws.s3.bucket",
                "s3",
            ),
            Link("encrypted_by", f"{part}JobOutputConfig.KmsKeyId", "aws.kms.key", "kms"),
            Link("encrypted_by", "JobResources.ClusterConfig.VolumeKmsKeyId", "aws.kms.key", "kms"),
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link(
                "in_network", "NetworkConfig.VpcConfig.SecurityGroupIds[]", "aws.ec2.security_group", "security_group"
            ),
        ),
        tags="@",
    )


INLINE = "MonitoringScheduleConfig.MonitoringJobDefinition"
RESOURCES = (
    Resource(
        kind="aws.sagemaker.inference_component",
        client="sagemaker",
        each=Each("list_inference_components", "InferenceComponents"),
        given=(ENDPOINT,),
        identity="{InferenceComponentArn}",
        name="{InferenceComponentName}",
        detail=(describe("describe_inference_component", "InferenceComponentName", "InferenceComponentName"),),
        links=(
            Link("part_of", "EndpointArn", ENDPOINT),
            Link("serves", "Specification.ModelName", "aws.sagemaker.model", TO_MODEL),
            Link("loads", "Specification.Container.ArtifactUrl", "aws.s3.bucket", "artifact"),
            Link("runs_image", "Specification.Container.DeployedImage.ResolvedImage", "aws.ecr.image", "image"),
        ),
        tags="@",
        noise=("LastModifiedTime", "RuntimeConfig.CurrentCopyCount"),
        after=("aws.ecr.image",),
    ),
    Resource(
        kind="aws.sagemaker.inference_experiment",
        client="sagemaker",
        each=Each("list_inference_experiments", "InferenceExperiments"),
        given=(ENDPOINT,),
        not_offered=NOT_EVERYWHERE,
        identity="arn:{partition}:sagemaker:{region}:{account}:inference-experiment/{Name}",
        name="{Name}",
        detail=(describe("describe_inference_experiment", "Name", "Name"),),
        links=(
            Link("part_of", "EndpointMetadata.EndpointName", ENDPOINT, TO_ENDPOINT),
            Link("serves", "ModelVariants[].ModelName", "aws.sagemaker.model", TO_MODEL),
            Link("writes_data", "DataStorageConfig.Destination", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "KmsKey", "aws.kms.key", "kms"),
            Link("encrypted_by", "DataStorageConfig.KmsKey", "aws.kms.key", "kms"),
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
        ),
        tags="@",
        noise=("LastModifiedTime",),
    ),
    Resource(
        kind=SCHEDULE,
        client="sagemaker",
        each=Each("list_monitoring_schedules", "MonitoringScheduleSummaries"),
        identity="{MonitoringScheduleArn}",
        name="{MonitoringScheduleName}",
        detail=(describe("describe_monitoring_schedule", "MonitoringScheduleName", "MonitoringScheduleName"),),
        links=(
            Link("part_of", "EndpointName", ENDPOINT, TO_ENDPOINT),
            Link("uses_role", f"{INLINE}.RoleArn", "aws.iam.role", "role"),
            Link(
                "writes_data",
                f"{INLINE}.MonitoringOutputConfig.MonitoringOutputs[].S3Output.S3Uri",
                "aws.s3.bucket",
                "s3",
            ),
            Link("encrypted_by", f"{INLINE}.MonitoringOutputConfig.KmsKeyId", "aws.kms.key", "kms"),
        ),
        tags="@",
        noise=(
            "LastModifiedTime",
            "LastMonitoringExecutionSummary.LastModifiedTime",
            "LastMonitoringExecutionSummary.CreationTime",
            "LastMonitoringExecutionSummary.ScheduledTime",
            "LastMonitoringExecutionSummary.ProcessingJobArn",
        ),
    ),
    definition("data_quality", "DataQuality"),
    definition("model_quality", "ModelQuality"),
    definition("model_bias", "ModelBias"),
    definition("model_explainability", "ModelExplainability"),
)
