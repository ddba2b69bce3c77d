"""Bedrock AgentCore: agents that run, the gateways and tools that they reach, and what keeps them in bounds."""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Link, Resource, Single

CLIENT = "bedrock-agentcore-control"
NOT_HERE = ("UnknownOperationException", "UnrecognizedClientException")
GONE = (Absent("ResourceNotFoundException"),)
RUNTIME = "aws.agentcore.runtime"
GATEWAY = "aws.agentcore.gateway"
ENGINE = "aws.agentcore.policy_engine"
REGISTRY = "aws.agentcore.registry"
MODEL = "aws.bedrock.foundation_model"
ROLE, KEY, BUCKET, GROUP = "aws.iam.role", "aws.kms.key", "aws.s3.bucket", "aws.ec2.security_group"


def _describe(operation: str, parameter: str, path: str, part: str = "") -> Detail:
    return Detail(operation=operation, parameters={parameter: path}, into=part, take=part, describes=True, absent=GONE)


def _shared(arn: str) -> Detail:
    """The resource's own policy: who else may call it."""
    return Detail(
        operation="get_resource_policy",
        parameters={"resourceArn": arn},
        into="ResourcePolicy",
        take="policy",
        decode=True,
        optional=True,
        absent=GONE,
    )


AGENTS = (
    Resource(
        kind=RUNTIME,
        client=CLIENT,
        each=Each("list_agent_runtimes", "agentRuntimes"),
        identity="{agentRuntimeArn}",
        name="{agentRuntimeName}",
        detail=(_describe("get_agent_runtime", "agentRuntimeId", "agentRuntimeId"), _shared("agentRuntimeArn")),
        links=(
            Link("uses_role", "roleArn", ROLE, "role"),
            Link("runs_image", "agentRuntimeArtifact.containerConfiguration.containerUri", "aws.ecr.image", "image"),
            Link("loads", "agentRuntimeArtifact.codeConfiguration.code.s3.bucket", BUCKET, "bucket"),
            Link("in_network", "networkConfiguration.networkModeConfig.securityGroups[]", GROUP, "security_group"),
            Link("runs_as", "workloadIdentityDetails.workloadIdentityArn", "aws.agentcore.workload_identity"),
        ),
        tags="@",
        after=("aws.ecr.image",),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.runtime_endpoint",
        client=CLIENT,
        each=Each("list_agent_runtime_endpoints", "runtimeEndpoints", {"agentRuntimeId": "agentRuntimeId"}),
        for_each=(RUNTIME,),
        identity="{agentRuntimeEndpointArn}",
        name="{name}",
        links=(Link("serves", "agentRuntimeArn", RUNTIME),),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.harness",
        client=CLIENT,
        each=Each("list_harnesses", "harnesses"),
        identity="{arn}",
        name="{harnessName}",
        detail=(_describe("get_harness", "harnessId", "harnessId", "harness"),),
        links=(
            Link("uses_role", "harness.executionRoleArn", ROLE, "role"),
            Link(
                "loads", "harness.model.bedrockModelConfig.modelId", "aws.bedrock.foundation_model", "foundation_model"
            ),
            Link("has_tool", "harness.tools[].config.agentCoreGateway.gatewayArn", GATEWAY),
            Link("has_tool", "harness.tools[].config.agentCoreBrowser.browserArn", "aws.agentcore.browser"),
            Link(
                "has_tool",
                "harness.tools[].config.agentCoreCodeInterpreter.codeInterpreterArn",
                "aws.agentcore.code_interpreter",
            ),
            Link("stores_in", "harness.memory.agentCoreMemoryConfiguration.arn", "aws.agentcore.memory"),
            Link("loads", "harness.skills[].s3.uri", BUCKET, "s3"),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.memory",
        client=CLIENT,
        each=Each("list_memories", "memories"),
        identity="arn:{partition}:bedrock-agentcore:{region}:{account}:memory/{id}",
        name="{memory.name|id}",
        detail=(_describe("get_memory", "memoryId", "id", "memory"),),
        links=(
            Link("uses_role", "memory.memoryExecutionRoleArn", ROLE, "role"),
            Link("encrypted_by", "memory.encryptionKeyArn", KEY, "kms"),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
)
TOOLS = (
    Resource(
        kind=GATEWAY,
        client=CLIENT,
        each=Each("list_gateways", "items"),
        identity="arn:{partition}:bedrock-agentcore:{region}:{account}:gateway/{gatewayId}",
        name="{name}",
        detail=(
            _describe("get_gateway", "gatewayIdentifier", "gatewayId"),
            _shared("gatewayArn"),
        ),
        links=(
            Link("uses_role", "roleArn", ROLE, "role"),
            Link("encrypted_by", "kmsKeyArn", KEY, "kms"),
            Link("guarded_by", "policyEngineConfiguration.arn", ENGINE),
            Link("guarded_by", "webAclArn", "aws.wafv2.acl"),
            Link("guarded_by", "interceptorConfigurations[].interceptor.lambda.arn", "aws.lambda.function", "function"),
            Link("runs_as", "workloadIdentityDetails.workloadIdentityArn", "aws.agentcore.workload_identity"),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.gateway_target",
        client=CLIENT,
        each=Each("list_gateway_targets", "items", {"gatewayIdentifier": "gatewayId"}),
        for_each=(GATEWAY,),
        carry={"gatewayId": "gatewayId"},
        identity="arn:{partition}:bedrock-agentcore:{region}:{account}:gateway/{gatewayId}/target/{targetId}",
        name="{name}",
        detail=(
            Detail(
                operation="get_gateway_target",
                parameters={"gatewayIdentifier": "gatewayId", "targetId": "targetId"},
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("part_of", "gatewayId", GATEWAY, "arn:bedrock-agentcore:gateway/{}"),
            Link("has_tool", "targetConfiguration.mcp.lambda.lambdaArn", "aws.lambda.function", "function"),
            Link("delegates_to", "targetConfiguration.http.agentcoreRuntime.arn", RUNTIME),
            Link(
                "has_tool",
                "targetConfiguration.mcp.apiGateway.restApiId",
                "aws.apigateway.rest_api",
                "rest_api",
            ),
            Link("loads", "targetConfiguration.mcp.lambda.toolSchema.s3.uri", BUCKET, "s3"),
            Link("loads", "targetConfiguration.mcp.openApiSchema.s3.uri", BUCKET, "s3"),
            Link("loads", "targetConfiguration.mcp.smithyModel.s3.uri", BUCKET, "s3"),
            Link("loads", "targetConfiguration.mcp.mcpServer.mcpToolSchema.s3.uri", BUCKET, "s3"),
        ),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.browser",
        client=CLIENT,
        each=Each("list_browsers", "browserSummaries", {"type": "=CUSTOM"}),
        identity="{browserArn}",
        name="{name|browserId}",
        detail=(_describe("get_browser", "browserId", "browserId"),),
        links=(
            Link("uses_role", "executionRoleArn", ROLE, "role"),
            Link("in_network", "networkConfiguration.vpcConfig.securityGroups[]", GROUP, "security_group"),
            Link("logs_to", "recording.s3Location.bucket", BUCKET, "bucket"),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.code_interpreter",
        client=CLIENT,
        each=Each("list_code_interpreters", "codeInterpreterSummaries", {"type": "=CUSTOM"}),
        identity="{codeInterpreterArn}",
        name="{name|codeInterpreterId}",
        detail=(_describe("get_code_interpreter", "codeInterpreterId", "codeInterpreterId"),),
        links=(
            Link("uses_role", "executionRoleArn", ROLE, "role"),
            Link("in_network", "networkConfiguration.vpcConfig.securityGroups[]", GROUP, "security_group"),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
)
CONTROL = (
    Resource(
        kind=ENGINE,
        client=CLIENT,
        each=Each("list_policy_engines", "policyEngines"),
        identity="{policyEngineArn}",
        name="{name}",
        links=(Link("encrypted_by", "encryptionKeyArn", KEY, "kms"),),
        given=(GATEWAY,),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.policy",
        client=CLIENT,
        each=Each("list_policies", "policies", {"policyEngineId": "policyEngineId"}),
        for_each=(ENGINE,),
        identity="{policyArn}",
        name="{name}",
        links=(Link("part_of", "policyEngineId", ENGINE, "arn:bedrock-agentcore:policy-engine/{}"),),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.workload_identity",
        client=CLIENT,
        each=Each("list_workload_identities", "workloadIdentities", page_size=20),
        identity="{workloadIdentityArn}",
        name="{name}",
        given=(RUNTIME, GATEWAY),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.api_key_provider",
        client=CLIENT,
        each=Each("list_api_key_credential_providers", "credentialProviders"),
        identity="{credentialProviderArn}",
        name="{name}",
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.oauth_provider",
        client=CLIENT,
        each=Each("list_oauth2_credential_providers", "credentialProviders", page_size=20),
        identity="{credentialProviderArn}",
        name="{name}",
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.token_vault",
        client=CLIENT,
        each=Single("get_token_vault", absent=GONE),
        given=("aws.agentcore.api_key_provider", "aws.agentcore.oauth_provider"),
        identity="arn:{partition}:bedrock-agentcore:{region}:{account}:token-vault/default",
        name="Token vault in {region}",
        links=(Link("encrypted_by", "kmsConfiguration.kmsKeyArn", KEY, "kms"),),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind=REGISTRY,
        client=CLIENT,
        each=Each("list_registries", "registries"),
        identity="{registryArn}",
        name="{name}",
        detail=(_describe("get_registry", "registryId", "registryId"),),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.registry_record",
        client=CLIENT,
        each=Each("list_registry_records", "registryRecords", {"registryId": "registryId"}),
        for_each=(REGISTRY,),
        identity="{recordArn}",
        name="{name}",
        links=(Link("part_of", "registryArn", REGISTRY),),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.agentcore.online_evaluation",
        client=CLIENT,
        each=Each("list_online_evaluation_configs", "onlineEvaluationConfigs"),
        identity="{onlineEvaluationConfigArn}",
        name="{onlineEvaluationConfigName}",
        given=(RUNTIME, "aws.agentcore.harness"),
        tags="@",
        not_offered=NOT_HERE,
    ),
)
RESOURCES = (*AGENTS, *TOOLS, *CONTROL)
