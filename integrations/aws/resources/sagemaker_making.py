"""SageMaker: other ways in which models are made and prepared, read by window like training."""

from __future__ import annotations

from integrations.aws.resources.sagemaker import NOT_EVERYWHERE, describe
from integrations.aws.table import Each, Link, Resource, Window

TRAINING = "aws.sagemaker.training_job"
TUNED = ("TrainingJobDefinition", "TrainingJobDefinitions[]")


def tuned(type: str, path: str, kind: str, as_: str) -> tuple[Link, ...]:
    """The same link from the one training definition of a tuning job and from each of several."""
    return tuple(Link(type, f"{part}.{path}", kind, as_) for part in TUNED)


def group(path: str) -> Link:
    return Link("in_network", path, "aws.ec2.security_group", "security_group")


RESOURCES = (
    Resource(
        kind="aws.sagemaker.tuning_job",
        client="sagemaker",
        each=Each("list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobSummaries"),
        identity="{HyperParameterTuningJobArn}",
        name="{HyperParameterTuningJobName}",
        detail=(
            describe(
                "describe_hyper_parameter_tuning_job", "HyperParameterTuningJobName", "HyperParameterTuningJobName"
            ),
        ),
        links=(
            *tuned("uses_role", "RoleArn", "aws.iam.role", "role"),
            *tuned("runs_image", "AlgorithmSpecification.TrainingImage", "aws.ecr.image", "image"),
            *tuned("reads_data", "InputDataConfig[].DataSource.S3DataSource.S3Uri", "aws.s3.bucket", "s3"),
            *tuned("writes_data", "OutputDataConfig.S3OutputPath", "aws.s3.bucket", "s3"),
            *tuned("encrypted_by", "OutputDataConfig.KmsKeyId", "aws.kms.key", "kms"),
            *tuned("encrypted_by", "ResourceConfig.VolumeKmsKeyId", "aws.kms.key", "kms"),
            *tuned("in_network", "VpcConfig.SecurityGroupIds[]", "aws.ec2.security_group", "security_group"),
        ),
        tags="@",
        noise=("LastModifiedTime", "TrainingJobStatusCounters", "ObjectiveStatusCounters", "ConsumedResources"),
        window=Window("CreationTimeAfter", named=((TRAINING, "TuningJobArn"),)),
        after=("aws.ecr.image",),
    ),
    Resource(
        kind="aws.sagemaker.automl_job",
        client="sagemaker",
        each=Each("list_auto_ml_jobs", "AutoMLJobSummaries"),
        identity="{AutoMLJobArn}",
        name="{AutoMLJobName}",
        detail=(describe("describe_auto_ml_job_v2", "AutoMLJobName", "AutoMLJobName"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("reads_data", "AutoMLJobInputDataConfig[].DataSource.S3DataSource.S3Uri", "aws.s3.bucket", "s3"),
            Link("writes_data", "OutputDataConfig.S3OutputPath", "aws.s3.bucket", "s3"),
            Link("produces", "BestCandidate.InferenceContainers[].ModelDataUrl", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "OutputDataConfig.KmsKeyId", "aws.kms.key", "kms"),
            Link("encrypted_by", "SecurityConfig.VolumeKmsKeyId", "aws.kms.key", "kms"),
            group("SecurityConfig.VpcConfig.SecurityGroupIds[]"),
        ),
        tags="@",
        noise=("LastModifiedTime", "BestCandidate.LastModifiedTime"),
        window=Window("CreationTimeAfter", named=((TRAINING, "AutoMLJobArn"),)),
    ),
    Resource(
        kind="aws.sagemaker.compilation_job",
        client="sagemaker",
        each=Each("list_compilation_jobs", "CompilationJobSummaries"),
        identity="{CompilationJobArn}",
        name="{CompilationJobName}",
        detail=(describe("describe_compilation_job", "CompilationJobName", "CompilationJobName"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("loads", "InputConfig.S3Uri", "aws.s3.bucket", "s3"),
            Link("loads", "ModelPackageVersionArn", "aws.sagemaker.model_package"),
            Link("produces", "ModelArtifacts.S3ModelArtifacts", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "OutputConfig.KmsKeyId", "aws.kms.key", "kms"),
            group("VpcConfig.SecurityGroupIds[]"),
        ),
        tags="@",
        noise=("LastModifiedTime",),
        window=Window("CreationTimeAfter"),
    ),
    Resource(
        kind="aws.sagemaker.optimization_job",
        client="sagemaker",
        each=Each("list_optimization_jobs", "OptimizationJobSummaries"),
        not_offered=NOT_EVERYWHERE,
        identity="{OptimizationJobArn}",
        name="{OptimizationJobName}",
        detail=(describe("describe_optimization_job", "OptimizationJobName", "OptimizationJobName"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("loads", "ModelSource.S3.S3Uri", "aws.s3.bucket", "s3"),
            Link("loads", "ModelSource.SageMakerModel.ModelName", "aws.sagemaker.model", "arn:sagemaker:model/{lower}"),
            Link("produces", "OutputConfig.S3OutputLocation", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "OutputConfig.KmsKeyId", "aws.kms.key", "kms"),
            group("VpcConfig.SecurityGroupIds[]"),
        ),
        tags="@",
        noise=("LastModifiedTime",),
        window=Window("CreationTimeAfter"),
    ),
    Resource(
        kind="aws.sagemaker.hyperpod_cluster",
        client="sagemaker",
        each=Each("list_clusters", "ClusterSummaries"),
        not_offered=NOT_EVERYWHERE,
        identity="{ClusterArn}",
        name="{ClusterName}",
        detail=(describe("describe_cluster", "ClusterName", "ClusterName"),),
        links=(
            Link("uses_role", "InstanceGroups[].ExecutionRole", "aws.iam.role", "role"),
            Link("uses_role", "RestrictedInstanceGroups[].ExecutionRole", "aws.iam.role", "role"),
            Link("uses_role", "ClusterRole", "aws.iam.role", "role"),
            Link("loads", "InstanceGroups[].LifeCycleConfig.SourceS3Uri", "aws.s3.bucket", "s3"),
            Link("runs_as", "Orchestrator.Eks.ClusterArn", "aws.eks.cluster"),
            group("VpcConfig.SecurityGroupIds[]"),
            group("InstanceGroups[].OverrideVpcConfig.SecurityGroupIds[]"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.sagemaker.hyperpod_node",
        client="sagemaker",
        each=Each("list_cluster_nodes", "ClusterNodeSummaries", {"ClusterName": "ClusterArn"}),
        for_each=("aws.sagemaker.hyperpod_cluster",),
        carry={"ClusterArn": "ClusterArn"},
        identity="{ClusterArn}/node/{InstanceId}",
        name="{InstanceGroupName} {InstanceId}",
        links=(Link("part_of", "ClusterArn", "aws.sagemaker.hyperpod_cluster"),),
    ),
)
