"""Bedrock AgentCore: good unless said otherwise."""

from __future__ import annotations

import json
from typing import Any

from demo.aws.build.site import Site, Tags, without_nothing
from demo.aws.wire import Document

SERVICE = "bedrock-agentcore"
ISSUER = "https://login.halden.example/.well-known/openid-configuration"


def _made(site: Site, *words: str) -> str:
    return f"{words[-1]}-{site.made_id('agentcore', *words)}"


def _times(site: Site, first: str = "createdAt", last: str = "updatedAt") -> Document:
    return {first: site.now(), last: site.now()}


def network(site: Site, private: bool, member: str) -> Document:
    """`networkConfiguration` with its private part under the name that the service gives it."""
    if not private or site.network is None:
        return {"networkMode": "PUBLIC"}
    inside = {"securityGroups": [site.network.group], "subnets": list(site.network.subnets)}
    return {"networkMode": "VPC", member: inside}


def token_check(*clients: str, audience: str = "") -> Document:
    """An authorizer that wants a token of the company's issuer, of these clients only."""
    checked = without_nothing(
        discoveryUrl=ISSUER,
        allowedClients=list(clients) or None,
        allowedAudience=[audience] if audience else None,
    )
    return {"customJWTAuthorizer": checked}


def share(site: Site, arn: str, principal: Any) -> None:
    """A resource policy that lets somebody else call a runtime or gateway."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": f"{SERVICE}:Invoke*", "Resource": arn}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    site.aws.overlay.twin.policies[(site.account, site.region), "agentcore", arn] = json.dumps(document)


def identity(site: Site, name: str, tags: Tags | None = None) -> str:
    """A workload identity. Returns its ARN."""
    arn = site.arn(SERVICE, f"workload-identity-directory/default/workload-identity/{name}")
    site.put("agentcore.workload_identity", {"workloadIdentityArn": arn, "name": name}, tags)
    return arn


def runtime(site: Site, name: str, role: str, image: str, tags: Tags | None = None, **more: Any) -> str:
    """More: private, metadata_v2, authorizer, environment, endpoint. Returns its ARN."""
    made = _made(site, "runtime", name)
    arn = site.arn(SERVICE, f"runtime/{made}")
    document = without_nothing(
        agentRuntimeArn=arn,
        agentRuntimeName=name,
        agentRuntimeId=made,
        agentRuntimeVersion="1",
        **_times(site, last="lastUpdatedAt"),
        roleArn=role,
        networkConfiguration=network(site, more.get("private", True), "networkModeConfig"),
        status="READY",
        lifecycleConfiguration={"idleRuntimeSessionTimeout": 900, "maxLifetime": 28800},
        workloadIdentityDetails={"workloadIdentityArn": identity(site, made)},
        agentRuntimeArtifact={"containerConfiguration": {"containerUri": image}},
        protocolConfiguration={"serverProtocol": "HTTP"},
        environmentVariables=more.get("environment"),
        authorizerConfiguration=more.get("authorizer"),
        metadataConfiguration={"requireMMDSV2": more.get("metadata_v2", True)},
    )
    site.put("agentcore.runtime", document, tags)
    if more.get("endpoint", True):
        _endpoint(site, arn)
    return arn


def _endpoint(site: Site, runtime_arn: str) -> None:
    site.put(
        "agentcore.runtime_endpoint",
        {
            "agentRuntimeEndpointArn": f"{runtime_arn}/runtime-endpoint/DEFAULT",
            "agentRuntimeArn": runtime_arn,
            "name": "DEFAULT",
            "id": "DEFAULT",
            "liveVersion": "1",
            "targetVersion": "1",
            "status": "READY",
            **_times(site, last="lastUpdatedAt"),
        },
    )


def harness(site: Site, name: str, role: str, tags: Tags | None = None, **more: Any) -> str:
    """More: model, tools, allowed, limits, environment, runtime. Returns its ARN."""
    made = _made(site, "harness", name)
    arn = site.arn(SERVICE, f"harness/{made}")
    runs_in = {
        "agentRuntimeArn": more["runtime"],
        "agentRuntimeName": name,
        "agentRuntimeId": more["runtime"].rpartition("/")[2],
        "lifecycleConfiguration": {"idleRuntimeSessionTimeout": 900, "maxLifetime": 28800},
        "networkConfiguration": network(site, True, "networkModeConfig"),
    }
    document = without_nothing(
        arn=arn,
        harnessId=made,
        harnessName=name,
        status="READY",
        executionRoleArn=role,
        **_times(site),
        model={"bedrockModelConfig": {"modelId": more.get("model", "amazon.nova-pro-v1:0")}},
        systemPrompt=[{"text": "You help customers of the shop."}],
        tools=more.get("tools", []),
        skills=[],
        allowedTools=more.get("allowed", ["look_up_order"]),
        truncation={"strategy": "sliding_window"},
        environment={"agentCoreRuntimeEnvironment": runs_in},
        environmentVariables=more.get("environment"),
        **more.get("limits", {"maxIterations": 20, "maxTokens": 8000, "timeoutSeconds": 300}),
    )
    site.put("agentcore.harness", document, tags)
    return arn


def memory(site: Site, name: str, role: str, tags: Tags | None = None, **more: Any) -> str:
    """What agents remember of their sessions. More: kms, days. Returns its ARN."""
    made = _made(site, "memory", name)
    arn = site.arn(SERVICE, f"memory/{made}")
    document = without_nothing(
        arn=arn,
        id=made,
        name=name,
        encryptionKeyArn=more.get("kms"),
        memoryExecutionRoleArn=role,
        eventExpiryDuration=more.get("days", 30),
        status="ACTIVE",
        strategies=[],
        **_times(site),
    )
    site.put("agentcore.memory", document, tags)
    return arn


def gateway(site: Site, name: str, role: str, tags: Tags | None = None, **more: Any) -> str:
    """More: authorizer (type), check, engine, mode, kms, debug, acl, fails_open. Returns its ARN."""
    made = _made(site, "gateway", name)
    arn = site.arn(SERVICE, f"gateway/{made}")
    engine = more.get("engine")
    document = without_nothing(
        gatewayArn=arn,
        gatewayId=made,
        gatewayUrl=f"https://{made}.gateway.{SERVICE}.{site.region}.amazonaws.com/mcp",
        **_times(site),
        status="READY",
        name=name,
        roleArn=role,
        protocolType="MCP",
        authorizerType=more.get("authorizer", "AWS_IAM"),
        authorizerConfiguration=more.get("check"),
        kmsKeyArn=more.get("kms"),
        policyEngineConfiguration={"arn": engine, "mode": more.get("mode", "ENFORCE")} if engine else None,
        exceptionLevel="DEBUG" if more.get("debug") else None,
        webAclArn=more.get("acl"),
        wafConfiguration={"failureMode": "FAIL_OPEN" if more.get("fails_open") else "FAIL_CLOSE"}
        if more.get("acl")
        else None,
    )
    site.put("agentcore.gateway", document, tags)
    return arn


def target(site: Site, gateway_arn: str, name: str, configuration: Document, *credentials: Document) -> None:
    """A tool behind a gateway; `configuration` as `mcp`, `http` or `inference`."""
    site.put(
        "agentcore.gateway_target",
        {
            "gatewayArn": gateway_arn,
            "targetId": site.made_id("target", gateway_arn, name),
            **_times(site),
            "status": "READY",
            "name": name,
            "targetConfiguration": configuration,
            "credentialProviderConfigurations": list(credentials) or [{"credentialProviderType": "GATEWAY_IAM_ROLE"}],
        },
    )


def function_tool(function: str) -> Document:
    """A Lambda function as a tool."""
    schema = {"name": "look_up_order", "description": "Looks up an order", "inputSchema": {"type": "object"}}
    return {"mcp": {"lambda": {"lambdaArn": function, "toolSchema": {"inlinePayload": [schema]}}}}


def api_key(provider: str, location: str = "HEADER") -> Document:
    """An API key that the gateway adds to its requests."""
    sent = {"providerArn": provider, "credentialParameterName": "key", "credentialLocation": location}
    return {
        "credentialProviderType": "API_KEY",
        "credentialProvider": {"apiKeyCredentialProvider": sent},
    }


def key_provider(site: Site, name: str, tags: Tags | None = None) -> str:
    """Where an API key is kept. Returns its ARN."""
    arn = site.arn(SERVICE, f"token-vault/default/apikeycredentialprovider/{name}")
    times = {"createdTime": site.now(), "lastUpdatedTime": site.now()}
    site.put("agentcore.api_key_provider", {"credentialProviderArn": arn, "name": name, **times}, tags)
    return arn


def oauth_provider(site: Site, name: str, vendor: str = "GithubOauth2", tags: Tags | None = None) -> str:
    """Where agents get users' tokens from. Returns its ARN."""
    arn = site.arn(SERVICE, f"token-vault/default/oauth2credentialprovider/{name}")
    times = {"createdTime": site.now(), "lastUpdatedTime": site.now()}
    document = {"credentialProviderArn": arn, "name": name, "credentialProviderVendor": vendor, **times}
    site.put("agentcore.oauth_provider", document, tags)
    return arn


