"""Security and platform teams once more: the organization, who watches which region, and ways in from outside."""

from __future__ import annotations

from demo.aws.build import compute, identity, monitoring, organization, platform, security
from demo.aws.build.identity import allow
from demo.aws.build.organization import ROOT, Member
from demo.aws.estate.company import (
    BOUGHT_ACCOUNT,
    CLOSED_ACCOUNT,
    PRODUCTION_ACCOUNT,
    SANDBOX_ACCOUNT,
    SCIENCE_ACCOUNT,
    Company,
    owned,
)
from demo.aws.wire import Document

WORKLOADS, RESEARCH = "ou-hald-workload", "ou-hald-research"
MEMBERS = (
    Member(PRODUCTION_ACCOUNT, "halden-production", (WORKLOADS,)),
    Member(SCIENCE_ACCOUNT, "halden-science", (RESEARCH,)),
    Member(SANDBOX_ACCOUNT, "halden-sandbox", (RESEARCH, "ou-hald-sandboxes")),
    Member(BOUGHT_ACCOUNT, "kelp-analytics", (WORKLOADS,)),
    Member(CLOSED_ACCOUNT, "halden-pilot-2023", (RESEARCH,), "SUSPENDED"),
)
SECURITY = owned("security", "audit", data="confidential")
SHOP = owned("web-shop", "shop-assistant")


def build(company: Company) -> None:
    with company.us.ago(400):
        _organization(company)
    with company.eu.ago(150):
        _europe(company)
    with company.us.ago(18):
        _america(company)


