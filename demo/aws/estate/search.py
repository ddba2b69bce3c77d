"""Document and product search: embeddings and a ranker in Europe, in good order but for two corners."""

from __future__ import annotations

from demo.aws.build import agents, bedrock, identity, monitoring, sagemaker, storage
from demo.aws.build.identity import allow
from demo.aws.build.storage import Bucket
from demo.aws.estate.company import ALARMS, Company, owned, s3

TAGS = owned("search-relevance", "product-search")
CATALOGUE, ARTIFACTS = "halden-search-catalogue", "halden-search-models"


def build(company: Company) -> None:
    site, kms = company.eu, company.keys["halden-search"]
    with site.ago(330):
        for name in (CATALOGUE, ARTIFACTS):
            storage.bucket(site, name, Bucket(kms=kms, log_to=company.log_bucket["eu"], tags=TAGS))
        names = [f"arn:aws:s3:::{name}{end}" for name in (CATALOGUE, ARTIFACTS) for end in ("", "/*")]
        role = identity.role(
            site, "search-sagemaker", "sagemaker", allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], names),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], kms), tags=TAGS,
        )  # fmt: skip
        sagemaker.package_group(site, "search-ranker", tags=TAGS)
        sagemaker.domain(
            site, "search-studio", role, TAGS, KmsKeyId=kms,
            DomainSettings={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"},
        )  # fmt: skip
    _models(company, role)
    with site.ago(30):
        _document_search(company)
        oncall = site.arn("sns", "search-oncall")
        for name, metric in ALARMS.items():
            monitoring.alarm(site, f"search-{name}", "AWS/SageMaker", metric, action=oncall, tags=TAGS)
        monitoring.log_group(site, "/aws/sagemaker/Endpoints/search-ranker-prod", tags=TAGS)


def _models(company: Company, role: str) -> None:
    site, kms = company.eu, company.keys["halden-search"]
    for name, image, days in (("search-embedder", "search-embedder", 70), ("search-ranker", "search-ranker", 25)):
        with site.ago(days):
            artifact = sagemaker.training_job(
                site, f"{name}-2026-10", role, company.images[image], data=s3(CATALOGUE, "clicks"),
                output=s3(ARTIFACTS, name), kms=kms, tags=TAGS, instance="ml.g5.2xlarge", count=2,
            )  # fmt: skip
            container = {
                "Image": company.images[image],
                "ModelDataUrl": artifact,
                "ImageConfig": {"RepositoryAccessMode": "Vpc"},
            }
            sagemaker.model(site, name, role, container, tags=TAGS)
            sagemaker.endpoint_config(site, f"{name}-prod", name, kms=kms, capture=s3(ARTIFACTS, "capture"), tags=TAGS)
            sagemaker.endpoint(site, f"{name}-prod", f"{name}-prod", TAGS)
    with site.ago(24):
        sagemaker.package(
            site, "search-ranker", company.images["search-ranker"], artifact, SecurityConfig={"KmsKeyId": kms}
        )
        sagemaker.transform_job(
            site,
            "search-reindex-2026-11",
            "search-embedder",
            data=s3(CATALOGUE, "products"),
            output=s3(CATALOGUE, "vectors"),
        )
        sagemaker.feature_group(site, "search-click-features", role, s3(CATALOGUE, "features"), kms=kms, tags=TAGS)
        sagemaker.pipeline(site, "search-nightly", role, [{"Name": "Rank", "Type": "Training"}], TAGS)


def _document_search(company: Company) -> None:
    site, kms = company.eu, company.keys["halden-search"]
    reader = identity.role(
        site, "document-search-knowledge", "bedrock",
        allow(["s3:GetObject", "s3:ListBucket"], [f"arn:aws:s3:::{CATALOGUE}", f"arn:aws:s3:::{CATALOGUE}/*"]),
        tags=TAGS,
    )  # fmt: skip
    base = agents.knowledge_base(site, "product-manuals", reader, TAGS, kms=kms, model="cohere.embed-multilingual-v3")
    agents.data_source(site, base, "manuals", bucket=CATALOGUE, kms=kms)
    guardrail = bedrock.guardrail(site, "document-search", TAGS, kms=kms)
    speaker = identity.role(
        site, "document-search-agent", "bedrock",
        allow("bedrock:InvokeModel", bedrock.model_arn(site, "amazon.nova-lite-v1:0")), tags=TAGS,
    )  # fmt: skip
    finder = agents.agent(
        site, "document-search", speaker, TAGS, guardrail=guardrail, kms=kms, model="amazon.nova-lite-v1:0"
    )
    agents.knows(finder, base, "Manuals of all products")
    bedrock.provisioned_throughput(
        site, "search-embeddings", bedrock.model_arn(site, "amazon.titan-embed-text-v2:0"), 2, TAGS
    )
