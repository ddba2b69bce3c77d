"""The stateful half of the overlay: what moto cannot hold, kept as the documents that AWS would answer.

A document is stored once, in the form of its Get/Describe answer; the list answers are projections of it, so that list
and describe always agree. Every document is checked against the botocore shape when it is put in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from demo.aws.shapes import check, output_shape
from demo.aws.tables import ROWS
from demo.aws.wire import Document

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of thing: which members identify it, and which answer describes it."""

    keys: tuple[str, ...]
    service: str
    operation: str
    member: str = ""


COLLECTIONS: dict[str, Collection] = {
    "bedrock.foundation_model": Collection(("modelId",), "bedrock", "GetFoundationModel", "modelDetails"),
    "bedrock.custom_model": Collection(("modelArn",), "bedrock", "GetCustomModel"),
    "bedrock.provisioned_throughput": Collection(("provisionedModelArn",), "bedrock", "GetProvisionedModelThroughput"),
    "bedrock.guardrail": Collection(("guardrailId", "version"), "bedrock", "GetGuardrail"),
    "bedrock.agent": Collection(("agentId",), "bedrock-agent", "GetAgent", "agent"),
    "bedrock.agent_version": Collection(("agentId", "version"), "bedrock-agent", "GetAgentVersion", "agentVersion"),
    "bedrock.agent_alias": Collection(("agentId", "agentAliasId"), "bedrock-agent", "GetAgentAlias", "agentAlias"),
    "bedrock.action_group": Collection(
        ("agentId", "agentVersion", "actionGroupId"), "bedrock-agent", "GetAgentActionGroup", "agentActionGroup"
    ),
    "bedrock.agent_knowledge_base": Collection(
        ("agentId", "agentVersion", "knowledgeBaseId"),
        "bedrock-agent",
        "GetAgentKnowledgeBase",
        "agentKnowledgeBase",
    ),
    "bedrock.agent_collaborator": Collection(
        ("agentId", "agentVersion", "collaboratorId"), "bedrock-agent", "GetAgentCollaborator", "agentCollaborator"
    ),
    "bedrock.knowledge_base": Collection(("knowledgeBaseId",), "bedrock-agent", "GetKnowledgeBase", "knowledgeBase"),
    "bedrock.data_source": Collection(
        ("knowledgeBaseId", "dataSourceId"), "bedrock-agent", "GetDataSource", "dataSource"
    ),
    "bedrock.ingestion_job": Collection(
        ("knowledgeBaseId", "dataSourceId", "ingestionJobId"), "bedrock-agent", "GetIngestionJob", "ingestionJob"
    ),
    "eks.pod_identity_association": Collection(
        ("clusterName", "associationId"), "eks", "DescribePodIdentityAssociation", "association"
    ),
    "iam.service_credential": Collection(
        ("ServiceSpecificCredentialId",), "iam", "ListServiceSpecificCredentials", "ServiceSpecificCredentials"
    ),
    "guardduty.finding": Collection(("Id",), "guardduty", "GetFindings", "Findings"),
    "ecr.scan": Collection(("repositoryName",), "ecr", "DescribeImageScanFindings"),
} | {row.name: Collection(row.keys, row.service, row.operation, row.shape_member) for row in ROWS}


class Twin:
    """Documents by collection and place (account, region), tags by ARN, resource policies by name."""

    def __init__(self) -> None:
        self._documents: dict[tuple[str, Place], dict[tuple[str, ...], Document]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.policies: dict[tuple[Place, str, str], str] = {}
        self.requests: dict[tuple[Place, str, str], Document] = {}

    def put(self, name: str, place: Place, document: Document, tags: dict[str, str] | None = None) -> Document:
        """Stores (or replaces) a document; raises NotAnAnswer when AWS could not have sent it.

        Members that start with `_` are for finding it, and are never told.
        """
        collection = COLLECTIONS[name]
        shape = output_shape(collection.service, collection.operation, collection.member)
        told = {member: value for member, value in document.items() if not member.startswith("_")}
        check(shape, told, f"{name} {identity(name, document)}")
        self._documents.setdefault((name, place), {})[identity(name, document)] = document
        if tags:
            self.tags[arn_of(document)] = dict(tags)
        return document

    def keep(self, name: str, place: Place, key: tuple[str, ...], document: Document) -> Document:
        """As `put`, for a document that does not hold what it is asked for by."""
        collection = COLLECTIONS[name]
        check(output_shape(collection.service, collection.operation, collection.member), document, f"{name} {key}")
        self._documents.setdefault((name, place), {})[key] = document
        return document

    def remove(self, name: str, place: Place, *key: str) -> None:
        self._documents.get((name, place), {}).pop(key, None)

    def get(self, name: str, place: Place, *key: str) -> Document | None:
        return self._documents.get((name, place), {}).get(key)

    def all(self, name: str, place: Place, **where: str) -> Sequence[Document]:
        """Documents in the order of their creation whose members have the given values."""
        stored = self._documents.get((name, place), {})
        return [doc for doc in stored.values() if all(doc.get(key) == value for key, value in where.items())]

    def arns(self, place: Place) -> Iterator[str]:
        """ARNs of everything in this place that has tags."""
        for (_, here), documents in self._documents.items():
            if here == place:
                yield from (arn for arn in map(arn_of, documents.values()) if arn in self.tags)


def identity(name: str, document: Document) -> tuple[str, ...]:
    """The key of a document; an ECR scan is known by repository and digest."""
    key = tuple(str(document.get(member, "")) for member in COLLECTIONS[name].keys)
    if name == "ecr.scan":
        return (*key, str(document.get("imageId", {}).get("imageDigest", "")))
    return key


def arn_of(document: dict[str, Any]) -> str:
    """The document's own ARN: the first member whose name ends so, in the order of the document."""
    for name in ("guardrailArn", "agentArn", "agentAliasArn", "knowledgeBaseArn", "modelArn", "associationArn"):
        if name in document:
            return str(document[name])
    return next((str(value) for key, value in document.items() if key.lower().endswith("arn")), "")
