"""Batch, builds, APIs, firewalls, workflows and guests' sign-in, from the twin."""

from __future__ import annotations

from demo.aws.overlay.ai_services import listed
from demo.aws.overlay.declared import Thing, serve
from demo.aws.overlay.registry import Registry

API = "apigateway"
LISTED = """
ssm.parameter | ssm | Name | DescribeParameters | Parameters
batch.job_definition | batch | jobDefinitionArn | DescribeJobDefinitions | jobDefinitions
apigateway.rest_api | apigateway | id | GetRestApis | items
"""
DESCRIBED = (
    Thing(
        name="codebuild.project",
        service="codebuild",
        keys=("name",),
        lists=("ListProjects", "projects"),
        batch=("BatchGetProjects", "names", "projects", "name"),
    ),
    Thing(
        name="apigateway.stage",
        service=API,
        keys=("_restApiId", "stageName"),
        lists=("GetStages", "item"),
        where={"restApiId": "_restApiId"},
    ),
    Thing(
        name="apigateway.resource",
        service=API,
        keys=("_restApiId", "id"),
        lists=("GetResources", "items"),
        where={"restApiId": "_restApiId"},
    ),
    Thing(
        name="ecrpublic.repository",
        service="ecr-public",
        keys=("repositoryName",),
        lists=("DescribeRepositories", "repositories"),
        everywhere=True,
    ),
    Thing(
        name="eks.addon",
        service="eks",
        keys=("clusterName", "addonName"),
        lists=("ListAddons", "addons"),
        describes=("DescribeAddon", "addon"),
        where={"clusterName": "clusterName"},
    ),
    Thing(
        name="eks.access_entry",
        service="eks",
        keys=("clusterName", "principalArn"),
        lists=("ListAccessEntries", "accessEntries"),
        describes=("DescribeAccessEntry", "accessEntry"),
        where={"clusterName": "clusterName"},
    ),
    Thing(
        name="eks.access_policy",
        service="eks",
        keys=("_clusterName", "_principalArn", "policyArn"),
        lists=("ListAssociatedAccessPolicies", "associatedAccessPolicies"),
        where={"clusterName": "_clusterName", "principalArn": "_principalArn"},
    ),
    Thing(name="sso.instance", service="sso-admin", keys=("InstanceArn",), lists=("ListInstances", "Instances")),
    Thing(
        name="sso.permission_set",
        service="sso-admin",
        keys=("PermissionSetArn",),
        lists=("ListPermissionSets", "PermissionSets"),
        describes=("DescribePermissionSet", "PermissionSet"),
    ),
    Thing(
        name="sso.managed_policy",
        service="sso-admin",
        keys=("_PermissionSetArn", "Arn"),
        lists=("ListManagedPoliciesInPermissionSet", "AttachedManagedPolicies"),
        where={"PermissionSetArn": "_PermissionSetArn"},
    ),
    Thing(
        name="wafv2.acl",
        service="wafv2",
        keys=("Id",),
        lists=("ListWebACLs", "WebACLs"),
        describes=("GetWebACL", "WebACL"),
        asks={"ARN": "ARN"},
    ),
    Thing(
        name="stepfunctions.state_machine",
        service="stepfunctions",
        keys=("stateMachineArn",),
        lists=("ListStateMachines", "stateMachines"),
        describes=("DescribeStateMachine", ""),
    ),
    Thing(
        name="cognito.identity_pool",
        service="cognito-identity",
        keys=("IdentityPoolId",),
        lists=("ListIdentityPools", "IdentityPools"),
        describes=("DescribeIdentityPool", ""),
    ),
    Thing(
        name="cognito.identity_pool_roles",
        service="cognito-identity",
        keys=("IdentityPoolId",),
        describes=("GetIdentityPoolRoles", ""),
    ),
)


def register(registry: Registry) -> None:
    serve(registry, (*listed(LISTED), *DESCRIBED))