def _policy(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _organization(company: Company) -> None:
    """Guardrails and logs are protected everywhere; whose models may be used is nobody's decision."""
    us = company.us
    organization.organization(us, MEMBERS)
    defences = [
        "bedrock:DeleteGuardrail",
        "bedrock:DeleteModelInvocationLoggingConfiguration",
        "cloudtrail:StopLogging",
    ]
    keep = {"Effect": "Deny", "Action": defences, "Resource": "*"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    organization.policy(us, "SERVICE_CONTROL_POLICY", "keep-ai-defences", _policy(keep), ROOT)
    organization.policy(us, "SERVICE_CONTROL_POLICY", "full-access", _policy(everything), ROOT)
    own = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization.ID}}
    outsiders = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": own}
    organization.policy(us, "RESOURCE_CONTROL_POLICY", "own-people-only", _policy(outsiders), ROOT)
    research = {"Effect": "Deny", "Action": ["bedrock:UpdateGuardrail", "sagemaker:CreateEndpoint"], "Resource": "*"}
    organization.policy(us, "SERVICE_CONTROL_POLICY", "research-serves-nobody", _policy(research), RESEARCH)
    opted = {"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}}
    organization.policy(us, "AISERVICES_OPT_OUT_POLICY", "no-training-on-our-data", opted)
    security.budget(us, "everything")


def _europe(company: Company) -> None:
    site, keys = company.eu, company.keys
    buckets = ("halden-care-knowledge", "halden-search-catalogue", "halden-search-models")
    security.macie(site, *buckets, sensitive=buckets[0], unwatched=buckets[2])
    security.inspector(site, "ec2", "ecr", "lambda", "lambdaCode")
    security.security_hub(site)
    security.analyzer(site, "halden-eu", tags=SECURITY)
    role = identity.role(site, "halden-config", "config", allow("config:Put*"), tags=SECURITY)
    security.recorder(site, role)
    security.event_rule(site, "ai-tampering", site.arn("sns", "security-oncall"), tags=SECURITY)
    group = monitoring.log_group(site, "/halden/vpc/flow", days=365, kms=keys["halden-logs-eu"], tags=SECURITY)
    platform.flow_log(site, group.rpartition(":log-group:")[2].removesuffix(":*"))
    for service in ("bedrock", "bedrock-agentcore", "bedrock-agentcore.gateway"):
        compute.vpc_endpoint(site, service, _own(site.account), SECURITY)
    platform.parameter(site, "/halden/care/openai-api-key", kms=keys["halden-care"], tags=SHOP)
    task = identity.role(site, "shop-assistant", "lambda", allow("logs:PutLogEvents"), tags=SHOP)
    ask = compute.function(
        site,
        "shop-assistant",
        task,
        SHOP,
        kms=keys["halden-care"],
        environment={"ANTHROPIC_API_KEY": "arn:aws:secretsmanager:shop", "MODEL_ID": "amazon.nova-lite-v1:0"},
    )
    acl = platform.web_acl(site, "shop-limits", SHOP)
    platform.rest_api(site, "shop-assistant", ask, acl=acl, tags=SHOP)
    platform.state_machine(site, "shop-summaries", task, SHOP)
    platform.batch_job(site, "search-embeddings", task, company.images["search-embedder"], tags=SHOP)
    platform.build_project(site, "search-models", task, kms=keys["halden-search"])
    platform.identity_pool(site, "shop-app", task, task)
    platform.machine_image(site, "halden-model-server-2026-10")
    models = identity.role(site, "ai-research-nodes", "ec2", allow("bedrock:InvokeModel"))
    platform.node_group(site, "ai-research", "gpu", models)
    runtime = site.aws.overlay.twin.all("agentcore.runtime", (site.account, site.region))[0]["agentRuntimeArn"]
    security.delivery(site, "concierge", runtime, "concierge")


def _america(company: Company) -> None:
    """Nobody looks, and a guest of the app may talk to models."""
    site = company.us
    security.security_hub(site, ai=False)
    shared = ("arn:aws:s3:::halden-ai-scratch", "AWS::S3::Bucket")
    security.analyzer(site, "halden-us", shared, ("arn:aws:s3:::halden-cloudtrail-us", "AWS::S3::Bucket"))
    role = identity.role(site, "halden-config-us", "config", allow("config:Put*"))
    security.recorder(site, role, everything=False)
    security.event_rule(site, "old-tampering", "", enabled=False)
    platform.parameter(site, "/pilot/OPENAI_API_KEY", secure=False)
    platform.parameter(site, "/pilot/huggingface-token", secure=False)
    guest = identity.role(
        site,
        "pilot-app-guest",
        "",
        allow(["bedrock:InvokeModel", "lex:RecognizeText"]),
        trust=identity.policy_text(_guests(f"{site.region}:{site.made_uuid('pool', 'pilot-app')}")),
    )
    platform.identity_pool(site, "pilot-app", guest, guest, guests=True)
    task = identity.role(site, "pilot-api", "lambda", allow("bedrock:InvokeModel"))
    answer = compute.function(
        site, "pilot-answers", task, vpc=False, environment={"OPENAI_API_KEY": "sk-not-a-real-key-7777777777777777"}
    )
    platform.rest_api(site, "pilot-answers", answer, guard="NONE", throttled=False)
    platform.rest_api(
        site, "pilot-limits", answer, acl=platform.web_acl(site, "pilot-acl", limited=False), throttled=False
    )
    platform.state_machine(site, "pilot-chain", task, logged=False)
    leaked = {"HF_TOKEN": "hf_notARealTokenNotARealTokens"}
    platform.batch_job(site, "pilot-train", task, company.images["vllm-serving"], environment=leaked, privileged=True)
    platform.build_project(site, "pilot-models", task, OPENAI_API_KEY="sk-not-a-real-key-8888888888888888")
    platform.machine_image(site, "pilot-llm-image", public=True)
    plain = identity.role(site, "ai-serving-nodes", "ec2", allow("ecr:GetAuthorizationToken"), tags=SHOP)
    platform.node_group(site, "ai-serving", "gpu", plain, SHOP)
    _hosts(company)


def _hosts(company: Company) -> None:
    """A machine with a GPU whose start script holds a token, on a disk without a lock."""
    script = "#!/bin/bash\nexport HF_TOKEN=hf_notARealTokenNotARealTokenX\n"
    made = compute.instance(company.us, "pilot-gpu", "g5.xlarge", clear_disk=True, script=script)
    security.inspector_finding(company.us, made, "CVE-2026-31337 in the container toolkit")


def _guests(pool: str) -> Document:
    federated = {"Federated": "cognito-identity.amazonaws.com"}
    ours = {"StringEquals": {"cognito-identity.amazonaws.com:aud": pool}}
    return {"Effect": "Allow", "Principal": federated, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": ours}


def _own(account: str) -> Document:
    own = {"StringEquals": {"aws:PrincipalAccount": account}}
    return _policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": own})
