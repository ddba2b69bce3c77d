"""Bedrock AgentCore, wholly from the twin."""

from __future__ import annotations

from demo.aws.overlay.declared import Thing, serve
from demo.aws.overlay.registry import Context, Registry
from demo.aws.wire import Call, Document

SERVICE = "bedrock-agentcore-control"


def _thing(name: str, key: str, lists: tuple[str, str], describes: tuple[str, str] = ("", "")) -> Thing:
    return Thing(name=f"agentcore.{name}", service=SERVICE, keys=(key,), lists=lists, describes=describes)


def _child(
    name: str, keys: tuple[str, str], lists: tuple[str, str], parent: str, describes: tuple[str, str] = ("", "")
) -> Thing:
    """A thing that is listed for the parent whose id the parameter `parent` gives."""
    where = {parent: keys[0]}
    asks = {**where, keys[1]: keys[1]}
    name = f"agentcore.{name}"
    return Thing(name=name, service=SERVICE, keys=keys, lists=lists, describes=describes, where=where, asks=asks)


THINGS = (
    _thing("runtime", "agentRuntimeId", ("ListAgentRuntimes", "agentRuntimes"), ("GetAgentRuntime", "")),
    _child(
        "runtime_endpoint",
        ("agentRuntimeArn", "id"),
        ("ListAgentRuntimeEndpoints", "runtimeEndpoints"),
        "agentRuntimeId",
    ),
    _thing("harness", "harnessId", ("ListHarnesses", "harnesses"), ("GetHarness", "harness")),
    Thing(
        name="agentcore.memory",
        service=SERVICE,
        keys=("id",),
        lists=("ListMemories", "memories"),
        describes=("GetMemory", "memory"),
        asks={"memoryId": "id"},
    ),
    Thing(
        name="agentcore.gateway",
        service=SERVICE,
        keys=("gatewayId",),
        lists=("ListGateways", "items"),
        describes=("GetGateway", ""),
        asks={"gatewayIdentifier": "gatewayId"},
    ),
    _child(
        "gateway_target",
        ("gatewayArn", "targetId"),
        ("ListGatewayTargets", "items"),
        "gatewayIdentifier",
        ("GetGatewayTarget", ""),
    ),
    _thing("browser", "browserId", ("ListBrowsers", "browserSummaries"), ("GetBrowser", "")),
    _thing(
        "code_interpreter",
        "codeInterpreterId",
        ("ListCodeInterpreters", "codeInterpreterSummaries"),
        ("GetCodeInterpreter", ""),
    ),
    _thing("policy_engine", "policyEngineId", ("ListPolicyEngines", "policyEngines")),
    _child("policy", ("policyEngineId", "policyId"), ("ListPolicies", "policies"), "policyEngineId"),
    _thing("workload_identity", "name", ("ListWorkloadIdentities", "workloadIdentities")),
    _thing("api_key_provider", "name", ("ListApiKeyCredentialProviders", "credentialProviders")),
    _thing("oauth_provider", "name", ("ListOauth2CredentialProviders", "credentialProviders")),
    _thing("token_vault", "tokenVaultId", ("", ""), ("GetTokenVault", "")),
    _thing("registry", "registryId", ("ListRegistries", "registries"), ("GetRegistry", "")),
    _child("registry_record", ("registryArn", "recordId"), ("ListRegistryRecords", "registryRecords"), "registryId"),
    _thing(
        "online_evaluation",
        "onlineEvaluationConfigId",
        ("ListOnlineEvaluationConfigs", "onlineEvaluationConfigs"),
        ("GetOnlineEvaluationConfig", ""),
    ),
)


def register(registry: Registry) -> None:
    serve(registry, THINGS)
    registry.answers[SERVICE, "GetResourcePolicy"] = policy


def policy(call: Call, context: Context) -> Document:
    """The policy of a runtime or gateway; no member when it has none."""
    stored = context.twin.policies.get((call.place, "agentcore", call.params["resourceArn"]))
    return {"policy": stored} if stored else {}
