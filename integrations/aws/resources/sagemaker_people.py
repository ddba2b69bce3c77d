"""SageMaker: data that people label and answers that people review."""

from __future__ import annotations

from integrations.aws.resources.sagemaker import describe
from integrations.aws.table import Each, Link, Resource, Window

WORKFORCE, WORKTEAM = "aws.sagemaker.workforce", "aws.sagemaker.workteam"
# Teams and functions of labelling are often those of AWS or of a vendor: links to them name no kind.

RESOURCES = (
    Resource(
        kind=WORKFORCE,
        client="sagemaker",
        each=Each("list_workforces", "Workforces"),
        identity="{WorkforceArn}",
        name="{WorkforceName}",
        links=(
            Link("in_network", "WorkforceVpcConfig.SecurityGroupIds[]", "aws.ec2.security_group", "security_group"),
        ),
        tags="@",
        noise=("LastUpdatedDate",),
    ),
    Resource(
        kind=WORKTEAM,
        client="sagemaker",
        each=Each("list_workteams", "Workteams"),
        given=(WORKFORCE,),
        identity="{WorkteamArn}",
        name="{WorkteamName}",
        links=(Link("part_of", "WorkforceArn", WORKFORCE),),
        tags="@",
        noise=("LastUpdatedDate",),
    ),
    Resource(
        kind="aws.sagemaker.labeling_job",
        client="sagemaker",
        each=Each("list_labeling_jobs", "LabelingJobSummaryList"),
        identity="{LabelingJobArn}",
        name="{LabelingJobName}",
        detail=(describe("describe_labeling_job", "LabelingJobName", "LabelingJobName"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("reads_data", "InputConfig.DataSource.S3DataSource.ManifestS3Uri", "aws.s3.bucket", "s3"),
            Link("writes_data", "OutputConfig.S3OutputPath", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "OutputConfig.KmsKeyId", "aws.kms.key", "kms"),
            Link("delegates_to", "HumanTaskConfig.WorkteamArn"),
            Link("has_tool", "HumanTaskConfig.PreHumanTaskLambdaArn"),
        ),
        tags="@",
        noise=("LastModifiedTime", "LabelCounters"),
        window=Window("CreationTimeAfter", named=(("aws.sagemaker.training_job", "LabelingJobArn"),)),
    ),
    Resource(
        kind="aws.sagemaker.flow_definition",
        client="sagemaker",
        each=Each("list_flow_definitions", "FlowDefinitionSummaries"),
        identity="{FlowDefinitionArn}",
        name="{FlowDefinitionName}",
        detail=(describe("describe_flow_definition", "FlowDefinitionName", "FlowDefinitionName"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("writes_data", "OutputConfig.S3OutputPath", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "OutputConfig.KmsKeyId", "aws.kms.key", "kms"),
            Link("delegates_to", "HumanLoopConfig.WorkteamArn"),
        ),
        tags="@",
    ),
)
