"""Bedrock: managed prompts and flows."""

from __future__ import annotations

from integrations.aws.resources.agents import GONE, KNOWLEDGE, NOT_HERE
from integrations.aws.table import Detail, Each, Link, Named, Resource

FLOW = "aws.bedrock.flow"
ALIAS = "aws.bedrock.flow_alias"
VERSION = "aws.bedrock.flow_version"
NODE = "definition.nodes[].configuration"
GUARD = "guardrailConfiguration.guardrailIdentifier"


def flow_links() -> tuple[Link, ...]:
    """What a flow, or one published version of it, refers to."""
    guardrail = ("aws.bedrock.guardrail", "arn:bedrock:guardrail/{}")
    return (
        Link("uses_role", "executionRoleArn", "aws.iam.role", "role"),
        Link("encrypted_by", "customerEncryptionKeyArn", "aws.kms.key", "kms"),
        Link("guarded_by", f"{NODE}.prompt.{GUARD}", *guardrail),
        Link("guarded_by", f"{NODE}.knowledgeBase.{GUARD}", *guardrail),
        Link("has_tool", f"{NODE}.knowledgeBase.knowledgeBaseId", KNOWLEDGE, "arn:bedrock:knowledge-base/{}"),
        Link("has_tool", f"{NODE}.lambdaFunction.lambdaArn", "aws.lambda.function", "function"),
        Link("delegates_to", f"{NODE}.agent.agentAliasArn", "aws.bedrock.agent_alias"),
        Link("loads", f"{NODE}.prompt.sourceConfiguration.inline.modelId", "", "model"),
        Link("loads", f"{NODE}.knowledgeBase.modelId", "", "model"),
        Link("loads", f"{NODE}.prompt.sourceConfiguration.resource.promptArn"),
        Link("writes_data", f"{NODE}.storage.serviceConfiguration.s3.bucketName", "aws.s3.bucket", "bucket"),
        Link("reads_data", f"{NODE}.retrieval.serviceConfiguration.s3.bucketName", "aws.s3.bucket", "bucket"),
    )


RESOURCES = (
    Resource(
        kind="aws.bedrock.prompt",
        client="bedrock-agent",
        each=Each("list_prompts", "promptSummaries"),
        identity="{arn}",
        name="{name}",
        detail=(Detail(operation="get_prompt", parameters={"promptIdentifier": "id"}, describes=True, absent=GONE),),
        links=(
            Link("encrypted_by", "customerEncryptionKeyArn", "aws.kms.key", "kms"),
            Link("loads", "variants[].modelId", "", "model"),
            Link("delegates_to", "variants[].genAiResource.agent.agentIdentifier", "aws.bedrock.agent_alias"),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind=FLOW,
        client="bedrock-agent",
        each=Each("list_flows", "flowSummaries"),
        identity="{arn}",
        name="{name}",
        detail=(Detail(operation="get_flow", parameters={"flowIdentifier": "id"}, describes=True, absent=GONE),),
        links=flow_links(),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind=ALIAS,
        client="bedrock-agent",
        each=Each("list_flow_aliases", "flowAliasSummaries", {"flowIdentifier": "id"}),
        for_each=(FLOW,),
        identity="{arn}",
        name="{name}",
        links=(
            Link("part_of", "flowId", FLOW, "arn:bedrock:flow/{}"),
            Link(
                "serves",
                "routingConfiguration[].flowVersion",
                VERSION,
                "arn:bedrock:flow/{flowId}/version/{}",
                ("DRAFT",),
            ),
        ),
        tags="@",
        noise=("updatedAt",),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind=VERSION,
        client="bedrock-agent",
        each=Named("routingConfiguration[].flowVersion", "flowVersionNumber", skip=("DRAFT",)),
        for_each=(ALIAS,),
        carry={"flowId": "flowId"},
        identity="arn:{partition}:bedrock:{region}:{account}:flow/{flowId}/version/{flowVersionNumber}",
        name="{name|flowId} version {flowVersionNumber}",
        detail=(
            Detail(
                operation="get_flow_version",
                parameters={"flowIdentifier": "flowId", "flowVersion": "flowVersionNumber"},
                describes=True,
                absent=GONE,
            ),
        ),
        links=(Link("part_of", "flowId", FLOW, "arn:bedrock:flow/{}"), *flow_links()),
        not_offered=NOT_HERE,
    ),
)
