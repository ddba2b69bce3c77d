"""Bedrock agents with their versions, aliases, tools and knowledge bases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demo.aws.build import vector_stores
from demo.aws.build.bedrock import model_arn
from demo.aws.build.site import Site, Tags, without_nothing
from demo.aws.wire import Document

DRAFT = "DRAFT"


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as it was built; `version` is the published one."""

    site: Site
    id: str
    version: str


def agent(site: Site, name: str, role: str, tags: Tags | None = None, **more: Any) -> Agent:
    """An agent with one published version and an alias `live` that routes to it.

    More: model, guardrail (id, "" = none), guardrail_version, kms, memory_days, instruction, alias_to ("DRAFT" =
    the alias serves the draft).
    """
    made = site.made_id("agent", name)
    common = _common(site, made, name, role, more)
    draft = {**common, "agentVersion": DRAFT, "agentStatus": "PREPARED", "orchestrationType": "DEFAULT"}
    site.put("bedrock.agent", {**draft, "preparedAt": site.now()}, tags)
    site.put("bedrock.agent_version", {**common, "version": "1", "agentStatus": "PREPARED"})
    _alias(site, made, more.get("alias_to", "1"), tags)
    return Agent(site, made, "1")


def _common(site: Site, made: str, name: str, role: str, more: dict[str, Any]) -> Document:
    guardrail = more.get("guardrail")
    guarded = {"guardrailIdentifier": guardrail, "guardrailVersion": more.get("guardrail_version", "1")}
    memory = {"enabledMemoryTypes": ["SESSION_SUMMARY"], "storageDays": more.get("memory_days")}
    return without_nothing(
        agentId=made,
        agentName=name,
        agentArn=site.arn("bedrock", f"agent/{made}"),
        instruction=more.get("instruction", "You help customers politely and answer only from the documents given."),
        foundationModel=more.get("model", "amazon.nova-pro-v1:0"),
        description=name.replace("-", " ").capitalize(),
        idleSessionTTLInSeconds=more.get("ttl", 600),
        agentResourceRoleArn=role,
        customerEncryptionKeyArn=more.get("kms"),
        createdAt=site.now(),
        updatedAt=site.now(),
        guardrailConfiguration=guarded if guardrail else None,
        memoryConfiguration=memory if more.get("memory_days") else None,
        agentCollaboration="DISABLED",
    )


def _alias(site: Site, agent_id: str, version: str, tags: Tags | None) -> None:
    made = site.made_id("alias", agent_id)
    site.put(
        "bedrock.agent_alias",
        {
            "agentId": agent_id,
            "agentAliasId": made,
            "agentAliasName": "live",
            "agentAliasArn": site.arn("bedrock", f"agent-alias/{agent_id}/{made}"),
            "routingConfiguration": [{"agentVersion": version}],
            "createdAt": site.now(),
            "updatedAt": site.now(),
            "agentAliasStatus": "PREPARED",
        },
        tags,
    )


def action_group(of: Agent, name: str, *, function: str = "", confirm: bool = True, interpreter: bool = False) -> None:
    """A tool of the draft and the published version: a Lambda function, or the built-in code interpreter."""
    for version in (DRAFT, of.version):
        document = without_nothing(
            agentId=of.id,
            agentVersion=version,
            actionGroupId=of.site.made_id("action", of.id, name),
            actionGroupName=name,
            actionGroupState="ENABLED",
            createdAt=of.site.now(),
            updatedAt=of.site.now(),
            parentActionSignature="AMAZON.CodeInterpreter" if interpreter else None,
            actionGroupExecutor={"lambda": function} if function else None,
            functionSchema=None if interpreter else _schema(name, confirm),
        )
        of.site.put("bedrock.action_group", document)


def _schema(name: str, confirm: bool) -> Document:
    return {
        "functions": [
            {
                "name": name,
                "description": name.replace("_", " "),
                "parameters": {"order_id": {"type": "string", "description": "Number of the order", "required": True}},
                "requireConfirmation": "ENABLED" if confirm else "DISABLED",
            }
        ]
    }


