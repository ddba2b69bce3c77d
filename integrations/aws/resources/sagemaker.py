"""SageMaker: what is built and served."""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Link, Resource

NO_SUCH = (
    Absent("ResourceNotFound"),
    Absent("ValidationException", "Could not find"),
    Absent("ValidationException", "does not exist"),
    Absent("ValidationException", "not found"),
    Absent("RecordNotFound"),
)
# How newer parts of SageMaker say that a region does not have them.
NOT_EVERYWHERE = ("ValidationException", "UnknownOperationException")
NO_POLICY = (
    Absent("ResourceNotFound"),
    Absent("ResourceNotFoundException"),
    Absent("ValidationException", "Cannot find resource policy"),
)


def describe(operation: str, member: str, path: str) -> Detail:
    return Detail(operation=operation, parameters={member: path}, describes=True, absent=NO_SUCH)


def containers(link: str, member: str, kind: str, as_: str) -> tuple[Link, ...]:
    """The same link from the one container of a model and from each of several."""
    return (Link(link, f"PrimaryContainer.{member}", kind, as_), Link(link, f"Containers[].{member}", kind, as_))


def inference(link: str, member: str, kind: str, as_: str) -> tuple[Link, ...]:
    """The same link from the containers of a model package."""
    return (Link(link, f"InferenceSpecification.Containers[].{member}", kind, as_),)


def file(address: str) -> Detail:
    """The names, times and hashes of the files at an address in S3; what is in them is not read."""
    return Detail(
        operation="list_objects_v2",
        client="s3",
        parameters={"Bucket": f"bucket:{{{address}}}", "Prefix": f"key:{{{address}}}", "MaxKeys": "=100"},
        into="Artifact",
        needs="KeyCount",
        when=(address, ()),
        absent=(Absent("NoSuchBucket"),),
    )


def loaded(container: str) -> str:
    """Where a container names the artifact that it loads."""
    return f"{container}.ModelDataUrl|{container}.ModelDataSource.S3DataSource.S3Uri"


