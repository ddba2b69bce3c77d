"""Bedrock: models that were brought or tuned, how they came about, and the ways in which models are called."""

from __future__ import annotations

from integrations.aws.resources.bedrock import GONE, NOT_HERE, policy
from integrations.aws.table import Detail, Each, Keep, Link, Resource, Window

FOUNDATION = "aws.bedrock.foundation_model"
IMPORTED = "aws.bedrock.imported_model"
SINCE = Window("creationTimeAfter")


def get(operation: str, member: str, path: str) -> Detail:
    return Detail(operation=operation, parameters={member: path}, describes=True, absent=GONE)


def group(path: str) -> Link:
    return Link("in_network", path, "aws.ec2.security_group", "security_group")


RESOURCES = (
    Resource(
        kind=IMPORTED,
        client="bedrock",
        each=Each("list_imported_models", "modelSummaries"),
        identity="{modelArn}",
        name="{modelName}",
        detail=(get("get_imported_model", "modelIdentifier", "modelArn"), policy("modelArn")),
        links=(
            Link("loads", "modelDataSource.s3DataSource.s3Uri", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "modelKmsKeyArn", "aws.kms.key", "kms"),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.model_import_job",
        client="bedrock",
        each=Each("list_model_import_jobs", "modelImportJobSummaries"),
        identity="{jobArn}",
        name="{jobName}",
        detail=(get("get_model_import_job", "jobIdentifier", "jobArn"),),
        links=(
            Link("uses_role", "roleArn", "aws.iam.role", "role"),
            Link("reads_data", "modelDataSource.s3DataSource.s3Uri", "aws.s3.bucket", "s3"),
            Link("produces", "importedModelArn", IMPORTED),
            Link("encrypted_by", "importedModelKmsKeyArn", "aws.kms.key", "kms"),
            group("vpcConfig.securityGroupIds[]"),
        ),
        tags="@",
        noise=("lastModifiedTime",),
        window=Window("creationTimeAfter", named=((IMPORTED, "jobArn"),)),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.model_copy_job",
        client="bedrock",
        each=Each("list_model_copy_jobs", "modelCopyJobSummaries"),
        identity="{jobArn}",
        name="{targetModelName|sourceModelName|jobArn}",
        links=(
            Link("loads", "sourceModelArn"),
            Link("produces", "targetModelArn"),
            Link("encrypted_by", "targetModelKmsKeyArn", "aws.kms.key", "kms"),
        ),
        window=SINCE,
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.customization_job",
        client="bedrock",
        each=Each("list_model_customization_jobs", "modelCustomizationJobSummaries"),
        identity="{jobArn}",
        name="{jobName}",
        detail=(get("get_model_customization_job", "jobIdentifier", "jobArn"),),
        links=(
            Link("uses_role", "roleArn", "aws.iam.role", "role"),
            Link("loads", "baseModelArn", FOUNDATION, "foundation_model"),
            Link("reads_data", "trainingDataConfig.s3Uri", "aws.s3.bucket", "s3"),
            Link(
                "reads_data", "trainingDataConfig.invocationLogsConfig.invocationLogSource.s3Uri", "aws.s3.bucket", "s3"
            ),
            Link("reads_data", "validationDataConfig.validators[].s3Uri", "aws.s3.bucket", "s3"),
            Link("writes_data", "outputDataConfig.s3Uri", "aws.s3.bucket", "s3"),
            Link("produces", "outputModelArn", "aws.bedrock.custom_model"),
            Link("encrypted_by", "outputModelKmsKeyArn", "aws.kms.key", "kms"),
            group("vpcConfig.securityGroupIds[]"),
        ),
        tags="@",
        noise=("lastModifiedTime", "statusDetails"),
        window=Window("creationTimeAfter", named=(("aws.bedrock.custom_model", "jobArn"),)),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.custom_model_deployment",
        client="bedrock",
        each=Each("list_custom_model_deployments", "modelDeploymentSummaries"),
        given=("aws.bedrock.custom_model",),
        identity="{customModelDeploymentArn}",
        name="{customModelDeploymentName}",
        links=(Link("serves", "modelArn", "aws.bedrock.custom_model"),),
        tags="@",
        noise=("lastUpdatedAt",),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.evaluation_job",
        client="bedrock",
        each=Each("list_evaluation_jobs", "jobSummaries"),
        identity="{jobArn}",
        name="{jobName}",
        detail=(get("get_evaluation_job", "jobIdentifier", "jobArn"),),
        links=(
            Link("uses_role", "roleArn", "aws.iam.role", "role"),
            Link("writes_data", "outputDataConfig.s3Uri", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "customerEncryptionKeyId", "aws.kms.key", "kms"),
            Link("reads_data", "modelIdentifiers[]", "", "model"),
            Link(
                "delegates_to",
                "evaluationConfig.human.humanWorkflowConfig.flowDefinitionArn",
                "aws.sagemaker.flow_definition",
            ),
        ),
        tags="@",
        noise=("lastModifiedTime",),
        window=SINCE,
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.batch_job",
        client="bedrock",
        each=Each("list_model_invocation_jobs", "invocationJobSummaries"),
        identity="{jobArn}",
        name="{jobName}",
        links=(
            Link("uses_role", "roleArn", "aws.iam.role", "role"),
            Link("loads", "modelId", "", "model"),
            Link("reads_data", "inputDataConfig.s3InputDataConfig.s3Uri", "aws.s3.bucket", "s3"),
            Link("writes_data", "outputDataConfig.s3OutputDataConfig.s3Uri", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "outputDataConfig.s3OutputDataConfig.s3EncryptionKeyId", "aws.kms.key", "kms"),
            group("vpcConfig.securityGroupIds[]"),
        ),
        tags="@",
        noise=(
            "lastModifiedTime",
            "totalRecordCount",
            "processedRecordCount",
            "successRecordCount",
            "errorRecordCount",
        ),
        window=Window("submitTimeAfter"),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.inference_profile",
        client="bedrock",
        each=Each("list_inference_profiles", "inferenceProfileSummaries"),
        identity="{inferenceProfileArn}",
        name="{inferenceProfileName}",
        # The profiles of AWS are a catalogue; a model named by one of them is the asset.
        keep=Keep(matching=(("type", "^APPLICATION$"),)),
        links=(Link("serves", "models[].modelArn", FOUNDATION, "foundation_model"),),
        tags="@",
        noise=("updatedAt",),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.prompt_router",
        client="bedrock",
        each=Each("list_prompt_routers", "promptRouterSummaries", {"type": "=custom"}),
        identity="{promptRouterArn}",
        name="{promptRouterName}",
        links=(
            Link("serves", "models[].modelArn", FOUNDATION, "foundation_model"),
            Link("serves", "fallbackModel.modelArn", FOUNDATION, "foundation_model"),
        ),
        tags="@",
        noise=("updatedAt",),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.marketplace_endpoint",
        client="bedrock",
        each=Each("list_marketplace_model_endpoints", "marketplaceModelEndpoints"),
        given=("aws.sagemaker.endpoint",),
        identity="{endpointArn}",
        name="{endpointArn}",
        detail=(
            Detail(
                operation="get_marketplace_model_endpoint",
                parameters={"endpointArn": "endpointArn"},
                take="marketplaceModelEndpoint",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("part_of", "endpointArn", "aws.sagemaker.endpoint"),
            Link("uses_role", "endpointConfig.sageMaker.executionRole", "aws.iam.role", "role"),
            Link("encrypted_by", "endpointConfig.sageMaker.kmsEncryptionKey", "aws.kms.key", "kms"),
            group("endpointConfig.sageMaker.vpc.securityGroupIds[]"),
        ),
        noise=("updatedAt",),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.data_automation_project",
        client="bedrock-data-automation",
        each=Each("list_data_automation_projects", "projects"),
        identity="{projectArn}",
        name="{projectName|projectArn}",
        detail=(
            Detail(
                operation="get_data_automation_project",
                parameters={"projectArn": "projectArn", "projectStage": "projectStage"},
                take="project",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(Link("encrypted_by", "kmsKeyId", "aws.kms.key", "kms"),),
        tags="@",
        noise=("lastModifiedTime",),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.blueprint",
        client="bedrock-data-automation",
        each=Each("list_blueprints", "blueprints", {"resourceOwner": "=ACCOUNT"}),
        identity="{blueprintArn}",
        name="{blueprintName|blueprintArn}",
        tags="@",
        noise=("lastModifiedTime",),
        not_offered=NOT_HERE,
    ),
)
