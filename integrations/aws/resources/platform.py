"""What AI is built with and reached through: batch jobs, builds, APIs, workflows, sign-in of guests, parameters."""

from __future__ import annotations

from integrations.aws.resources.storage import AI_NAMES
from integrations.aws.table import Absent, Batch, Detail, Each, Keep, Link, Resource

GONE = (Absent("ResourceNotFoundException"), Absent("NotFoundException"), Absent("StateMachineDoesNotExist"))
PROVIDERS = (
    r"(?i)(openai|anthropic|claude|hugging_?-?face|hf[-_]token|cohere|gemini|mistral|groq|together[-_]?ai|replicate"
    r"|perplexity|deepseek|openrouter|langchain|langsmith|pinecone|wandb)"
)
AI_IMAGES = r"(?i)vllm|triton|tgi|text-generation|ollama|pytorch|tensorflow|huggingface|sagemaker|ray|cuda|llm"
ROLE, API = "aws.iam.role", "aws.apigateway.rest_api"

RESOURCES = (
    Resource(
        kind="aws.ssm.parameter",
        client="ssm",
        each=Each("describe_parameters", "Parameters", page_size=50),
        identity="{ARN}",
        name="{Name}",
        keep=Keep(matching=(("Name", PROVIDERS),)),
        links=(Link("encrypted_by", "KeyId", "aws.kms.key", "kms", skip=("alias/aws/ssm",)),),
        tags="@",
        noise=("LastModifiedUser", "Description"),
    ),
    Resource(
        kind="aws.batch.job_definition",
        client="batch",
        each=Each("describe_job_definitions", "jobDefinitions", {"status": "=ACTIVE"}),
        identity="{jobDefinitionArn}",
        name="{jobDefinitionName}",
        keep=Keep(
            matching=(
                ("containerProperties.resourceRequirements[].type", "^GPU$"),
                ("containerProperties.image", AI_IMAGES),
                ("jobDefinitionName", AI_NAMES),
            )
        ),
        links=(
            Link("uses_role", "containerProperties.jobRoleArn", ROLE, "role"),
            Link("uses_role", "containerProperties.executionRoleArn", ROLE, "role"),
            Link("runs_image", "containerProperties.image", "aws.ecr.image", "image"),
        ),
        tags="tags",
        after=("aws.ecr.image",),
    ),
    Resource(
        kind="aws.codebuild.project",
        client="codebuild",
        each=Each("list_projects", "projects", row="name"),
        identity="arn:{partition}:codebuild:{region}:{account}:project/{name}",
        name="{name}",
        keep=Keep(matching=(("name", AI_NAMES),)),
        batch=Batch(operation="batch_get_projects", ids="names", result="projects", key="name", size=100),
        links=(
            Link("uses_role", "serviceRole", ROLE, "role"),
            Link("encrypted_by", "encryptionKey", "aws.kms.key", "kms"),
        ),
        tags="tags",
        noise=("badge",),
    ),
    Resource(
        kind=API,
        client="apigateway",
        each=Each("get_rest_apis", "items", page_size=500),
        identity="arn:{partition}:apigateway:{region}::/restapis/{id}",
        name="{name}",
        detail=(
            Detail(
                operation="get_resources",
                parameters={"restApiId": "id", "embed": '=["methods"]'},
                into="Resources",
                take="items",
                pages=True,
                absent=GONE,
            ),
        ),
        tags="tags",
        decode=("policy",),
    ),
    Resource(
        kind="aws.apigateway.stage",
        client="apigateway",
        each=Each("get_stages", "item", {"restApiId": "id"}),
        for_each=(API,),
        carry={"restApiId": "id"},
        identity="arn:{partition}:apigateway:{region}::/restapis/{restApiId}/stages/{stageName}",
        name="{restApiId} {stageName}",
        links=(
            Link("part_of", "restApiId", API, "rest_api"),
            Link("guarded_by", "webAclArn", "aws.wafv2.acl"),
        ),
        tags="tags",
    ),
    Resource(
        kind="aws.wafv2.acl",
        client="wafv2",
        each=Each("list_web_acls", "WebACLs", {"Scope": "=REGIONAL"}, token=("NextMarker", "NextMarker")),
        identity="{ARN}",
        name="{Name}",
        keep=Keep(referenced=True),
        after=("aws.agentcore.gateway", "aws.apigateway.stage"),
        detail=(
            Detail(
                operation="get_web_acl",
                parameters={"ARN": "ARN"},
                into="WebACL",
                take="WebACL",
                describes=True,
                absent=(Absent("WAFNonexistentItemException"),),
            ),
        ),
        tags="@",
        noise=("LockToken",),
    ),
    Resource(
        kind="aws.stepfunctions.state_machine",
        client="stepfunctions",
        each=Each("list_state_machines", "stateMachines"),
        identity="{stateMachineArn}",
        name="{name}",
        detail=(
            Detail(
                operation="describe_state_machine",
                parameters={"stateMachineArn": "stateMachineArn"},
                describes=True,
                absent=GONE,
            ),
        ),
        confirm=("definition", r"~(?i)bedrock|sagemaker"),
        links=(Link("uses_role", "roleArn", ROLE, "role"),),
        tags="@",
        noise=("revisionId",),
    ),
    Resource(
        kind="aws.cognito.identity_pool",
        client="cognito-identity",
        each=Each("list_identity_pools", "IdentityPools", page_size=60),
        identity="arn:{partition}:cognito-identity:{region}:{account}:identitypool/{IdentityPoolId}",
        name="{IdentityPoolName}",
        detail=(
            Detail(
                operation="describe_identity_pool",
                parameters={"IdentityPoolId": "IdentityPoolId"},
                describes=True,
                absent=GONE,
            ),
            Detail(
                operation="get_identity_pool_roles",
                parameters={"IdentityPoolId": "IdentityPoolId"},
                into="IdentityPoolRoles",
                needs="IdentityPoolId",
                absent=GONE,
            ),
        ),
        links=(
            Link("uses_role", "IdentityPoolRoles.Roles.unauthenticated", ROLE, "role"),
            Link("uses_role", "IdentityPoolRoles.Roles.authenticated", ROLE, "role"),
        ),
        tags="IdentityPoolTags",
    ),
    Resource(
        kind="aws.ec2.vpc",
        client="ec2",
        each=Each("describe_vpcs", "Vpcs"),
        identity="arn:{partition}:ec2:{region}:{account}:vpc/{VpcId}",
        name="{Tags[Name]|VpcId}",
        tags="Tags",
    ),
    Resource(
        kind="aws.ec2.flow_log",
        client="ec2",
        each=Each("describe_flow_logs", "FlowLogs"),
        identity="arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{FlowLogId}",
        name="{Tags[Name]|FlowLogId}",
        links=(Link("logs_to", "LogGroupName", "aws.logs.log_group", "log_group"),),
        tags="Tags",
    ),
    Resource(
        kind="aws.ec2.volume",
        client="ec2",
        each=Each("describe_volumes", "Volumes"),
        identity="arn:{partition}:ec2:{region}:{account}:volume/{VolumeId}",
        name="{Tags[Name]|VolumeId}",
        keep=Keep(referenced=True),
        after=("aws.ec2.instance",),
        links=(Link("encrypted_by", "KmsKeyId", "aws.kms.key", "kms"),),
        tags="Tags",
    ),
    Resource(
        kind="aws.ec2.image",
        client="ec2",
        each=Each("describe_images", "Images", {"Owners": ["self"]}),
        identity="arn:{partition}:ec2:{region}:{account}:image/{ImageId}",
        name="{Name|ImageId}",
        keep=Keep(matching=(("Name", AI_NAMES), ("Name", AI_IMAGES), ("Description", AI_IMAGES))),
        tags="Tags",
    ),
    Resource(
        kind="aws.eks.nodegroup",
        client="eks",
        each=Each("list_nodegroups", "nodegroups", {"clusterName": "name"}, row="nodegroupName"),
        for_each=("aws.eks.cluster",),
        carry={"clusterName": "name"},
        identity="arn:{partition}:eks:{region}:{account}:nodegroup/{clusterName}/{nodegroupName}",
        name="{clusterName} {nodegroupName}",
        detail=(
            Detail(
                operation="describe_nodegroup",
                parameters={"clusterName": "clusterName", "nodegroupName": "nodegroupName"},
                into="nodegroup",
                take="nodegroup",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("part_of", "clusterName", "aws.eks.cluster", "arn:eks:cluster/{}"),
            Link("uses_role", "nodegroup.nodeRole", ROLE, "role"),
            Link("in_network", "nodegroup.subnets[]", "aws.ec2.subnet", "arn:ec2:subnet/{}"),
        ),
        tags="nodegroup.tags",
        noise=("nodegroup.health",),
    ),
)
