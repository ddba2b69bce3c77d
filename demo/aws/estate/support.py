"""Customer care: a chatbot on a Bedrock agent with a knowledge base; a second, unguarded agent of another team."""

from __future__ import annotations

from demo.aws.build import agents, bedrock, compute, identity, monitoring, storage
from demo.aws.build.identity import allow
from demo.aws.build.storage import Bucket
from demo.aws.estate.company import Company, owned, s3

TAGS = owned("customer-care", "care-assistant", data="confidential")
DOCUMENTS, LOGS = "halden-care-knowledge", "halden-bedrock-invocations-eu"


def build(company: Company) -> None:
    site, kms = company.eu, company.keys["halden-care"]
    with site.ago(270):
        access = company.log_bucket["eu"]
        storage.bucket(site, DOCUMENTS, Bucket(kms=kms, log_to=access, tags=TAGS))
        storage.bucket(site, LOGS, Bucket(kms=company.keys["halden-logs-eu"], log_to=access, tags=TAGS))
        storage.bucket(site, "halden-care-tickets-export", Bucket(versioned=False, tls_only=False))
        _logging(company)
        guardrail = bedrock.guardrail(site, "care-assistant", TAGS, kms=kms, versions=2)
    with site.ago(140):
        _assistant(company, guardrail)
    with site.ago(45):
        _refunds(company)
        _drafts(company)


def _logging(company: Company) -> None:
    site = company.eu
    monitoring.log_group(site, "/halden/bedrock/invocations", days=400, kms=company.keys["halden-logs-eu"], tags=TAGS)
    role = identity.role(
        site,
        "bedrock-invocation-logging",
        "bedrock",
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"], site.arn("logs", "log-group:/halden/bedrock/invocations:*")
        ),
        tags=TAGS,
    )
    bedrock.invocation_logging(site, bucket=LOGS, log_group="/halden/bedrock/invocations", role=role)
    for name, metric in (
        ("care-guardrail-blocks", "InvocationsIntervened"),
        ("care-model-errors", "InvocationClientErrors"),
    ):
        space = "AWS/Bedrock/Guardrails" if "Intervened" in metric else "AWS/Bedrock"
        monitoring.alarm(site, name, space, metric, action=site.arn("sns", "care-oncall"), tags=TAGS)


def _assistant(company: Company, guardrail: str) -> None:
    site, kms = company.eu, company.keys["halden-care"]
    reader = identity.role(
        site,
        "care-knowledge-base",
        "bedrock",
        allow(["s3:GetObject", "s3:ListBucket"], [f"arn:aws:s3:::{DOCUMENTS}", f"arn:aws:s3:::{DOCUMENTS}/*"]),
        allow("aoss:APIAccessAll", site.arn("aoss", "collection/*")),
        allow("bedrock:InvokeModel", bedrock.model_arn(site, "amazon.titan-embed-text-v2:0")),
        tags=TAGS,
    )
    speaker = identity.role(
        site,
        "care-assistant-agent",
        "bedrock",
        allow("bedrock:InvokeModel", bedrock.model_arn(site, "amazon.nova-pro-v1:0")),
        allow("bedrock:Retrieve", site.arn("bedrock", "knowledge-base/*")),
        allow("bedrock:ApplyGuardrail", site.arn("bedrock", f"guardrail/{guardrail}")),
        tags=TAGS,
    )
    base = agents.knowledge_base(site, "care-articles", reader, TAGS, kms=kms)
    agents.data_source(site, base, "care-articles-s3", bucket=DOCUMENTS, kms=kms)
    assistant = agents.agent(
        site, "care-assistant", speaker, TAGS, guardrail=guardrail, guardrail_version="2", kms=kms, memory_days=14
    )
    agents.knows(assistant, base, "Articles that customers may read")
    runner = identity.role(
        site, "care-order-lookup", "lambda", allow("dynamodb:GetItem", site.arn("dynamodb", "table/orders")), tags=TAGS
    )
    lookup = compute.function(
        site,
        "care-order-lookup",
        runner,
        TAGS,
        kms=kms,
        environment={"TABLE": "orders"},
        invoked_by="bedrock.amazonaws.com",
    )
    agents.action_group(assistant, "look_up_order", function=lookup)


def _refunds(company: Company) -> None:
    """No guardrail, no own key, a role that may do anything, a tool that pays money without being asked twice."""
    site = company.eu
    mighty = identity.role(
        site, "refund-agent", "bedrock", allow("*"), trust=identity.trust(site, "bedrock", guarded=False)
    )
    refunds = agents.agent(
        site,
        "refund-agent",
        mighty,
        model="mistral.mistral-large-2407-v1:0",
        instruction="You decide on refunds and pay them out.",
        memory_days=365,
    )
    payer = identity.role(
        site, "refund-payout", "lambda", allow(["dynamodb:*", "sqs:*", "secretsmanager:GetSecretValue"])
    )
    payout = compute.function(site, "refund-payout", payer, vpc=False, environment={"STAGE": "prod"}, invoked_by="*")
    agents.action_group(refunds, "pay_refund", function=payout, confirm=False)
    agents.action_group(refunds, "run_code", interpreter=True)
    base = agents.knowledge_base(site, "partner-sites", mighty)
    agents.data_source(site, base, "partner-web", crawl=["https://partners.example/faq", "https://forum.example"])
    agents.data_source(site, base, "tickets", bucket="halden-care-tickets-export", retain=True)
    agents.knows(refunds, base, "What partners and customers wrote")


def _drafts(company: Company) -> None:
    site = company.eu
    bedrock.guardrail(site, "refunds-draft", strength="LOW", attacks="", personal="", complete=False, versions=0)
    bedrock.guardrail(
        site, "marketing-copy", owned("marketing", "copywriter"), strength="MEDIUM", attacks="LOW", personal="ANONYMIZE"
    )
    writer = identity.role(
        site, "marketing-copywriter", "bedrock", allow("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*")
    )
    agents.agent(
        site, "marketing-copywriter", writer, owned("marketing", "copywriter", "staging"),
        model="meta.llama3-8b-instruct-v1:0", guardrail=site.made_id("guardrail", "marketing-copy", size=12).lower(),
        guardrail_version="DRAFT", alias_to="DRAFT",
    )  # fmt: skip
    bedrock.custom_model(
        site, "care-tone", "amazon.nova-lite-v1:0", TAGS, data=s3(DOCUMENTS, "tone.jsonl"),
        output=s3(DOCUMENTS, "tuned"), kms=company.keys["halden-care"],
    )  # fmt: skip
