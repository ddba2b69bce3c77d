"""The other accounts of the organization: production in order, science in haste, a sandbox that nobody looks after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.aws.build import agents, bedrock, compute, identity, monitoring, sagemaker, storage
from demo.aws.build.identity import allow
from demo.aws.build.site import Site
from demo.aws.build.storage import Bucket, Repository, grant
from demo.aws.estate.company import (
    EXTERNAL_ID,
    MEMBER_ROLE,
    PRODUCTION_ACCOUNT,
    SANDBOX_ACCOUNT,
    SCIENCE_ACCOUNT,
    owned,
    s3,
)

if TYPE_CHECKING:
    from demo.aws.server import SimulatedAws

SHOP = owned("checkout", "checkout-assistant", data="confidential")
STUDY = owned("data-science", "research", "dev")
ORDERS, MODELS, PAPERS = "halden-checkout-orders", "halden-checkout-models", "halden-checkout-articles"
RECOMMENDER = "halden-recommender-models"  # of the main account, which lets science in
# What every team has in every account, whatever it does: by name, and what it may do.
TEAMS = (
    "billing", "catalogue", "checkout", "content", "delivery", "fraud", "identity", "marketing", "mobile", "payments",
    "pricing", "returns", "search", "stock", "suppliers", "warehouse",
)  # fmt: skip
JOBS = {
    "deploy": ("cloudformation", ["cloudformation:*Stack", "ecr:PutImage", "lambda:UpdateFunctionCode"]),
    "api": ("lambda", ["dynamodb:GetItem", "dynamodb:PutItem"]),
    "worker": ("ecs-tasks", ["sqs:ReceiveMessage", "sqs:DeleteMessage"]),
    "events": ("events", ["sqs:SendMessage"]),
    "reports": ("glue", ["athena:StartQueryExecution", "athena:GetQueryResults"]),
    "backup": ("backup", ["dynamodb:CreateBackup"]),
    "schedule": ("scheduler", ["states:StartExecution"]),
    "workflow": ("states", ["lambda:InvokeFunction"]),
    "audit": ("config", ["config:Describe*", "config:Get*"]),
    "canary": ("synthetics", ["cloudwatch:PutMetricData"]),
    "stream": ("firehose", ["kinesis:GetRecords", "kinesis:GetShardIterator"]),
    "migrate": ("dms", ["dynamodb:DescribeTable"]),
}


def build(aws: SimulatedAws) -> None:
    """Each account in both regions, and the role that lets the collector in."""
    for account, fill in ((PRODUCTION_ACCOUNT, _production), (SCIENCE_ACCOUNT, _science), (SANDBOX_ACCOUNT, _sandbox)):
        us, eu = (Site(aws, region, account) for region in ("us-east-1", "eu-central-1"))
        with us.ago(240):
            identity.cross_account_role(us, MEMBER_ROLE, EXTERNAL_ID, aws.account_id)
            storage.block_account(us, policies=account != PRODUCTION_ACCOUNT)
            _teams(us)
        with us.ago(90):
            fill(us, eu)


def _teams(site: Site) -> None:
    for team in TEAMS:
        own = site.arn("*", f"{team}-*")
        identity.many_roles(
            site,
            {f"{team}-{job}": (service, allow(actions, own)) for job, (service, actions) in JOBS.items()},
            owned(team, team),
        )


def _production(us: Site, eu: Site) -> None:
    """An assistant in the checkout: guarded, encrypted, logged."""
    eu = compute.network(eu, "halden-production", "10.40.0.0/16", SHOP)
    kms = storage.key(eu, "halden-checkout", tags=SHOP)
    bedrock.foundation_models(eu)
    logs = storage.bucket(eu, "halden-production-access-logs", Bucket(kms=kms, takes_logs=True, tags=SHOP))
    science = grant(ORDERS, f"arn:aws:iam::{SCIENCE_ACCOUNT}:root", "s3:GetObject")
    storage.bucket(eu, ORDERS, Bucket(kms=kms, log_to=logs, statements=(science,), tags=SHOP))
    for name in (MODELS, PAPERS, "halden-production-trail"):
        storage.bucket(eu, name, Bucket(kms=kms, log_to=logs, tags=SHOP))
    events = ("AWS::S3::Object", "AWS::Bedrock::AgentAlias", "AWS::Bedrock::Model", "AWS::SageMaker::Endpoint")
    monitoring.trail(
        eu, "halden-production", "halden-production-trail", SHOP, kms=kms, everywhere=False, data_events=events
    )
    monitoring.detector(eu, tags=SHOP)
    monitoring.log_group(eu, "/halden/checkout/bedrock", days=400, kms=kms, tags=SHOP)
    writer = identity.role(eu, "checkout-bedrock-logs", "bedrock", allow("logs:PutLogEvents"), tags=SHOP)
    bedrock.invocation_logging(eu, log_group="/halden/checkout/bedrock", role=writer)
    _checkout_model(eu, kms)
    _checkout_assistant(eu, kms)
    identity.user(us, "checkout-release", allow(["ecr:PutImage", "sagemaker:UpdateEndpoint"]))


def _checkout_model(site: Site, kms: str) -> None:
    role = identity.role(
        site,
        "checkout-sagemaker",
        "sagemaker",
        allow(["s3:GetObject", "s3:ListBucket"], [f"arn:aws:s3:::{ORDERS}/*", f"arn:aws:s3:::{MODELS}/*"]),
        tags=SHOP,
    )
    storage.repository(site, "halden/checkout", Repository(kms=kms, tags=SHOP))
    image = storage.image(site, "halden/checkout", "2026.11.3", LOW=2)
    artifact = sagemaker.training_job(
        site, "checkout-abandonment-41", role, image, data=s3(ORDERS, "carts"), output=s3(MODELS), kms=kms, tags=SHOP
    )
    sagemaker.package_group(site, "checkout-abandonment", tags=SHOP)
    package = sagemaker.package(site, "checkout-abandonment", image, artifact, SecurityConfig={"KmsKeyId": kms})
    sagemaker.model(site, "checkout-abandonment", role, {"ModelPackageName": package}, tags=SHOP)
    capture = s3(MODELS, "capture")
    sagemaker.endpoint_config(site, "checkout-abandonment", "checkout-abandonment", kms=kms, capture=capture, tags=SHOP)
    sagemaker.endpoint(site, "checkout-abandonment", "checkout-abandonment", SHOP)


def _checkout_assistant(site: Site, kms: str) -> None:
    guardrail = bedrock.guardrail(site, "checkout", SHOP, kms=kms)
    nova = bedrock.model_arn(site, "amazon.nova-pro-v1:0")
    role = identity.role(site, "checkout-assistant", "bedrock", allow("bedrock:InvokeModel", nova), tags=SHOP)
    base = agents.knowledge_base(site, "checkout-articles", role, SHOP)
    agents.data_source(site, base, "checkout-articles", bucket=PAPERS, kms=kms)
    assistant = agents.agent(site, "checkout-assistant", role, SHOP, guardrail=guardrail, kms=kms)
    agents.knows(assistant, base, "Articles about payment and delivery")


def _science(us: Site, eu: Site) -> None:
    """Notebooks on the open internet, production's orders as training data, and a model that others may replace."""
    us = compute.network(us, "halden-science", "10.50.0.0/16", STUDY)
    bedrock.foundation_models(us)
    storage.bucket(us, "halden-science-work", Bucket(versioned=False, tls_only=False, tags=STUDY))
    role = identity.role(
        us,
        "science-sagemaker",
        "sagemaker",
        allow(["s3:*", "bedrock:*"]),
        allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{RECOMMENDER}/*"),
        tags=STUDY,
    )
    for name in ("orders-study", "basket-study", "llm-study"):
        sagemaker.open_notebook(us, name, role, STUDY)
    storage.repository(us, "science/notebooks", Repository(immutable=False, scan=False, tags=STUDY))
    image = storage.image(us, "science/notebooks", "latest", CRITICAL=2, HIGH=11)
    sagemaker.training_job(
        us, "orders-embedding-7", role, image, data=s3(ORDERS, "2026"), output=s3("halden-science-work"), tags=STUDY
    )
    loaded = {"Image": image, "ModelDataUrl": s3(RECOMMENDER, "similar-items/model.tar.gz")}
    sagemaker.model(us, "similar-items-replay", role, loaded, tags=STUDY, VpcConfig=None, EnableNetworkIsolation=False)
    bedrock.guardrail(us, "study", STUDY, strength="LOW")
    storage.secret(us, "science/huggingface-token", tags=STUDY)
    identity.role(eu, "science-visitors", "ec2", allow("bedrock:InvokeModel"), tags=STUDY)


def _sandbox(us: Site, eu: Site) -> None:
    """Whatever somebody tried one afternoon."""
    us = compute.network(us, "sandbox", "10.60.0.0/16")
    mighty = identity.role(us, "sandbox-everything", "ec2", allow("*"))
    open_group = compute.security_group(us, "ollama", (11434, "0.0.0.0/0"), (22, "0.0.0.0/0"))
    profile = identity.instance_profile(us, "sandbox", mighty.rpartition("/")[2])
    compute.instance(us, "ollama-test", "g5.xlarge", profile=profile, groups=[open_group], public=True, imds1=True)
    storage.bucket(us, "halden-sandbox-prompts", Bucket(public=True, versioned=False, tls_only=False))
    storage.secret(eu, "sandbox/openai-api-key")
    identity.user(us, "sandbox-shared", allow("bedrock:*"), key=True)
