"""Batch, builds, APIs, firewalls, workflows, guests' sign-in and parameters: good unless said otherwise."""

from __future__ import annotations

import json
from typing import Any

from demo.aws.build.site import Site, Tags, without_nothing
from demo.aws.wire import Document


def parameter(site: Site, name: str, *, secure: bool = True, kms: str = "", tags: Tags | None = None) -> None:
    """A parameter whose value nobody here knows."""
    document = without_nothing(
        ARN=site.arn("ssm", f"parameter/{name.lstrip('/')}"),
        Name=name,
        Type="SecureString" if secure else "String",
        KeyId=kms or ("alias/aws/ssm" if secure else None),
        LastModifiedDate=site.now(),
        Version=1,
        Tier="Standard",
    )
    site.put("ssm.parameter", document, tags)


def batch_job(site: Site, name: str, role: str, image: str, **more: Any) -> None:
    """More: environment, privileged, tags."""
    container = without_nothing(
        image=image,
        jobRoleArn=role,
        environment=[{"name": key, "value": value} for key, value in more.get("environment", {}).items()],
        privileged=bool(more.get("privileged")),
        readonlyRootFilesystem=not more.get("privileged"),
        resourceRequirements=[{"type": "GPU", "value": "1"}],
    )
    site.put(
        "batch.job_definition",
        {
            "jobDefinitionArn": site.arn("batch", f"job-definition/{name}:1"),
            "jobDefinitionName": name,
            "revision": 1,
            "status": "ACTIVE",
            "type": "container",
            "containerProperties": container,
            "tags": dict(more.get("tags") or {}),
        },
    )


def build_project(site: Site, name: str, role: str, *, kms: str = "", **variables: str) -> None:
    """A build; variables are written in plain text, and make it privileged."""
    environment = {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_LARGE",
        "privilegedMode": bool(variables),
        "environmentVariables": [
            {"name": key, "value": value, "type": "PLAINTEXT"} for key, value in variables.items()
        ],
    }
    document = without_nothing(
        arn=site.arn("codebuild", f"project/{name}"),
        name=name,
        serviceRole=role,
        encryptionKey=kms or None,
        environment=environment,
        source={"type": "CODECOMMIT"},
        artifacts={"type": "NO_ARTIFACTS"},
    )
    site.put("codebuild.project", document)


def rest_api(site: Site, name: str, function: str, *, guard: str = "AWS_IAM", acl: str = "", **more: Any) -> str:
    """An API with one method that calls a function. More: throttled, tags. Returns its id."""
    made = site.made_id("api", name).lower()
    document = {
        "id": made,
        "name": name,
        "endpointConfiguration": {"types": ["REGIONAL"]},
        "createdDate": site.now(),
        "tags": dict(more.get("tags") or {}),
    }
    site.put("apigateway.rest_api", document)
    uri = f"arn:aws:apigateway:{site.region}:lambda:path/2015-03-31/functions/{function}/invocations"
    method = {
        "httpMethod": "POST",
        "authorizationType": guard,
        "apiKeyRequired": False,
        "methodIntegration": {"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri},
    }
    resource = {"_restApiId": made, "id": f"{made[:6]}ask", "path": "/ask", "resourceMethods": {"POST": method}}
    site.put("apigateway.resource", resource)
    limits = {"throttlingRateLimit": 20.0, "throttlingBurstLimit": 40} if more.get("throttled", True) else {}
    stage = without_nothing(
        _restApiId=made,
        stageName="prod",
        webAclArn=acl or None,
        methodSettings={"*/*": limits} if limits else None,
        accessLogSettings={"destinationArn": site.arn("logs", f"log-group:{name}")} if limits else None,
        createdDate=site.now(),
    )
    site.put("apigateway.stage", stage)
    return made


def web_acl(site: Site, name: str, tags: Tags | None = None, *, limited: bool = True) -> str:
    """A regional web ACL, with a rate rule if limited. Returns its ARN."""
    made = site.made_uuid("acl", name)
    arn = site.arn("wafv2", f"regional/webacl/{name}/{made}")
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}
    rate: Document = {
        "Name": "rate",
        "Priority": 1,
        "Statement": {"RateBasedStatement": {"Limit": 500, "AggregateKeyType": "IP"}},
        "Action": {"Block": {}},
        "VisibilityConfig": seen,
    }
    document = {
        "ARN": arn,
        "Name": name,
        "Id": made,
        "DefaultAction": {"Allow": {}},
        "Rules": [rate] if limited else [],
        "VisibilityConfig": seen,
    }
    site.put("wafv2.acl", document, tags)
    return arn


def state_machine(site: Site, name: str, role: str, tags: Tags | None = None, *, logged: bool = True) -> None:
    """A workflow that asks a model."""
    ask = {"Type": "Task", "Resource": "arn:aws:states:::bedrock:invokeModel", "End": True}
    document = {
        "stateMachineArn": site.arn("states", f"stateMachine:{name}"),
        "name": name,
        "status": "ACTIVE",
        "definition": json.dumps({"StartAt": "Ask", "States": {"Ask": ask}}),
        "roleArn": role,
        "type": "STANDARD",
        "creationDate": site.now(),
        "loggingConfiguration": {"level": "ALL" if logged else "OFF", "includeExecutionData": False},
    }
    site.put("stepfunctions.state_machine", document, tags)


def identity_pool(site: Site, name: str, guest: str, signed_in: str, *, guests: bool = False) -> None:
    """Credentials for people of an app; `guest` and `signed_in` are roles."""
    made = f"{site.region}:{site.made_uuid('pool', name)}"
    site.put(
        "cognito.identity_pool",
        {
            "IdentityPoolId": made,
            "IdentityPoolName": name,
            "AllowUnauthenticatedIdentities": guests,
            "AllowClassicFlow": guests,
        },
    )
    roles = {"unauthenticated": guest, "authenticated": signed_in}
    site.put("cognito.identity_pool_roles", {"IdentityPoolId": made, "Roles": roles})


def flow_log(site: Site, group: str) -> None:
    """Records the traffic of the site's network."""
    if site.network is None:
        raise ValueError("A flow log needs a network.")
    site.client("ec2").create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[site.network.vpc],
        TrafficType="ALL",
        LogGroupName=group,
        DeliverLogsPermissionArn=f"arn:aws:iam::{site.account}:role/flow-logs",
    )


def machine_image(site: Site, name: str, *, public: bool = False) -> None:
    """A machine image of the account's own, made from the first instance that there is."""
    ec2 = site.client("ec2")
    made = ec2.create_image(InstanceId=_some_instance(ec2), Name=name, Description=name)["ImageId"]
    if public:
        ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"Group": "all"}]})


def _some_instance(ec2: Any) -> str:
    return str(ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"])


def node_group(site: Site, cluster: str, name: str, role: str, tags: Tags | None = None) -> None:
    """Machines with accelerators for a cluster."""
    subnets = list(site.network.subnets) if site.network else ["subnet-1"]
    site.client("eks").create_nodegroup(
        clusterName=cluster,
        nodegroupName=name,
        nodeRole=role,
        subnets=subnets,
        instanceTypes=["g5.2xlarge"],
        scalingConfig={"minSize": 0, "maxSize": 4, "desiredSize": 1},
        tags=dict(tags or {}),
    )
