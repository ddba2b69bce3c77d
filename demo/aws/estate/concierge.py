"""The shop's concierge on Bedrock AgentCore: careful in Europe, a hurried pilot in the United States."""

from __future__ import annotations

from demo.aws.build import agentcore, compute, identity, storage
from demo.aws.build.identity import allow
from demo.aws.build.storage import Bucket
from demo.aws.estate.company import VENDOR_ACCOUNT, Company, owned

TAGS = owned("concierge", "concierge", data="confidential")
RECORDINGS = "halden-concierge-recordings"


def build(company: Company) -> None:
    with company.eu.ago(80):
        _careful(company)
    with company.us.ago(12):
        _hurried(company)


def _careful(company: Company) -> None:
    site, kms = company.eu, company.keys["halden-care"]
    role = identity.role(
        site,
        "concierge-agent",
        "bedrock-agentcore",
        allow("bedrock:InvokeModel", f"arn:aws:bedrock:{site.region}::foundation-model/amazon.nova-pro-v1:0"),
        tags=TAGS,
    )
    agent = agentcore.runtime(
        site,
        "concierge",
        role,
        company.images["care-tools"],
        TAGS,
        authorizer=agentcore.token_check("concierge-app", audience="concierge"),
        environment={"LOG_LEVEL": "info"},
    )
    agentcore.memory(site, "concierge_memory", role, TAGS, kms=kms)
    engine = agentcore.policy_engine(site, "concierge_rules", TAGS, kms=kms)
    tools = agentcore.gateway(site, "concierge-tools", role, TAGS, engine=engine, kms=kms)
    runner = identity.role(
        site, "concierge-orders", "lambda", allow("dynamodb:GetItem", site.arn("dynamodb", "table/orders")), tags=TAGS
    )
    orders = compute.function(
        site, "concierge-orders", runner, TAGS, kms=kms, invoked_by="bedrock-agentcore.amazonaws.com"
    )
    agentcore.target(site, tools, "orders", agentcore.function_tool(orders))
    partner = {"mcp": {"mcpServer": {"endpoint": "https://tools.bedrock-agentcore.eu-central-1.amazonaws.com/mcp"}}}
    agentcore.target(site, tools, "weather", partner, agentcore.api_key(agentcore.key_provider(site, "weather", TAGS)))
    for vendor in ("SlackOauth2", "AtlassianOauth2", "SalesforceOauth2"):
        agentcore.oauth_provider(site, f"concierge-{vendor.removesuffix('Oauth2').lower()}", vendor, TAGS)
    agentcore.token_vault(site, kms)
    storage.bucket(site, RECORDINGS, Bucket(kms=kms, log_to=company.log_bucket["eu"], tags=TAGS))
    agentcore.browser(site, "concierge_browser", role, TAGS, bucket=RECORDINGS)
    agentcore.code_interpreter(site, "concierge_sums", role, TAGS)
    agentcore.harness(site, "concierge_night", role, TAGS, runtime=agent)
    agentcore.registry(site, "halden-agents", TAGS)
    agentcore.online_evaluation(site, "concierge", role, TAGS)


def _hurried(company: Company) -> None:
    """Open to everybody, watched by nobody, with every tool and no ceiling."""
    site = company.us
    role = identity.role(
        site, "pilot-agent", "bedrock-agentcore", allow("bedrock:*"), trust=_unguarded(), tags=owned("", "pilot")
    )
    pilot = agentcore.runtime(
        site,
        "pilot",
        role,
        company.images["llm-gateway"],
        private=False,
        metadata_v2=False,
        authorizer=agentcore.token_check(),
        environment={"OPENAI_API_KEY": "sk-not-a-real-key-1212121212121212"},
    )
    agentcore.share(site, pilot, "*")
    agentcore.memory(site, "pilot_memory", role, days=365)
    engine = agentcore.policy_engine(site, "pilot_rules", enforced=False)
    open_tools = agentcore.gateway(site, "pilot-tools", role, authorizer="NONE", debug=True)
    agentcore.share(site, open_tools, {"AWS": f"arn:aws:iam::{VENDOR_ACCOUNT}:root"})
    agentcore.gateway(site, "pilot-watched", role, engine=engine)
    outside = {"mcp": {"mcpServer": {"endpoint": "http://mcp.tools.example/mcp"}}}
    keyed = agentcore.api_key(agentcore.key_provider(site, "pilot-tools"), "QUERY_PARAMETER")
    agentcore.target(site, open_tools, "anything", outside, keyed)
    agentcore.oauth_provider(site, "github")
    agentcore.token_vault(site)
    agentcore.browser(site, "pilot_browser", role, private=False)
    agentcore.code_interpreter(site, "pilot_code", role, mode="PUBLIC")
    agentcore.harness(
        site,
        "pilot_loop",
        role,
        runtime=pilot,
        allowed=["*"],
        limits={},
        environment={"HF_TOKEN": "hf_notARealTokenNotARealToken"},
    )
    agentcore.registry(site, "pilot-agents", automatic=True)
    agentcore.online_evaluation(site, "pilot", role, enabled=False)


def _unguarded() -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "bedrock-agentcore.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return identity.policy_text(statement)
