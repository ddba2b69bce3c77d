"""Where AI runs outside the managed services: instances with accelerators, functions, containers, clusters."""

from __future__ import annotations

from integrations.aws.table import Absent, Batch, Detail, Each, Keep, Link, Named, Resource

ACCELERATED = r"^(p\d|g\d|gr\d|inf\d|trn\d|dl\d)"
ANYONE = r"^(0\.0\.0\.0/0|::/0)$"
FUNCTION = {"FunctionName": "FunctionName"}
NOT_FOUND = (Absent("ResourceNotFoundException"),)
SUBNET, SUBNET_ARN = "aws.ec2.subnet", "arn:ec2:subnet/{}"

RESOURCES = (
    Resource(
        kind="aws.ec2.instance",
        client="ec2",
        each=Each("describe_instances", "Reservations", inside="Instances"),
        keep=Keep(matching=(("InstanceType", ACCELERATED),)),
        identity="arn:{partition}:ec2:{region}:{account}:instance/{InstanceId}",
        name="{Tags[Name]|InstanceId}",
        detail=(
            Detail(
                operation="describe_instance_attribute",
                parameters={"InstanceId": "InstanceId", "Attribute": "=userData"},
                into="UserData",
                take="UserData",
                optional=True,
                describes=True,
                absent=(Absent("InvalidInstanceID.NotFound"),),
            ),
        ),
        links=(
            Link("uses_role", "IamInstanceProfile.Arn", "aws.iam.role", "known"),
            Link("in_network", "SecurityGroups[].GroupId", "aws.ec2.security_group", "security_group"),
            Link("in_network", "NetworkInterfaces[].Groups[].GroupId", "aws.ec2.security_group", "security_group"),
            Link("in_network", "SubnetId", SUBNET, SUBNET_ARN),
            Link("in_network", "NetworkInterfaces[].SubnetId", SUBNET, SUBNET_ARN),
            Link("mounts", "BlockDeviceMappings[].Ebs.VolumeId", "aws.ec2.volume", "arn:ec2:volume/{}"),
        ),
        tags="Tags",
        noise=("UsageOperationUpdateTime", "StateTransitionReason"),
        after=("aws.iam.role",),
    ),
    Resource(
        kind="aws.ec2.security_group",
        client="ec2",
        each=Each("describe_security_groups", "SecurityGroups"),
        identity="arn:{partition}:ec2:{region}:{account}:security-group/{GroupId}",
        name="{GroupName}",
        keep=Keep(
            referenced=True,
            matching=(
                ("IpPermissions[].IpRanges[].CidrIp", ANYONE),
                ("IpPermissions[].Ipv6Ranges[].CidrIpv6", ANYONE),
            ),
        ),
        late=True,
        tags="Tags",
    ),
    Resource(
        kind="aws.ec2.vpc_endpoint",
        client="ec2",
        each=Each("describe_vpc_endpoints", "VpcEndpoints"),
        identity="arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{VpcEndpointId}",
        name="{Tags[Name]|VpcEndpointId}",
        links=(Link("in_network", "Groups[].GroupId", "aws.ec2.security_group", "security_group"),),
        tags="Tags",
        decode=("PolicyDocument",),
    ),
    Resource(
        kind="aws.lambda.function",
        client="lambda",
        each=Each("list_functions", "Functions"),
        identity="{FunctionArn}",
        name="{FunctionName}",
        detail=(
            Detail(
                operation="get_policy",
                parameters=FUNCTION,
                into="Policy",
                take="Policy",
                decode=True,
                absent=NOT_FOUND,
            ),
            Detail(
                operation="get_function_url_config",
                parameters=FUNCTION,
                into="UrlConfig",
                needs="FunctionUrl",
                absent=NOT_FOUND,
            ),
        ),
        links=(
            Link("uses_role", "Role", "aws.iam.role", "role"),
            Link("encrypted_by", "KMSKeyArn", "aws.kms.key", "kms"),
            Link("in_network", "VpcConfig.SecurityGroupIds[]", "aws.ec2.security_group", "security_group"),
            Link("logs_to", "LoggingConfig.LogGroup", "aws.logs.log_group", "log_group"),
        ),
        tags="@",
        noise=("RevisionId",),
    ),
    Resource(
        kind="aws.eks.cluster",
        client="eks",
        each=Each("list_clusters", "clusters", row="name"),
        identity="arn:{partition}:eks:{region}:{account}:cluster/{name}",
        name="{name}",
        detail=(
            Detail(
                operation="describe_cluster",
                parameters={"name": "name"},
                into="cluster",
                take="cluster",
                describes=True,
                absent=NOT_FOUND,
            ),
        ),
        links=(
            Link("uses_role", "cluster.roleArn", "aws.iam.role", "role"),
            Link(
                "in_network",
                "cluster.resourcesVpcConfig.securityGroupIds[]",
                "aws.ec2.security_group",
                "security_group",
            ),
            Link("encrypted_by", "cluster.encryptionConfig[].provider.keyArn", "aws.kms.key", "kms"),
        ),
        tags="cluster.tags",
        noise=("cluster.health",),
    ),
    Resource(
        kind="aws.ecs.cluster",
        client="ecs",
        each=Each("list_clusters", "clusterArns", row="clusterArn"),
        identity="{clusterArn}",
        name="{clusterName|clusterArn}",
        batch=Batch(
            operation="describe_clusters",
            ids="clusters",
            result="clusters",
            key="clusterArn",
            size=100,
            parameters={"include": '=["SETTINGS","CONFIGURATIONS","TAGS"]'},
        ),
        links=(Link("encrypted_by", "configuration.executeCommandConfiguration.kmsKeyId", "aws.kms.key", "kms"),),
        tags="tags",
        noise=("runningTasksCount", "pendingTasksCount", "statistics", "attachments", "attachmentsStatus"),
    ),
    Resource(
        kind="aws.ecs.service",
        client="ecs",
        each=Each("list_services", "serviceArns", {"cluster": "clusterArn"}, row="serviceArn"),
        for_each=("aws.ecs.cluster",),
        carry={"clusterArn": "clusterArn"},
        identity="{serviceArn}",
        name="{serviceName|serviceArn}",
        batch=Batch(
            operation="describe_services",
            ids="services",
            result="services",
            key="serviceArn",
            size=10,
            parameters={"cluster": "clusterArn", "include": '=["TAGS"]'},
        ),
        links=(
            Link("part_of", "clusterArn", "aws.ecs.cluster"),
            Link("runs_as", "taskDefinition", "aws.ecs.task_definition"),
            Link(
                "in_network",
                "networkConfiguration.awsvpcConfiguration.securityGroups[]",
                "aws.ec2.security_group",
                "security_group",
            ),
            Link("in_network", "networkConfiguration.awsvpcConfiguration.subnets[]", SUBNET, SUBNET_ARN),
        ),
        tags="tags",
        noise=("events", "deployments", "runningCount", "pendingCount", "taskSets", "currentServiceRevisions"),
    ),
    Resource(
        kind="aws.ecs.task_definition",
        client="ecs",
        each=Named("taskDefinition", "taskDefinitionArn"),
        for_each=("aws.ecs.service",),
        identity="{taskDefinitionArn}",
        name="{taskDefinition.family|taskDefinitionArn}",
        detail=(
            Detail(
                operation="describe_task_definition",
                parameters={"taskDefinition": "taskDefinitionArn", "include": '=["TAGS"]'},
                needs="taskDefinition",
                describes=True,
                absent=(Absent("ClientException", "Unable to describe task definition"),),
            ),
        ),
        links=(
            Link("uses_role", "taskDefinition.taskRoleArn", "aws.iam.role", "role"),
            Link("uses_role", "taskDefinition.executionRoleArn", "aws.iam.role", "role"),
            Link("runs_image", "taskDefinition.containerDefinitions[].image", "aws.ecr.image", "image"),
            Link(
                "logs_to",
                "taskDefinition.containerDefinitions[].logConfiguration.options.awslogs-group",
                "aws.logs.log_group",
                "log_group",
            ),
        ),
        tags="tags",
        after=("aws.ecr.image",),
    ),
)
