"""Bedrock and Bedrock Agents, wholly from the twin except for jobs and invocation logging."""

from __future__ import annotations

from demo.aws.overlay.registry import Context, Listing, Registry, not_found
from demo.aws.shapes import output_shape, project
from demo.aws.wire import Call, Document

DRAFT = "DRAFT"
GUARDRAIL_NAMES = {"guardrailId": "id", "guardrailArn": "arn"}


def register(registry: Registry) -> None:
    _control_plane(registry)
    _agents(registry)
    _knowledge_bases(registry)


def _control_plane(registry: Registry) -> None:
    registry.lists("bedrock", "ListFoundationModels", Listing("bedrock.foundation_model", "modelSummaries"))
    registry.answers["bedrock", "GetFoundationModel"] = foundation_model
    registry.answers["bedrock", "GetFoundationModelAvailability"] = availability
    registry.answers["bedrock", "ListGuardrails"] = guardrails
    registry.answers["bedrock", "GetGuardrail"] = guardrail
    registry.lists("bedrock", "ListCustomModels", Listing("bedrock.custom_model", "modelSummaries"))
    registry.answers["bedrock", "GetCustomModel"] = custom_model
    registry.lists(
        "bedrock",
        "ListProvisionedModelThroughputs",
        Listing("bedrock.provisioned_throughput", "provisionedModelSummaries"),
    )
    registry.answers["bedrock", "GetProvisionedModelThroughput"] = provisioned_throughput
    registry.answers["bedrock", "GetAccountDataRetention"] = data_retention
    registry.answers["bedrock", "GetResourcePolicy"] = resource_policy
    registry.answers["bedrock-agent", "GetResourcePolicy"] = knowledge_base_policy
    registry.repairs["bedrock", "GetModelInvocationLoggingConfiguration"] = logging_configuration


def _agents(registry: Registry) -> None:
    service = "bedrock-agent"
    registry.lists(service, "ListAgents", Listing("bedrock.agent", "agentSummaries"))
    registry.describes(service, "GetAgent", "bedrock.agent", ("agentId",))
    registry.answers[service, "ListAgentVersions"] = agent_versions
    registry.describes(service, "GetAgentVersion", "bedrock.agent_version", ("agentId", "agentVersion"))
    registry.lists(service, "ListAgentAliases", Listing("bedrock.agent_alias", "agentAliasSummaries", ("agentId",)))
    registry.describes(service, "GetAgentAlias", "bedrock.agent_alias", ("agentId", "agentAliasId"))
    version = ("agentId", "agentVersion")
    registry.lists(service, "ListAgentActionGroups", Listing("bedrock.action_group", "actionGroupSummaries", version))
    registry.describes(service, "GetAgentActionGroup", "bedrock.action_group", (*version, "actionGroupId"))
    registry.lists(
        service,
        "ListAgentKnowledgeBases",
        Listing("bedrock.agent_knowledge_base", "agentKnowledgeBaseSummaries", version),
    )
    registry.describes(service, "GetAgentKnowledgeBase", "bedrock.agent_knowledge_base", (*version, "knowledgeBaseId"))
    registry.lists(
        service,
        "ListAgentCollaborators",
        Listing("bedrock.agent_collaborator", "agentCollaboratorSummaries", version),
    )
    registry.describes(service, "GetAgentCollaborator", "bedrock.agent_collaborator", (*version, "collaboratorId"))


def _knowledge_bases(registry: Registry) -> None:
    service = "bedrock-agent"
    base = ("knowledgeBaseId",)
    source = ("knowledgeBaseId", "dataSourceId")
    registry.lists(service, "ListKnowledgeBases", Listing("bedrock.knowledge_base", "knowledgeBaseSummaries"))
    registry.describes(service, "GetKnowledgeBase", "bedrock.knowledge_base", base)
    registry.lists(service, "ListDataSources", Listing("bedrock.data_source", "dataSourceSummaries", base))
    registry.describes(service, "GetDataSource", "bedrock.data_source", source)
    registry.lists(service, "ListIngestionJobs", Listing("bedrock.ingestion_job", "ingestionJobSummaries", source))
    registry.describes(service, "GetIngestionJob", "bedrock.ingestion_job", (*source, "ingestionJobId"))