RESOURCES = (
    Resource(
        kind="aws.sagemaker.domain",
        client="sagemaker",
        each=Each("list_domains", "Domains"),
        identity="{DomainArn}",
        name="{DomainName}",
        detail=(describe("describe_domain", "DomainId", "DomainId"),),
        links=(
            Link("uses_role", "DefaultUserSettings.ExecutionRole", "aws.iam.role", "role"),
            Link("uses_role", "DefaultSpaceSettings.ExecutionRole", "aws.iam.role", "role"),
            Link("encrypted_by", "KmsKeyId", "aws.kms.key", "kms"),
            Link("in_network", "DefaultUserSettings.SecurityGroups[]", "aws.ec2.security_group", "security_group"),
            Link("in_network", "DomainSettings.SecurityGroupIds[]", "aws.ec2.security_group", "security_group"),
            Link("stores_in", "DefaultUserSettings.SharingSettings.S3OutputPath", "aws.s3.bucket", "s3"),
        ),
        tags="@",
        noise=("LastModifiedTime", "Url"),
    ),
    Resource(
        kind="aws.sagemaker.notebook_lifecycle_config",
        client="sagemaker",
        each=Each("list_notebook_instance_lifecycle_configs", "NotebookInstanceLifecycleConfigs"),
        identity="{NotebookInstanceLifecycleConfigArn}",
        name="{NotebookInstanceLifecycleConfigName}",
        detail=(
            describe(
                "describe_notebook_instance_lifecycle_config",
                "NotebookInstanceLifecycleConfigName",
                "NotebookInstanceLifecycleConfigName",
            ),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.sagemaker.notebook_instance",
        client="sagemaker",
        each=Each("list_notebook_instances", "NotebookInstances"),
        identity="{NotebookInstanceArn}",
        name="{NotebookInstanceName}",
        detail=(describe("describe_notebook_instance", "NotebookInstanceName", "NotebookInstanceName"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("encrypted_by", "KmsKeyId", "aws.kms.key", "kms"),
            Link("in_network", "SecurityGroups[]", "aws.ec2.security_group", "security_group"),
            Link(
                "loads",
                "NotebookInstanceLifecycleConfigName",
                "aws.sagemaker.notebook_lifecycle_config",
                "arn:sagemaker:notebook-instance-lifecycle-config/{lower}",
            ),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.sagemaker.model",
        client="sagemaker",
        each=Each("list_models", "Models"),
        identity="{ModelArn}",
        name="{ModelName}",
        detail=(
            describe("describe_model", "ModelName", "ModelName"),
            file(f"{loaded('PrimaryContainer')}|{loaded('Containers[]')}"),
        ),
        links=(
            Link("uses_role", "ExecutionRoleArn", "aws.iam.role", "role"),
            *containers("runs_image", "Image", "aws.ecr.image", "image"),
            *containers("loads", "ModelDataUrl", "aws.s3.bucket", "artifact"),
            *containers("loads", "ModelDataSource.S3DataSource.S3Uri", "aws.s3.bucket", "artifact"),
            *containers("loads", "AdditionalModelDataSources[].S3DataSource.S3Uri", "aws.s3.bucket", "s3"),
            *containers(
                "loads", "ModelPackageName", "aws.sagemaker.model_package", "arn:sagemaker:model-package/{lower}"
            ),
            Link("in_network", "VpcConfig.SecurityGroupIds[]", "aws.ec2.security_group", "security_group"),
        ),
        tags="@",
        after=("aws.ecr.image",),
    ),
    Resource(
        kind="aws.sagemaker.model_package_group",
        client="sagemaker",
        each=Each("list_model_package_groups", "ModelPackageGroupSummaryList"),
        identity="{ModelPackageGroupArn}",
        name="{ModelPackageGroupName}",
        detail=(
            Detail(
                operation="get_model_package_group_policy",
                parameters={"ModelPackageGroupName": "ModelPackageGroupName"},
                into="ResourcePolicy",
                take="ResourcePolicy",
                decode=True,
                absent=NO_POLICY,
            ),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.sagemaker.model_package",
        client="sagemaker",
        each=Each("list_model_packages", "ModelPackageSummaryList", {"ModelPackageType": "=Both"}),
        identity="{ModelPackageArn}",
        name="{ModelPackageGroupName|ModelPackageName} {ModelPackageVersion|=}",
        detail=(
            describe("describe_model_package", "ModelPackageName", "ModelPackageArn"),
            file(loaded("InferenceSpecification.Containers[]")),
        ),
        links=(
            Link(
                "part_of",
                "ModelPackageGroupName",
                "aws.sagemaker.model_package_group",
                "arn:sagemaker:model-package-group/{lower}",
            ),
            *inference("runs_image", "Image", "aws.ecr.image", "image"),
            *inference("loads", "ModelDataUrl", "aws.s3.bucket", "artifact"),
            *inference("loads", "ModelDataSource.S3DataSource.S3Uri", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "SecurityConfig.KmsKeyId", "aws.kms.key", "kms"),
        ),
        tags="@",
        after=("aws.ecr.image",),
    ),
    Resource(
        kind="aws.sagemaker.endpoint_config",
        client="sagemaker",
        each=Each("list_endpoint_configs", "EndpointConfigs"),
        identity="{EndpointConfigArn}",
        name="{EndpointConfigName}",
        detail=(describe("describe_endpoint_config", "EndpointConfigName", "EndpointConfigName"),),
        links=(
            Link("serves", "ProductionVariants[].ModelName", "aws.sagemaker.model", "arn:sagemaker:model/{lower}"),
            Link(
                "serves", "ShadowProductionVariants[].ModelName", "aws.sagemaker.model", "arn:sagemaker:model/{lower}"
            ),
            Link("encrypted_by", "KmsKeyId", "aws.kms.key", "kms"),
            Link("uses_role", "ExecutionRoleArn", "aws.iam.role", "role"),
            Link("writes_data", "DataCaptureConfig.DestinationS3Uri", "aws.s3.bucket", "s3"),
            Link("writes_data", "AsyncInferenceConfig.OutputConfig.S3OutputPath", "aws.s3.bucket", "s3"),
            Link("in_network", "VpcConfig.SecurityGroupIds[]", "aws.ec2.security_group", "security_group"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.sagemaker.endpoint",
        client="sagemaker",
        each=Each("list_endpoints", "Endpoints"),
        identity="{EndpointArn}",
        name="{EndpointName}",
        detail=(
            describe("describe_endpoint", "EndpointName", "EndpointName"),
            Detail(
                operation="get_endpoint_policy",
                parameters={"EndpointName": "EndpointName"},
                into="ResourcePolicy",
                take="ResourcePolicy",
                decode=True,
                absent=(*NO_POLICY, Absent("ValidationException")),
            ),
        ),
        links=(
            Link(
                "serves",
                "EndpointConfigName",
                "aws.sagemaker.endpoint_config",
                "arn:sagemaker:endpoint-config/{lower}",
            ),
            Link("runs_image", "ProductionVariants[].DeployedImages[].ResolvedImage", "aws.ecr.image", "image"),
            Link("logs_to", "DataCaptureConfig.DestinationS3Uri", "aws.s3.bucket", "s3"),
        ),
        tags="@",
        after=("aws.ecr.image",),
    ),
    Resource(
        kind="aws.sagemaker.pipeline",
        client="sagemaker",
        each=Each("list_pipelines", "PipelineSummaries"),
        identity="{PipelineArn}",
        name="{PipelineName}",
        detail=(describe("describe_pipeline", "PipelineName", "PipelineName"),),
        links=(Link("uses_role", "RoleArn", "aws.iam.role", "role"),),
        tags="@",
        noise=("LastExecutionTime", "LastRunTime"),
        decode=("PipelineDefinition",),
    ),
    Resource(
        kind="aws.sagemaker.feature_group",
        client="sagemaker",
        each=Each("list_feature_groups", "FeatureGroupSummaries"),
        identity="{FeatureGroupArn}",
        name="{FeatureGroupName}",
        detail=(describe("describe_feature_group", "FeatureGroupName", "FeatureGroupName"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("stores_in", "OfflineStoreConfig.S3StorageConfig.S3Uri", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "OfflineStoreConfig.S3StorageConfig.KmsKeyId", "aws.kms.key", "kms"),
            Link("encrypted_by", "OnlineStoreConfig.SecurityConfig.KmsKeyId", "aws.kms.key", "kms"),
        ),
        tags="@",
        noise=("OnlineStoreTotalSizeBytes",),
    ),
)
