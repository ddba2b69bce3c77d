"""SageMaker jobs: training, processing, batch transform. AWS keeps them for ever, so a window is read."""

from __future__ import annotations

from integrations.aws.resources.sagemaker import describe
from integrations.aws.table import Each, Link, Resource, Window

RESOURCES = (
    Resource(
        kind="aws.sagemaker.training_job",
        client="sagemaker",
        each=Each("list_training_jobs", "TrainingJobSummaries"),
        identity="{TrainingJobArn}",
        name="{TrainingJobName}",
        detail=(describe("describe_training_job", "TrainingJobName", "TrainingJobName"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("runs_image", "AlgorithmSpecification.TrainingImage", "aws.ecr.image", "image"),
            Link("reads_data", "InputDataConfig[].DataSource.S3DataSource.S3Uri", "aws.s3.bucket", "s3"),
            Link("produces", "ModelArtifacts.S3ModelArtifacts", "aws.s3.bucket", "s3"),
            Link("writes_data", "OutputDataConfig.S3OutputPath", "aws.s3.bucket", "s3"),
            Link("writes_data", "CheckpointConfig.S3Uri", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "OutputDataConfig.KmsKeyId", "aws.kms.key", "kms"),
            Link("encrypted_by", "ResourceConfig.VolumeKmsKeyId", "aws.kms.key", "kms"),
            Link("in_network", "VpcConfig.SecurityGroupIds[]", "aws.ec2.security_group", "security_group"),
        ),
        tags="@",
        noise=("LastModifiedTime", "SecondaryStatusTransitions", "ProfilingStatus", "FinalMetricDataList"),
        window=Window("CreationTimeAfter", recall="ModelArtifacts.S3ModelArtifacts"),
        after=("aws.ecr.image", "aws.sagemaker.model", "aws.sagemaker.model_package"),
    ),
    Resource(
        kind="aws.sagemaker.processing_job",
        client="sagemaker",
        each=Each("list_processing_jobs", "ProcessingJobSummaries"),
        identity="{ProcessingJobArn}",
        name="{ProcessingJobName}",
        detail=(describe("describe_processing_job", "ProcessingJobName", "ProcessingJobName"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("runs_image", "AppSpecification.ImageUri", "aws.ecr.image", "image"),
            Link("reads_data", "ProcessingInputs[].S3Input.S3Uri", "aws.s3.bucket", "s3"),
            Link("writes_data", "ProcessingOutputConfig.Outputs[].S3Output.S3Uri", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "ProcessingOutputConfig.KmsKeyId", "aws.kms.key", "kms"),
            Link("encrypted_by", "ProcessingResources.ClusterConfig.VolumeKmsKeyId", "aws.kms.key", "kms"),
            Link(
                "in_network", "NetworkConfig.VpcConfig.SecurityGroupIds[]", "aws.ec2.security_group", "security_group"
            ),
        ),
        tags="@",
        noise=("LastModifiedTime",),
        window=Window("CreationTimeAfter"),
        after=("aws.ecr.image",),
    ),
    Resource(
        kind="aws.sagemaker.transform_job",
        client="sagemaker",
        each=Each("list_transform_jobs", "TransformJobSummaries"),
        identity="{TransformJobArn}",
        name="{TransformJobName}",
        detail=(describe("describe_transform_job", "TransformJobName", "TransformJobName"),),
        links=(
            Link("serves", "ModelName", "aws.sagemaker.model", "arn:sagemaker:model/{lower}"),
            Link("reads_data", "TransformInput.DataSource.S3DataSource.S3Uri", "aws.s3.bucket", "s3"),
            Link("writes_data", "TransformOutput.S3OutputPath", "aws.s3.bucket", "s3"),
            Link("writes_data", "DataCaptureConfig.DestinationS3Uri", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "TransformOutput.KmsKeyId", "aws.kms.key", "kms"),
            Link("encrypted_by", "TransformResources.VolumeKmsKeyId", "aws.kms.key", "kms"),
        ),
        tags="@",
        noise=("LastModifiedTime",),
        window=Window("CreationTimeAfter"),
    ),
)
