"""Bedrock: models that were brought or tuned, jobs, profiles, prompts, flows, what is enforced."""

from __future__ import annotations

from demo.aws.tables.row import Listing, Row

BEDROCK, AGENT, AUTOMATION = "bedrock", "bedrock-agent", "bedrock-data-automation"
CREATED = ("creationTimeAfter", "creationTime")
IMPORTED = "ListImportedModels"


def job(name: str, noun: str, result: str, **listing: object) -> Row:
    """A job: ListNouns and GetNoun by its ARN."""
    made = Listing(f"List{noun}s", result, since=CREATED, **listing)  # type: ignore[arg-type]
    return Row(f"bedrock.{name}", BEDROCK, ("jobArn",), made, f"Get{noun}", by={"jobArn": "jobIdentifier"})


def listed(name: str, operation: str, result: str, key: str, **listing: object) -> Row:
    """Only a list tells of it."""
    return Row(f"bedrock.{name}", BEDROCK, (key,), Listing(operation, result, **listing))  # type: ignore[arg-type]


ROWS = (
    listed("enforced_guardrail", "ListEnforcedGuardrailsConfiguration", "guardrailsConfig", "configId"),
    listed(
        "automated_reasoning_policy",
        "ListAutomatedReasoningPolicies",
        "automatedReasoningPolicySummaries",
        "policyArn",
    ),
    Row(
        "bedrock.imported_model",
        BEDROCK,
        ("modelArn",),
        Listing(IMPORTED, "modelSummaries"),
        "GetImportedModel",
        by={"modelArn": "modelIdentifier"},
    ),
    job("model_import_job", "ModelImportJob", "modelImportJobSummaries"),
    listed("model_copy_job", "ListModelCopyJobs", "modelCopyJobSummaries", "jobArn", since=CREATED),
    job(
        "customization_job",
        "ModelCustomizationJob",
        "modelCustomizationJobSummaries",
        renamed={"outputModelArn": "customModelArn", "outputModelName": "customModelName"},
    ),
    listed(
        "custom_model_deployment",
        "ListCustomModelDeployments",
        "modelDeploymentSummaries",
        "customModelDeploymentArn",
    ),
    job(
        "evaluation_job",
        "EvaluationJob",
        "jobSummaries",
        lifted={
            "evaluationTaskTypes": "evaluationConfig.automated.datasetMetricConfigs[].taskType",
            "modelIdentifiers": "inferenceConfig.models[].bedrockModel.modelIdentifier",
        },
    ),
    listed(
        "batch_job",
        "ListModelInvocationJobs",
        "invocationJobSummaries",
        "jobArn",
        since=("submitTimeAfter", "submitTime"),
    ),
    Row(
        "bedrock.inference_profile",
        BEDROCK,
        ("inferenceProfileArn",),
        Listing("ListInferenceProfiles", "inferenceProfileSummaries", {"typeEquals": "type"}),
        "GetInferenceProfile",
        by={"inferenceProfileArn": "inferenceProfileIdentifier"},
    ),
    listed("prompt_router", "ListPromptRouters", "promptRouterSummaries", "promptRouterArn", where={"type": "type"}),
    Row(
        "bedrock.marketplace_endpoint",
        BEDROCK,
        ("endpointArn",),
        Listing("ListMarketplaceModelEndpoints", "marketplaceModelEndpoints"),
        "GetMarketplaceModelEndpoint",
        "marketplaceModelEndpoint",
    ),
    Row("bedrock.account_data_retention", BEDROCK, (), None, "GetAccountDataRetention"),
    Row("bedrock.use_case", BEDROCK, (), None, "GetUseCaseForModelAccess"),
    Row(
        "bedrock.data_automation_project",
        AUTOMATION,
        ("projectArn",),
        Listing("ListDataAutomationProjects", "projects"),
        "GetDataAutomationProject",
        "project",
    ),
    Row("bedrock.blueprint", AUTOMATION, ("blueprintArn",), Listing("ListBlueprints", "blueprints")),
    Row(
        "bedrock.prompt",
        AGENT,
        ("id",),
        Listing("ListPrompts", "promptSummaries"),
        "GetPrompt",
        by={"id": "promptIdentifier"},
    ),
    Row("bedrock.flow", AGENT, ("id",), Listing("ListFlows", "flowSummaries"), "GetFlow", by={"id": "flowIdentifier"}),
    Row(
        "bedrock.flow_version",
        AGENT,
        ("id", "version"),
        Listing("ListFlowVersions", "flowVersionSummaries", {"flowIdentifier": "id"}),
        "GetFlowVersion",
        by={"id": "flowIdentifier", "version": "flowVersion"},
    ),
    Row(
        "bedrock.flow_alias",
        AGENT,
        ("flowId", "id"),
        Listing("ListFlowAliases", "flowAliasSummaries", {"flowIdentifier": "flowId"}),
        "GetFlowAlias",
        by={"flowId": "flowIdentifier", "id": "aliasIdentifier"},
    ),
)