def knowledge_base(site: Site, name: str, role: str, tags: Tags | None = None, **more: Any) -> str:
    """More: store (ARN of any vector store; a collection is made otherwise), model, kms. Returns its id."""
    made = site.made_id("knowledge", name)
    embedding = {"embeddingModelArn": model_arn(site, more.get("model", "amazon.titan-embed-text-v2:0"))}
    store = more.get("store") or vector_stores.collection(site, name, tags, **_lock(more))
    site.put(
        "bedrock.knowledge_base",
        {
            "knowledgeBaseId": made,
            "name": name,
            "knowledgeBaseArn": site.arn("bedrock", f"knowledge-base/{made}"),
            "roleArn": role,
            "knowledgeBaseConfiguration": {"type": "VECTOR", "vectorKnowledgeBaseConfiguration": embedding},
            "storageConfiguration": _storage(store),
            "status": "ACTIVE",
            "createdAt": site.now(),
            "updatedAt": site.now(),
        },
        tags,
    )
    return made


def _lock(more: Document) -> Document:
    return {"kms": more["kms"]} if more.get("kms") else {}


def _storage(store: str) -> Document:
    """The storage configuration for the ARN of a vector store."""
    fields = {"vectorField": "vector", "textField": "text", "metadataField": "metadata"}
    index = {"vectorIndexName": "documents", "fieldMapping": fields}
    table = {"primaryKeyField": "id", **fields}
    service = store.split(":")[2]
    kinds: dict[str, tuple[str, str, Document]] = {
        "aoss": ("OPENSEARCH_SERVERLESS", "opensearchServerlessConfiguration", {"collectionArn": store, **index}),
        "es": (
            "OPENSEARCH_MANAGED_CLUSTER",
            "opensearchManagedClusterConfiguration",
            {"domainArn": store, "domainEndpoint": "https://search.example", **index},
        ),
        "s3vectors": ("S3_VECTORS", "s3VectorsConfiguration", {"vectorBucketArn": store, "indexName": "articles"}),
        "neptune-graph": (
            "NEPTUNE_ANALYTICS",
            "neptuneAnalyticsConfiguration",
            {"graphArn": store, "fieldMapping": {"textField": "text", "metadataField": "metadata"}},
        ),
        "rds": (
            "RDS",
            "rdsConfiguration",
            {
                "resourceArn": store,
                "credentialsSecretArn": f"{store.replace(':rds:', ':secretsmanager:')}-secret",
                "databaseName": "vectors",
                "tableName": "documents",
                "fieldMapping": table,
            },
        ),
    }
    sort, member, document = kinds[service]
    return {"type": sort, member: document}


def data_source(site: Site, knowledge_base_id: str, name: str, **more: Any) -> str:
    """More: bucket (name) or crawl (list of URLs); kms; retain=True keeps vectors after deletion. Returns its id."""
    made = site.made_id("source", knowledge_base_id, name)
    if more.get("crawl"):
        urls = [{"url": url} for url in more["crawl"]]
        source: Document = {
            "type": "WEB",
            "webConfiguration": {"sourceConfiguration": {"urlConfiguration": {"seedUrls": urls}}},
        }
    else:
        source = {"type": "S3", "s3Configuration": {"bucketArn": f"arn:aws:s3:::{more['bucket']}"}}
    document = without_nothing(
        knowledgeBaseId=knowledge_base_id,
        dataSourceId=made,
        name=name,
        status="AVAILABLE",
        dataSourceConfiguration=source,
        serverSideEncryptionConfiguration={"kmsKeyArn": more["kms"]} if more.get("kms") else None,
        dataDeletionPolicy="RETAIN" if more.get("retain") else "DELETE",
        createdAt=site.now(),
        updatedAt=site.now(),
    )
    site.put("bedrock.data_source", document)
    return made


def knows(of: Agent, knowledge_base_id: str, about: str) -> None:
    """Gives the draft and the published version of an agent a knowledge base."""
    for version in (DRAFT, of.version):
        of.site.put(
            "bedrock.agent_knowledge_base",
            {
                "agentId": of.id,
                "agentVersion": version,
                "knowledgeBaseId": knowledge_base_id,
                "description": about,
                "createdAt": of.site.now(),
                "updatedAt": of.site.now(),
                "knowledgeBaseState": "ENABLED",
            },
        )
