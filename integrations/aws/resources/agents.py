"""Bedrock agents: what they are told, what they may do, what they know."""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Link, Named, Resource

NOT_HERE = ("ValidationException", "UnknownOperationException")
GONE = (Absent("ResourceNotFoundException"),)
AGENT = "aws.bedrock.agent"
VERSION = "aws.bedrock.agent_version"
KNOWLEDGE = "aws.bedrock.knowledge_base"
STORE = "knowledgeBase.storageConfiguration"


def agent_links(part: str) -> tuple[Link, ...]:
    """What an agent, or one published version of it, refers to."""
    return (
        Link("uses_role", f"{part}.agentResourceRoleArn", "aws.iam.role", "role"),
        Link("loads", f"{part}.foundationModel", "aws.bedrock.foundation_model", "foundation_model"),
        Link(
            "guarded_by",
            f"{part}.guardrailConfiguration.guardrailIdentifier",
            "aws.bedrock.guardrail",
            "arn:bedrock:guardrail/{}",
        ),
        Link(
            "guarded_by",
            f"{part}.guardrailConfiguration.guardrailVersion",
            "aws.bedrock.guardrail_version",
            f"arn:bedrock:guardrail/{{{part}.guardrailConfiguration.guardrailIdentifier}}/version/{{}}",
            skip=("DRAFT",),
        ),
        Link("encrypted_by", f"{part}.customerEncryptionKeyArn", "aws.kms.key", "kms"),
        Link("has_tool", "agentKnowledgeBases[].knowledgeBaseId", KNOWLEDGE, "arn:bedrock:knowledge-base/{}"),
        Link("delegates_to", "agentCollaborators[].agentDescriptor.aliasArn", "aws.bedrock.agent_alias"),
    )


def agent_details(version: str, part: str) -> tuple[Detail, ...]:
    """Knowledge bases and collaborators are answered by calls of their own."""
    parameters = {"agentId": "agentId", "agentVersion": version}
    return (
        Detail(
            operation="list_agent_knowledge_bases",
            parameters=parameters,
            into="agentKnowledgeBases",
            take="agentKnowledgeBaseSummaries",
            pages=True,
        ),
        Detail(
            operation="list_agent_collaborators",
            parameters=parameters,
            into="agentCollaborators",
            take="agentCollaboratorSummaries",
            pages=True,
            when=(f"{part}.agentCollaboration", ("SUPERVISOR", "SUPERVISOR_ROUTER")),
        ),
    )


