"""IAM Identity Center: the permission sets from which people's roles in all accounts are made.

Only the account that owns the instance is told of its permission sets.
"""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Resource

INSTANCE = "aws.sso.instance"
GONE = (Absent("ResourceNotFoundException"),)
SET = {"InstanceArn": "InstanceArn", "PermissionSetArn": "PermissionSetArn"}

RESOURCES = (
    Resource(
        kind=INSTANCE,
        client="sso-admin",
        each=Each("list_instances", "Instances", page_size=100),
        confirm=("OwnerAccountId", "{account}"),
        identity="{InstanceArn}",
        name="{Name|IdentityStoreId}",
    ),
    Resource(
        kind="aws.sso.permission_set",
        client="sso-admin",
        each=Each(
            "list_permission_sets",
            "PermissionSets",
            {"InstanceArn": "InstanceArn"},
            row="PermissionSetArn",
            page_size=100,
        ),
        for_each=(INSTANCE,),
        carry={"InstanceArn": "InstanceArn"},
        identity="{PermissionSetArn}",
        name="{Name|PermissionSetArn}",
        detail=(
            Detail(
                operation="describe_permission_set", parameters=SET, take="PermissionSet", describes=True, absent=GONE
            ),
            Detail(
                operation="list_managed_policies_in_permission_set",
                parameters=SET,
                into="ManagedPolicies",
                take="AttachedManagedPolicies",
                pages=True,
                absent=GONE,
            ),
        ),
    ),
)
