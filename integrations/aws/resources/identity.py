"""Who may do what, with which keys and secrets."""

from __future__ import annotations

from integrations.aws.resources.platform import PROVIDERS
from integrations.aws.table import Absent, Detail, Each, Keep, Resource, Shared, Single

AUTHORIZATION = "get_account_authorization_details"
KEY = {"KeyId": "KeyId"}

RESOURCES = (
    Resource(
        kind="aws.account",
        client="iam",
        each=Single("list_account_aliases"),
        everywhere=True,
        identity="{account}",
        name="{AccountAliases[]|account}",
        place="-",
    ),
    Resource(
        kind="aws.iam.role",
        client="iam",
        each=Shared(AUTHORIZATION, "RoleDetailList"),
        everywhere=True,
        identity="{Arn}",
        name="{RoleName}",
        place="-",
        tags="Tags",
        noise=("RoleLastUsed", "InstanceProfileList[].Roles"),
        also=("InstanceProfileList[].Arn",),
    ),
    Resource(
        kind="aws.iam.user",
        client="iam",
        each=Shared(AUTHORIZATION, "UserDetailList", join=("GroupDetailList", "GroupName", "GroupList", "Groups")),
        everywhere=True,
        identity="{Arn}",
        name="{UserName}",
        place="-",
        detail=(
            Detail(
                operation="list_access_keys",
                parameters={"UserName": "UserName"},
                into="AccessKeys",
                take="AccessKeyMetadata",
                absent=(Absent("NoSuchEntity"),),
            ),
            Detail(
                operation="list_service_specific_credentials",
                parameters={"UserName": "UserName"},
                into="ServiceCredentials",
                take="ServiceSpecificCredentials",
                absent=(Absent("NoSuchEntity"),),
            ),
        ),
        tags="Tags",
    ),
    Resource(
        kind="aws.iam.policy",
        client="iam",
        each=Shared(AUTHORIZATION, "Policies"),
        everywhere=True,
        identity="{Arn}",
        name="{PolicyName}",
        place="-",
        keep=Keep(
            present=("AttachmentCount", "PermissionsBoundaryUsageCount"), matching=(("Arn", r"::\d{12}:policy/"),)
        ),
        only=("PolicyVersionList", "IsDefaultVersion"),
    ),
    Resource(
        kind="aws.kms.key",
        client="kms",
        each=Each("list_keys", "Keys"),
        identity="{KeyMetadata.Arn|KeyArn}",
        name="{Aliases[]|KeyId}",
        context=("Aliases",),
        keep=Keep(matching=(("KeyId", "."),), never=(("Aliases[]", r"^alias/aws/"),)),
        confirm=("KeyMetadata.KeyManager", "CUSTOMER"),
        detail=(
            Detail(
                operation="describe_key",
                parameters=KEY,
                into="KeyMetadata",
                take="KeyMetadata",
                describes=True,
                absent=(Absent("NotFoundException"),),
            ),
            Detail(
                operation="get_key_policy",
                parameters=KEY,
                into="Policy",
                take="Policy",
                decode=True,
                when=("KeyMetadata.KeyManager", ("CUSTOMER",)),
            ),
            Detail(
                operation="get_key_rotation_status",
                parameters=KEY,
                into="Rotation",
                needs="KeyRotationEnabled",
                absent=(Absent("UnsupportedOperationException"), Absent("KMSInvalidStateException")),
                when=("KeyMetadata.KeySpec", ("SYMMETRIC_DEFAULT",)),
            ),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.secretsmanager.secret",
        client="secretsmanager",
        each=Each("list_secrets", "SecretList"),
        identity="{ARN}",
        name="{Name}",
        detail=(
            Detail(
                operation="get_resource_policy",
                parameters={"SecretId": "ARN"},
                into="ResourcePolicy",
                needs="ARN",
                absent=(Absent("ResourceNotFoundException"),),
                when=("Name", (f"~{PROVIDERS}",)),
            ),
        ),
        tags="Tags",
        noise=("LastAccessedDate", "SecretVersionsToStages"),
    ),
)