def foundation_model(call: Call, context: Context) -> Document:
    wanted = call.params["modelIdentifier"].rpartition("/")[2]
    found = context.twin.get("bedrock.foundation_model", call.place, wanted)
    if found is None:
        raise not_found("Could not resolve the foundation model from the provided model identifier.")
    return {"modelDetails": found}


def availability(call: Call, context: Context) -> Document:
    found = context.twin.get("bedrock.foundation_model", call.place, call.params["modelId"])
    if found is None:
        raise not_found("Could not find the foundation model.")
    return {
        "modelId": found["modelId"],
        "agreementAvailability": {"status": "AVAILABLE"},
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "regionAvailability": "AVAILABLE",
    }


def guardrails(call: Call, context: Context) -> Document:
    """Without an identifier the drafts of all guardrails, with one all versions of that guardrail."""
    wanted = call.params.get("guardrailIdentifier")
    where = {"guardrailId": _id(wanted)} if wanted else {"version": DRAFT}
    shape = output_shape("bedrock", "ListGuardrails", "guardrails")
    found = context.twin.all("bedrock.guardrail", call.place, **where)
    return {"guardrails": [project(shape, document, GUARDRAIL_NAMES) for document in found]}


def guardrail(call: Call, context: Context) -> Document:
    version = call.params.get("guardrailVersion") or DRAFT
    found = context.twin.get("bedrock.guardrail", call.place, _id(call.params["guardrailIdentifier"]), version)
    if found is None:
        raise not_found("The guardrail identifier or version provided in the request does not exist.")
    return found


def custom_model(call: Call, context: Context) -> Document:
    wanted = call.params["modelIdentifier"]
    for document in context.twin.all("bedrock.custom_model", call.place):
        if wanted in (document["modelArn"], document.get("modelName")):
            return document
    raise not_found("Could not find the custom model.")


def provisioned_throughput(call: Call, context: Context) -> Document:
    wanted = call.params["provisionedModelId"]
    for document in context.twin.all("bedrock.provisioned_throughput", call.place):
        if wanted in (document["provisionedModelArn"], document["provisionedModelName"]):
            return document
    raise not_found("Could not find the provisioned model throughput.")


def data_retention(call: Call, context: Context) -> Document:
    """An account that never chose has the default."""
    return context.twin.get("bedrock.account_data_retention", call.place) or {"mode": "default"}


def resource_policy(call: Call, context: Context) -> Document:
    return {"resourcePolicy": _policy(call, context)}


def knowledge_base_policy(call: Call, context: Context) -> Document:
    return {"resourceArn": call.params["resourceArn"], "policy": _policy(call, context), "revisionId": "1"}


def _policy(call: Call, context: Context) -> str:
    policy = context.twin.policies.get((call.place, "bedrock", call.params["resourceArn"]))
    if policy is None:
        raise not_found("There is no resource policy.")
    return policy


def agent_versions(call: Call, context: Context) -> Document:
    """The draft is a version too: GetAgentVersion knows only the numbered ones."""
    shape = output_shape("bedrock-agent", "ListAgentVersions", "agentVersionSummaries")
    agent = context.twin.get("bedrock.agent", call.place, call.params["agentId"])
    if agent is None:
        raise not_found("Could not find the agent.")
    draft = project(shape, {**agent, "agentVersion": DRAFT})
    numbered = context.twin.all("bedrock.agent_version", call.place, agentId=call.params["agentId"])
    named = {"version": "agentVersion"}
    return {"agentVersionSummaries": [draft, *(project(shape, document, named) for document in numbered)]}


def logging_configuration(_call: Call, document: Document, _context: Context) -> Document:
    """AWS leaves the member out when logging was never configured; moto sends it empty."""
    return {} if not any((document.get("loggingConfig") or {}).values()) else document


def _id(identifier: str) -> str:
    return identifier.rpartition("/")[2]