RESOURCES = (
    Resource(
        kind=AGENT,
        client="bedrock-agent",
        each=Each("list_agents", "agentSummaries"),
        identity="arn:{partition}:bedrock:{region}:{account}:agent/{agentId}",
        name="{agentName}",
        detail=(
            Detail(
                operation="get_agent",
                parameters={"agentId": "agentId"},
                into="agent",
                take="agent",
                describes=True,
                absent=GONE,
            ),
            *agent_details("=DRAFT", "agent"),
        ),
        links=agent_links("agent"),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.agent_alias",
        client="bedrock-agent",
        each=Each("list_agent_aliases", "agentAliasSummaries", {"agentId": "agentId"}),
        for_each=(AGENT,),
        carry={"agentId": "agentId"},
        identity="arn:{partition}:bedrock:{region}:{account}:agent-alias/{agentId}/{agentAliasId}",
        name="{agentAliasName}",
        links=(
            Link("part_of", "agentId", AGENT, "arn:bedrock:agent/{}"),
            Link(
                "serves",
                "routingConfiguration[].agentVersion",
                VERSION,
                "arn:bedrock:agent/{agentId}/version/{}",
                skip=("DRAFT",),
            ),
            Link(
                "serves",
                "routingConfiguration[].provisionedThroughput",
                "aws.bedrock.provisioned_throughput",
            ),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind=VERSION,
        client="bedrock-agent",
        each=Named("routingConfiguration[].agentVersion", "agentVersionNumber", skip=("DRAFT",)),
        for_each=("aws.bedrock.agent_alias",),
        carry={"agentId": "agentId"},
        identity="arn:{partition}:bedrock:{region}:{account}:agent/{agentId}/version/{agentVersionNumber}",
        name="{agentVersion.agentName|agentId} version {agentVersionNumber}",
        detail=(
            Detail(
                operation="get_agent_version",
                parameters={"agentId": "agentId", "agentVersion": "agentVersionNumber"},
                into="agentVersion",
                take="agentVersion",
                describes=True,
                absent=GONE,
            ),
            *agent_details("agentVersionNumber", "agentVersion"),
        ),
        links=(Link("part_of", "agentId", AGENT, "arn:bedrock:agent/{}"), *agent_links("agentVersion")),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.action_group",
        client="bedrock-agent",
        each=Each(
            "list_agent_action_groups",
            "actionGroupSummaries",
            {"agentId": "agentId", "agentVersion": "agentVersionNumber|=DRAFT"},
        ),
        for_each=(AGENT, VERSION),
        carry={"agentId": "agentId", "agentVersion": "agentVersionNumber|=DRAFT"},
        identity="arn:{partition}:bedrock:{region}:{account}:agent/{agentId}/version/{agentVersion}/action-group/{actionGroupId}",
        name="{actionGroupName}",
        detail=(
            Detail(
                operation="get_agent_action_group",
                parameters={"agentId": "agentId", "agentVersion": "agentVersion", "actionGroupId": "actionGroupId"},
                into="agentActionGroup",
                take="agentActionGroup",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("part_of", "agentId", AGENT, "arn:bedrock:agent/{}"),
            Link(
                "part_of",
                "agentVersion",
                VERSION,
                "arn:bedrock:agent/{agentId}/version/{}",
                skip=("DRAFT",),
            ),
            Link("has_tool", "agentActionGroup.actionGroupExecutor.lambda", "aws.lambda.function", "function"),
            Link("loads", "agentActionGroup.apiSchema.s3.s3BucketName", "aws.s3.bucket", "bucket"),
        ),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind=KNOWLEDGE,
        client="bedrock-agent",
        each=Each("list_knowledge_bases", "knowledgeBaseSummaries"),
        identity="arn:{partition}:bedrock:{region}:{account}:knowledge-base/{knowledgeBaseId}",
        name="{name}",
        detail=(
            Detail(
                operation="get_knowledge_base",
                parameters={"knowledgeBaseId": "knowledgeBaseId"},
                into="knowledgeBase",
                take="knowledgeBase",
                describes=True,
                absent=GONE,
            ),
            Detail(
                operation="get_resource_policy",
                parameters={"resourceArn": "knowledgeBase.knowledgeBaseArn"},
                into="ResourcePolicy",
                take="policy",
                decode=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("uses_role", "knowledgeBase.roleArn", "aws.iam.role", "role"),
            Link(
                "loads",
                "knowledgeBase.knowledgeBaseConfiguration.vectorKnowledgeBaseConfiguration.embeddingModelArn",
                "aws.bedrock.foundation_model",
                "foundation_model",
            ),
            Link("stores_in", f"{STORE}.opensearchServerlessConfiguration.collectionArn", "aws.aoss.collection"),
            Link("stores_in", f"{STORE}.opensearchManagedClusterConfiguration.domainArn", "aws.opensearch.domain"),
            Link("stores_in", f"{STORE}.s3VectorsConfiguration.vectorBucketArn", "aws.s3vectors.bucket"),
            Link("stores_in", f"{STORE}.neptuneAnalyticsConfiguration.graphArn", "aws.neptune.graph"),
            Link("stores_in", f"{STORE}.rdsConfiguration.resourceArn", "aws.rds.cluster"),
        ),
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.data_source",
        client="bedrock-agent",
        each=Each("list_data_sources", "dataSourceSummaries", {"knowledgeBaseId": "knowledgeBaseId"}),
        for_each=(KNOWLEDGE,),
        identity="arn:{partition}:bedrock:{region}:{account}:knowledge-base/{knowledgeBaseId}/data-source/{dataSourceId}",
        name="{name}",
        detail=(
            Detail(
                operation="get_data_source",
                parameters={"knowledgeBaseId": "knowledgeBaseId", "dataSourceId": "dataSourceId"},
                into="dataSource",
                take="dataSource",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("part_of", "knowledgeBaseId", KNOWLEDGE, "arn:bedrock:knowledge-base/{}"),
            Link("reads_data", "dataSource.dataSourceConfiguration.s3Configuration.bucketArn", "aws.s3.bucket", "arn"),
            Link("encrypted_by", "dataSource.serverSideEncryptionConfiguration.kmsKeyArn", "aws.kms.key", "kms"),
        ),
        not_offered=NOT_HERE,
    ),
)
