"""Who gets into an EKS cluster, which roles its pods take, and what runs in it by AWS's own hand."""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Link, Resource

CLUSTER = "aws.eks.cluster"
GONE = (Absent("ResourceNotFoundException"),)
OF_CLUSTER = Link("part_of", "clusterName", CLUSTER, "arn:eks:cluster/{}")
ENTRY = {"clusterName": "clusterName", "principalArn": "principalArn"}

RESOURCES = (
    Resource(
        kind="aws.eks.addon",
        client="eks",
        each=Each("list_addons", "addons", {"clusterName": "name"}, row="addonName"),
        for_each=(CLUSTER,),
        carry={"clusterName": "name"},
        identity="arn:{partition}:eks:{region}:{account}:addon/{clusterName}/{addonName}",
        name="{clusterName} {addonName}",
        detail=(
            Detail(
                operation="describe_addon",
                parameters={"clusterName": "clusterName", "addonName": "addonName"},
                take="addon",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(OF_CLUSTER, Link("uses_role", "serviceAccountRoleArn", "aws.iam.role", "role")),
        tags="tags",
        noise=("modifiedAt",),
    ),
    Resource(
        kind="aws.eks.pod_identity",
        client="eks",
        each=Each("list_pod_identity_associations", "associations", {"clusterName": "name"}),
        for_each=(CLUSTER,),
        identity="{associationArn}",
        name="{clusterName} {namespace}/{serviceAccount}",
        detail=(
            Detail(
                operation="describe_pod_identity_association",
                parameters={"clusterName": "clusterName", "associationId": "associationId"},
                take="association",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            OF_CLUSTER,
            Link("uses_role", "roleArn", "aws.iam.role", "role"),
            Link("uses_role", "targetRoleArn", "aws.iam.role", "role"),
        ),
        tags="tags",
        noise=("modifiedAt",),
    ),
    Resource(
        kind="aws.eks.access_entry",
        client="eks",
        each=Each("list_access_entries", "accessEntries", {"clusterName": "name"}, row="principalArn"),
        for_each=(CLUSTER,),
        carry={"clusterName": "name"},
        identity="arn:{partition}:eks:{region}:{account}:cluster/{clusterName}/access/{principalArn}",
        name="{principalArn}",
        detail=(
            Detail(
                operation="describe_access_entry", parameters=ENTRY, take="accessEntry", describes=True, absent=GONE
            ),
            Detail(
                operation="list_associated_access_policies",
                parameters=ENTRY,
                into="Policies",
                take="associatedAccessPolicies",
                pages=True,
                absent=GONE,
            ),
        ),
        links=(OF_CLUSTER, Link("grants_to", "principalArn", as_="principal")),
        tags="tags",
        noise=("modifiedAt",),
    ),
)
