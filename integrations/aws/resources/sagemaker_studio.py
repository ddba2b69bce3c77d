"""SageMaker Studio: who works in a domain, in which rooms, with which images, scripts and repositories."""

from __future__ import annotations

from integrations.aws.resources.sagemaker import NO_SUCH, NOT_EVERYWHERE, describe
from integrations.aws.table import Absent, Detail, Each, Link, Resource

DOMAIN = "aws.sagemaker.domain"
IN_DOMAIN = Link("part_of", "DomainId", DOMAIN, "arn:sagemaker:domain/{}")
OF_DOMAIN = {"DomainIdEquals": "DomainId"}
SCRIPT = "aws.sagemaker.studio_lifecycle_config"

RESOURCES = (
    Resource(
        kind="aws.sagemaker.user_profile",
        client="sagemaker",
        each=Each("list_user_profiles", "UserProfiles", OF_DOMAIN),
        for_each=(DOMAIN,),
        carry={"DomainId": "DomainId"},
        identity="arn:{partition}:sagemaker:{region}:{account}:user-profile/{DomainId}/{UserProfileName}",
        name="{UserProfileName}",
        detail=(
            Detail(
                operation="describe_user_profile",
                parameters={"DomainId": "DomainId", "UserProfileName": "UserProfileName"},
                describes=True,
                absent=NO_SUCH,
            ),
        ),
        links=(
            IN_DOMAIN,
            Link("uses_role", "UserSettings.ExecutionRole", "aws.iam.role", "role"),
            Link("in_network", "UserSettings.SecurityGroups[]", "aws.ec2.security_group", "security_group"),
            Link("stores_in", "UserSettings.SharingSettings.S3OutputPath", "aws.s3.bucket", "s3"),
            Link("loads", "UserSettings.JupyterLabAppSettings.LifecycleConfigArns[]", SCRIPT),
            Link("loads", "UserSettings.JupyterServerAppSettings.LifecycleConfigArns[]", SCRIPT),
            Link("loads", "UserSettings.KernelGatewayAppSettings.LifecycleConfigArns[]", SCRIPT),
            Link("loads", "UserSettings.CodeEditorAppSettings.LifecycleConfigArns[]", SCRIPT),
        ),
        tags="@",
        noise=("LastModifiedTime", "HomeEfsFileSystemUid"),
    ),
    Resource(
        kind="aws.sagemaker.space",
        client="sagemaker",
        each=Each("list_spaces", "Spaces", OF_DOMAIN),
        for_each=(DOMAIN,),
        carry={"DomainId": "DomainId"},
        identity="arn:{partition}:sagemaker:{region}:{account}:space/{DomainId}/{SpaceName}",
        name="{SpaceName}",
        links=(
            IN_DOMAIN,
            Link(
                "part_of",
                "OwnershipSettingsSummary.OwnerUserProfileName",
                "aws.sagemaker.user_profile",
                "arn:sagemaker:user-profile/{DomainId}/{}",
            ),
        ),
        tags="@",
        noise=("LastModifiedTime",),
    ),
    Resource(
        kind="aws.sagemaker.app",
        client="sagemaker",
        each=Each("list_apps", "Apps", OF_DOMAIN),
        for_each=(DOMAIN,),
        carry={"DomainId": "DomainId"},
        identity="arn:{partition}:sagemaker:{region}:{account}:app/{DomainId}/{SpaceName|UserProfileName}/{AppType}/{AppName}",
        name="{SpaceName|UserProfileName} {AppType}",
        links=(
            IN_DOMAIN,
            Link("part_of", "SpaceName", "aws.sagemaker.space", "arn:sagemaker:space/{DomainId}/{}"),
            Link(
                "part_of", "UserProfileName", "aws.sagemaker.user_profile", "arn:sagemaker:user-profile/{DomainId}/{}"
            ),
            Link("runs_image", "ResourceSpec.SageMakerImageArn"),
            Link("loads", "ResourceSpec.LifecycleConfigArn", SCRIPT),
        ),
    ),
    Resource(
        kind=SCRIPT,
        client="sagemaker",
        each=Each("list_studio_lifecycle_configs", "StudioLifecycleConfigs"),
        given=(DOMAIN,),
        identity="{StudioLifecycleConfigArn}",
        name="{StudioLifecycleConfigName}",
        detail=(
            describe("describe_studio_lifecycle_config", "StudioLifecycleConfigName", "StudioLifecycleConfigName"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.sagemaker.image",
        client="sagemaker",
        each=Each("list_images", "Images"),
        given=(DOMAIN,),
        identity="{ImageArn}",
        name="{ImageName}",
        detail=(
            Detail(
                operation="describe_image_version",
                parameters={"ImageName": "ImageName"},
                into="LatestVersion",
                absent=(*NO_SUCH, Absent("ResourceNotFoundException")),
            ),
        ),
        links=(Link("runs_image", "LatestVersion.BaseImage", "aws.ecr.image", "image"),),
        tags="@",
        noise=("LastModifiedTime", "LatestVersion.LastModifiedTime"),
        after=("aws.ecr.image",),
    ),
    Resource(
        kind="aws.sagemaker.image_version",
        client="sagemaker",
        each=Each("list_image_versions", "ImageVersions", {"ImageName": "ImageName"}),
        for_each=("aws.sagemaker.image",),
        carry={"ImageName": "ImageName"},
        identity="{ImageVersionArn}",
        name="{ImageName} {Version}",
        links=(Link("part_of", "ImageArn", "aws.sagemaker.image"),),
        noise=("LastModifiedTime",),
    ),
    Resource(
        kind="aws.sagemaker.app_image_config",
        client="sagemaker",
        each=Each("list_app_image_configs", "AppImageConfigs"),
        given=(DOMAIN,),
        identity="{AppImageConfigArn}",
        name="{AppImageConfigName}",
        tags="@",
        noise=("LastModifiedTime",),
    ),
    Resource(
        kind="aws.sagemaker.code_repository",
        client="sagemaker",
        each=Each("list_code_repositories", "CodeRepositorySummaryList"),
        identity="{CodeRepositoryArn}",
        name="{CodeRepositoryName}",
        tags="@",
        noise=("LastModifiedTime",),
    ),
    Resource(
        kind="aws.sagemaker.partner_app",
        client="sagemaker",
        each=Each("list_partner_apps", "Summaries"),
        not_offered=NOT_EVERYWHERE,
        identity="{Arn}",
        name="{Name}",
        detail=(describe("describe_partner_app", "Arn", "Arn"),),
        links=(
            Link("uses_role", "ExecutionRoleArn", "aws.iam.role", "role"),
            Link("encrypted_by", "KmsKeyId", "aws.kms.key", "kms"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.sagemaker.project",
        client="sagemaker",
        each=Each("list_projects", "ProjectSummaryList"),
        identity="{ProjectArn}",
        name="{ProjectName}",
        tags="@",
    ),
)