def token_vault(site: Site, kms: str = "") -> None:
    lock = without_nothing(keyType="CustomerManagedKey" if kms else "ServiceManagedKey", kmsKeyArn=kms or None)
    site.put(
        "agentcore.token_vault",
        {"tokenVaultId": "default", "kmsConfiguration": lock, "lastModifiedDate": site.now()},
    )


def browser(site: Site, name: str, role: str, tags: Tags | None = None, **more: Any) -> None:
    """More: private, bucket (recordings)."""
    made = _made(site, "browser", name)
    bucket = more.get("bucket")
    document = without_nothing(
        browserArn=site.arn(SERVICE, f"browser-custom/{made}"),
        browserId=made,
        name=name,
        executionRoleArn=role,
        networkConfiguration=network(site, more.get("private", True), "vpcConfig"),
        recording={"enabled": True, "s3Location": {"bucket": bucket, "prefix": "sessions"}} if bucket else None,
        status="READY",
        **_times(site, last="lastUpdatedAt"),
    )
    site.put("agentcore.browser", document, tags)


def code_interpreter(site: Site, name: str, role: str, tags: Tags | None = None, *, mode: str = "VPC") -> None:
    """Mode PUBLIC, SANDBOX or VPC."""
    made = _made(site, "code", name)
    where = network(site, True, "vpcConfig") if mode == "VPC" else {"networkMode": mode}
    document = {
        "codeInterpreterArn": site.arn(SERVICE, f"code-interpreter-custom/{made}"),
        "codeInterpreterId": made,
        "name": name,
        "executionRoleArn": role,
        "networkConfiguration": where,
        "status": "READY",
        **_times(site, last="lastUpdatedAt"),
    }
    site.put("agentcore.code_interpreter", document, tags)


