"""Platform and security teams: networks, keys, logs, trails, base images, people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.aws.build import bedrock, compute, identity, monitoring, storage
from demo.aws.build.identity import allow
from demo.aws.build.site import Site
from demo.aws.build.storage import Bucket, Repository
from demo.aws.estate.company import EXTERNAL_ID, READER_ROLE, VENDOR_ACCOUNT, Company, owned
from demo.aws.wire import Document

if TYPE_CHECKING:
    from demo.aws.server import SimulatedAws

ENDPOINTS = ("sagemaker.api", "sagemaker.runtime", "bedrock-runtime", "bedrock-agent-runtime", "ecr.api", "s3")
PLATFORM = owned("platform-ai", "platform")
SECURITY = owned("security", "audit", data="confidential")


def build(aws: SimulatedAws) -> Company:
    us = Site(aws, "us-east-1", aws.account_id)
    eu = Site(aws, "eu-central-1", aws.account_id)
    with us.ago(620):
        us.client("iam").create_account_alias(AccountAlias="halden-ai")
        us = compute.network(us, "halden-ml-us", "10.20.0.0/16", PLATFORM, careless=True)
        eu = compute.network(eu, "halden-ml-eu", "10.30.0.0/16", PLATFORM)
        storage.block_account(us, policies=False)
        company = Company(us, eu)
        _keys(company)
        _logs(company)
        _people(company)
    with us.ago(300):
        _monitoring(company)
        _images(company)
        _endpoints(company)
    for site in (us, eu):
        bedrock.foundation_models(site)
    with us.ago(4):
        legacy = company.keys["halden-ml-legacy"].rpartition("/")[2]
        us.client("kms").schedule_key_deletion(KeyId=legacy, PendingWindowInDays=30)
    return company


def _keys(company: Company) -> None:
    for name, site, rotation in (
        ("halden-ml-data", company.us, True),
        ("halden-payments", company.us, True),
        ("halden-logs", company.us, True),
        ("halden-ml-legacy", company.us, False),
        ("halden-care", company.eu, True),
        ("halden-search", company.eu, True),
        ("halden-logs-eu", company.eu, True),
    ):
        company.keys[name] = storage.key(site, name, rotation=rotation, tags=PLATFORM)
    everyone = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Everyone", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
        ],
    }
    company.keys["halden-experiments"] = storage.key(company.us, "halden-experiments", rotation=False, policy=everyone)


def _logs(company: Company) -> None:
    for region, site, key in (("us", company.us, "halden-logs"), ("eu", company.eu, "halden-logs-eu")):
        access = storage.bucket(site, f"halden-access-logs-{region}", Bucket(takes_logs=True, tags=SECURITY))
        company.log_bucket[region] = access
        storage.bucket(site, f"halden-cloudtrail-{region}", Bucket(kms=company.keys[key], log_to=access, tags=SECURITY))


def _people(company: Company) -> None:
    us = company.us
    identity.cross_account_role(us, READER_ROLE, EXTERNAL_ID, us.account)
    identity.user(us, "build-robot", allow(["ecr:*", "ecs:UpdateService"]), key=True)
    identity.user(us, "ml-admin", managed=("AmazonSageMakerFullAccess", "AmazonBedrockFullAccess"), key=True)
    identity.user(us, "notebook-sync", allow("s3:*"), key=True)
    identity.model_key(us, "ml-admin")
    identity.user(us, "maria.lindqvist", managed=("ReadOnlyAccess",))
    identity.user(us, "tom.okafor", managed=("ReadOnlyAccess",))
    identity.policy(
        us,
        "halden-bedrock-approved-models",
        allow(
            ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
            ["arn:aws:bedrock:*::foundation-model/amazon.nova-*", "arn:aws:bedrock:*::foundation-model/amazon.titan-*"],
        ),
        tags=PLATFORM,
    )
    identity.policy(us, "halden-bedrock-everything", allow("bedrock:*"))
    outsider = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{VENDOR_ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    identity.role(
        us, "vendor-model-operations", "", allow(["sagemaker:*", "s3:GetObject"]), trust=identity.policy_text(outsider)
    )
    identity.policy(us, "halden-pass-any-role", allow(["iam:PassRole", "sagemaker:Create*"]))


def _monitoring(company: Company) -> None:
    _american_trail(company)
    _european_trail(company)
    eu = company.eu
    detector = monitoring.detector(eu, "EBS_MALWARE_PROTECTION", tags=SECURITY)
    with eu.ago(3):
        monitoring.threat(
            eu, detector, "Impact:IAMUser/AnomalousModelInvocation", "A role invoked a model in an unusual way."
        )
        monitoring.threat(
            eu, detector, "DefenseEvasion:IAMUser/BedrockLoggingDisabled", "Invocation logging was switched off."
        )


def _american_trail(company: Company) -> None:
    """Covers every region, but nobody asked for the data events of AI services."""
    us = company.us
    role = identity.role(
        us,
        "halden-cloudtrail-to-logs",
        "cloudtrail",
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], us.arn("logs", "log-group:halden-cloudtrail:*")),
    )
    group = monitoring.log_group(us, "halden-cloudtrail", days=400, kms=company.keys["halden-logs"], tags=SECURITY)
    monitoring.trail(
        us,
        "halden-org-trail",
        "halden-cloudtrail-us",
        SECURITY,
        kms=company.keys["halden-logs"],
        log_group=group,
        role=role,
        data_events=("AWS::Lambda::Function",),
    )


def _european_trail(company: Company) -> None:
    """Records who reads data and calls endpoints, but not who calls agents; its files could be changed unnoticed."""
    eu = company.eu
    monitoring.trail(
        eu,
        "halden-eu-ai-trail",
        "halden-cloudtrail-eu",
        SECURITY,
        kms=company.keys["halden-logs-eu"],
        everywhere=False,
        validated=False,
        data_events=(
            "AWS::S3::Object",
            "AWS::SageMaker::Endpoint",
        ),
    )


def _images(company: Company) -> None:
    us, eu, keys = company.us, company.eu, company.keys
    good = Repository(kms=keys["halden-ml-data"], tags=PLATFORM)
    pushing = _open_to(f"arn:aws:iam::{VENDOR_ACCOUNT}:root", "ecr:PutImage", "ecr:InitiateLayerUpload")
    rows: tuple[tuple[Site, str, Repository, str, dict[str, int]], ...] = (
        (us, "halden/fraud-training", good, "2026.11.1", {"LOW": 3}),
        (us, "halden/fraud-inference", good, "2026.11.1", {"MEDIUM": 1, "LOW": 4}),
        (
            us,
            "halden/recommender",
            Repository(immutable=False, tags=PLATFORM),
            "latest",
            {"CRITICAL": 4, "HIGH": 17, "MEDIUM": 30},
        ),
        (us, "halden/forecasting", Repository(scan=False, policy=_open_to("*", "ecr:BatchGetImage")), "v3", {}),
        (us, "halden/llm-gateway", Repository(immutable=False), "main", {"CRITICAL": 1, "HIGH": 6}),
        (us, "halden/vllm-serving", Repository(tags=PLATFORM), "0.11.2", {"HIGH": 2, "MEDIUM": 9}),
        (us, "halden/notebook-tools", Repository(immutable=False, scan=False, policy=pushing), "latest", {}),
        (eu, "halden/search-embedder", Repository(kms=keys["halden-search"], tags=PLATFORM), "2026.10.4", {"LOW": 2}),
        (eu, "halden/search-ranker", Repository(kms=keys["halden-search"], tags=PLATFORM), "2026.10.4", {"MEDIUM": 3}),
        (eu, "halden/care-tools", Repository(tags=PLATFORM), "1.9.0", {"HIGH": 1}),
    )
    for site, name, setup, tag, found in rows:
        storage.repository(site, name, setup)
        company.images[name.removeprefix("halden/")] = storage.image(site, name, tag, **found)
    storage.image(us, "halden/recommender", "2026-03", CRITICAL=9, HIGH=31)
    storage.image(us, "halden/fraud-inference", "2026.10.2", MEDIUM=5)


def _open_to(principal: str, *actions: str) -> Document:
    """A repository policy that lets others in."""
    statement = {"Sid": "Others", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions)}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _endpoints(company: Company) -> None:
    for site in (company.us, company.eu):
        for service in ENDPOINTS:
            compute.vpc_endpoint(site, service, _endpoint_policy(site, service), PLATFORM)


def _endpoint_policy(site: Site, service: str) -> dict[str, object] | None:
    """The United States endpoints to Bedrock let any account through: nobody wrote a policy."""
    if service.startswith("bedrock") and site.region == "us-east-1":
        return None
    own = {"StringEquals": {"aws:PrincipalAccount": site.account}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": own}
    return {"Version": "2012-10-17", "Statement": [statement]}
