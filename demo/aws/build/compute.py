"""Networks, instances, functions, containers, clusters."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

from demo.aws.build.site import Network, Site, Tags, pairs
from demo.aws.wire import Document


def network(site: Site, name: str, cidr: str, tags: Tags | None = None, *, careless: bool = False) -> Site:
    """The site with a VPC, two private subnets, a public one, and a security group that lets nothing in from outside.

    Careless: the way out is in the main route table, and the public subnet gives everything an address.
    """
    ec2 = site.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=cidr, TagSpecifications=tagged("vpc", name, tags))["Vpc"]["VpcId"]
    base = cidr.rsplit(".", 2)[0]
    private, public = (
        [
            ec2.create_subnet(
                VpcId=vpc,
                CidrBlock=f"{base}.{first + index}.0/24",
                AvailabilityZone=f"{site.region}{'ab'[index]}",
                TagSpecifications=tagged("subnet", f"{name}-{sort}-{'ab'[index]}", tags),
            )["Subnet"]["SubnetId"]
            for index in range(count)
        ]
        for sort, first, count in (("private", 0, 2), ("public", 2, 1))
    )
    _routes(site, name, vpc, private if careless else public, careless=careless)
    if careless:
        ec2.modify_subnet_attribute(SubnetId=public[0], MapPublicIpOnLaunch={"Value": True})
    inner = Network(vpc, tuple(private), "", public[0])
    group = security_group(replace(site, network=inner), f"{name}-internal", (443, cidr), tags=tags)
    return replace(site, network=replace(inner, group=group))


def _routes(site: Site, name: str, vpc: str, apart: list[str], *, careless: bool) -> None:
    """An internet gateway; the subnets set apart have a table of their own, the others share the main one."""
    ec2 = site.client("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    main = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
    ec2.create_tags(Resources=[main], Tags=pairs({"Name": f"{name}-main"}))
    named = tagged("route-table", f"{name}-{'private' if careless else 'public'}")
    own = ec2.create_route_table(VpcId=vpc, TagSpecifications=named)["RouteTable"]["RouteTableId"]
    for subnet in apart:
        ec2.associate_route_table(RouteTableId=own, SubnetId=subnet)
    ec2.create_route(RouteTableId=main if careless else own, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)


def tagged(kind: str, name: str, tags: Tags | None = None) -> list[Document]:
    return [{"ResourceType": kind, "Tags": pairs({"Name": name, **(tags or {})})}]


def security_group(site: Site, name: str, *openings: tuple[int, str], tags: Tags | None = None) -> str:
    """Each opening is (TCP port, CIDR). Returns the id."""
    ec2 = site.client("ec2")
    vpc = {"VpcId": site.network.vpc} if site.network else {}
    made = ec2.create_security_group(
        GroupName=name,
        Description=name.replace("-", " "),
        TagSpecifications=tagged("security-group", name, tags),
        **vpc,
    )["GroupId"]
    for port, cidr in openings:
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
    return str(made)


def vpc_endpoint(site: Site, service: str, policy: Document | None = None, tags: Tags | None = None) -> str:
    """An interface endpoint (a gateway for s3), private DNS on. `service` as in `bedrock-runtime`."""
    if site.network is None:
        raise ValueError("A VPC endpoint needs a network.")
    gateway = service == "s3"
    request: Document = {"VpcEndpointType": "Gateway"} if gateway else {
        "VpcEndpointType": "Interface",
        "SubnetIds": list(site.network.subnets),
        "SecurityGroupIds": [site.network.group],
        "PrivateDnsEnabled": True,
    }  # fmt: skip
    if policy:
        request["PolicyDocument"] = json.dumps(policy)
    made = site.client("ec2").create_vpc_endpoint(
        VpcId=site.network.vpc,
        ServiceName=f"com.amazonaws.{site.region}.{service}",
        TagSpecifications=tagged("vpc-endpoint", f"{service}-endpoint", tags),
        **request,
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def instance(site: Site, name: str, instance_type: str, tags: Tags | None = None, **more: Any) -> str:
    """Good by default: private, IMDSv2, locked disk. More: groups, profile (ARN), public, imds1, clear_disk, script."""
    if site.network is None:
        raise ValueError("An instance needs a network.")
    made = site.client("ec2").run_instances(
        ImageId="ami-0d8f6eb4f641ef691",
        InstanceType=instance_type,
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[
            {
                "DeviceIndex": 0,
                "SubnetId": _subnets(site.network, more.get("public", False))[0],
                "Groups": more.get("groups") or [site.network.group],
                "AssociatePublicIpAddress": more.get("public", False),
            }
        ],
        MetadataOptions={
            "HttpTokens": "optional" if more.get("imds1") else "required",
            "HttpEndpoint": "enabled",
            "HttpPutResponseHopLimit": 2 if more.get("imds1") else 1,
        },
        BlockDeviceMappings=[
            {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 200, "Encrypted": not more.get("clear_disk", False)}}
        ],
        UserData=more.get("script", ""),
        TagSpecifications=tagged("instance", name, tags),
        **({"IamInstanceProfile": {"Arn": more["profile"]}} if more.get("profile") else {}),
    )
    return str(made["Instances"][0]["InstanceId"])


def _subnets(network: Network, public: bool) -> list[str]:
    return [network.public] if public and network.public else list(network.subnets)


def function(site: Site, name: str, role: str, tags: Tags | None = None, **more: Any) -> str:
    """More: environment, kms, vpc=False, runtime, image, url ("AWS_IAM" or "NONE"), invoked_by (principal). ARN."""
    packed = {"Runtime": more.get("runtime", "python3.13"), "Handler": "app.handler", "Code": {"ZipFile": _code()}}
    request: Document = {
        "FunctionName": name,
        "Role": role,
        **({"PackageType": "Image", "Code": {"ImageUri": more["image"]}} if more.get("image") else packed),
        "Timeout": 30,
        "MemorySize": 512,
        "Tags": dict(tags or {}),
        "Environment": {"Variables": more.get("environment", {})},
    }
    if more.get("kms"):
        request["KMSKeyArn"] = more["kms"]
    if more.get("vpc", True) and site.network:
        request["VpcConfig"] = {"SubnetIds": list(site.network.subnets), "SecurityGroupIds": [site.network.group]}
    client = site.client("lambda")
    arn = str(client.create_function(**request)["FunctionArn"])
    if more.get("url"):
        client.create_function_url_config(FunctionName=name, AuthType=more["url"])
    if more.get("invoked_by"):
        client.add_permission(
            FunctionName=name,
            StatementId="caller",
            Action="lambda:InvokeFunction",
            **_principal(site, more["invoked_by"]),
        )
    return arn


def _principal(site: Site, principal: str) -> Document:
    return {"Principal": principal, **({"SourceAccount": site.account} if principal.endswith(".com") else {})}


def _code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            zipfile.ZipInfo("app.py", (2026, 1, 1, 0, 0, 0)), "def handler(event, context):\n    return {}\n"
        )
    return packed.getvalue()


def eks_cluster(site: Site, name: str, role: str, tags: Tags | None = None, **more: Any) -> str:
    """Good by default: private endpoint, all logs, secrets encrypted with `kms`. More: public=(CIDRs), logs=False."""
    if site.network is None:
        raise ValueError("A cluster needs a network.")
    public = more.get("public", ())
    kinds = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
    made = site.client("eks").create_cluster(
        name=name,
        version=more.get("version", "1.34"),
        roleArn=role,
        resourcesVpcConfig={
            "subnetIds": list(site.network.subnets),
            "securityGroupIds": [site.network.group],
            "endpointPublicAccess": bool(public),
            "endpointPrivateAccess": True,
            "publicAccessCidrs": list(public),
        },
        logging={"clusterLogging": [{"types": kinds, "enabled": more.get("logs", True)}]},
        encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": more["kms"]}}] if more.get("kms") else [],
        tags=dict(tags or {}),
    )
    return str(made["cluster"]["arn"])


def ecs_cluster(site: Site, name: str, tags: Tags | None = None, insights: bool = True) -> str:
    made = site.client("ecs").create_cluster(
        clusterName=name,
        settings=[{"name": "containerInsights", "value": "enabled" if insights else "disabled"}],
        tags=_ecs_tags(tags),
    )
    return str(made["cluster"]["clusterArn"])


def ecs_service(site: Site, cluster: str, name: str, container: Document, **more: Any) -> str:
    """A Fargate service and its task definition. More: role, execution_role, groups, public=False, tags."""
    ecs = site.client("ecs")
    definition = ecs.register_task_definition(
        family=name,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="1024",
        memory="4096",
        taskRoleArn=more["role"],
        executionRoleArn=more["execution_role"],
        containerDefinitions=[{"name": name, "essential": True, **container}],
        tags=_ecs_tags(more.get("tags")),
    )["taskDefinition"]["taskDefinitionArn"]
    if site.network is None:
        raise ValueError("A service needs a network.")
    made = ecs.create_service(
        cluster=cluster,
        serviceName=name,
        taskDefinition=definition,
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": _subnets(site.network, more.get("public", False)),
                "securityGroups": more.get("groups") or [site.network.group],
                "assignPublicIp": "ENABLED" if more.get("public") else "DISABLED",
            }
        },
        tags=_ecs_tags(more.get("tags")),
    )
    return str(made["service"]["serviceArn"])


def _ecs_tags(tags: Tags | None) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in (tags or {}).items()]