def policy_engine(site: Site, name: str, tags: Tags | None = None, *, kms: str = "", enforced: bool = True) -> str:
    """An engine with a few policies. Returns its ARN."""
    made = _made(site, "engine", name)
    arn = site.arn(SERVICE, f"policy-engine/{made}")
    document = without_nothing(
        policyEngineArn=arn,
        policyEngineId=made,
        name=name,
        status="ACTIVE",
        encryptionKeyArn=kms or None,
        statusReasons=[],
        **_times(site),
    )
    site.put("agentcore.policy_engine", document, tags)
    for action in ("look_up_order", "track_parcel", "find_product"):
        _policy(site, arn, action, enforced)
    return arn


def _policy(site: Site, engine: str, action: str, enforced: bool) -> None:
    rule = f'permit(principal, action == AgentCore::Action::"{action}", resource);'
    site.put(
        "agentcore.policy",
        {
            "policyArn": f"{engine}/policy/{action}",
            "policyId": action,
            "name": action,
            "policyEngineId": engine.rpartition("/")[2],
            "status": "ACTIVE",
            "enforcementMode": "ACTIVE" if enforced else "LOG_ONLY",
            "definition": {"cedar": {"statement": rule}},
            "statusReasons": [],
            **_times(site),
        },
    )


def registry(site: Site, name: str, tags: Tags | None = None, *, automatic: bool = False) -> None:
    """A register of agents and tools with a few entries."""
    made = site.made_id("registry", name)
    arn = site.arn(SERVICE, f"registry/{made}")
    approval = {"autoApproval": automatic}
    site.put(
        "agentcore.registry",
        {
            "registryArn": arn,
            "registryId": made,
            "name": name,
            "authorizerType": "AWS_IAM",
            "approvalConfiguration": approval,
            "status": "READY",
            **_times(site),
        },
        tags,
    )
    for record, sort in (("orders", "MCP"), ("concierge", "A2A"), ("search", "MCP")):
        _record(site, arn, record, sort)


def _record(site: Site, registry_arn: str, name: str, sort: str) -> None:
    site.put(
        "agentcore.registry_record",
        {
            "recordArn": f"{registry_arn}/record/{name}",
            "registryArn": registry_arn,
            "recordId": name,
            "name": name,
            "descriptorType": sort,
            "recordVersion": "1",
            "status": "APPROVED",
            **_times(site),
        },
    )


def online_evaluation(site: Site, name: str, role: str, tags: Tags | None = None, *, enabled: bool = True) -> None:
    """Answers of live sessions are judged."""
    made = _made(site, "evaluation", name)
    site.put(
        "agentcore.online_evaluation",
        {
            "onlineEvaluationConfigArn": site.arn(SERVICE, f"online-evaluation-config/{made}"),
            "onlineEvaluationConfigId": made,
            "onlineEvaluationConfigName": name,
            "rule": {"samplingConfig": {"samplingPercentage": 5.0}},
            "dataSourceConfig": {
                "cloudWatchLogs": {"logGroupNames": [f"/aws/agentcore/{name}"], "serviceNames": [name]}
            },
            "evaluationExecutionRoleArn": role,
            "status": "ACTIVE",
            "executionStatus": "ENABLED" if enabled else "DISABLED",
            **_times(site),
        },
        tags,
    )
