"""Recommendations: an image full of holes under a mutable tag, a model from a bucket that others can write."""

from __future__ import annotations

from demo.aws.build import bedrock, identity, monitoring, sagemaker, storage
from demo.aws.build.identity import allow
from demo.aws.build.storage import Bucket, grant
from demo.aws.estate.company import SCIENCE_ACCOUNT, Company, owned, s3

TAGS = owned("personalisation", "recommender", data="confidential")
EVENTS, ARTIFACTS = "halden-shop-events", "halden-recommender-models"


def build(company: Company) -> None:
    site, kms = company.us, company.keys["halden-ml-data"]
    with site.ago(380):
        storage.bucket(site, EVENTS, Bucket(kms=kms, log_to=company.log_bucket["us"], tags=TAGS))
        open_to = grant(ARTIFACTS, [f"arn:aws:iam::{SCIENCE_ACCOUNT}:root"], "s3:PutObject", "s3:GetObject")
        storage.bucket(site, ARTIFACTS, Bucket(versioned=False, statements=(open_to,), tags=TAGS))
        role = identity.role(
            site, "recommender-sagemaker", "sagemaker",
            allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], "arn:aws:s3:::halden-*"),
            allow("kms:Decrypt", kms), tags=TAGS,
        )  # fmt: skip
        sagemaker.package_group(site, "recommender", tags=TAGS)
    _models(company, role)
    _language(company)


def _models(company: Company, role: str) -> None:
    site, kms, image = company.us, company.keys["halden-ml-data"], company.images["recommender"]
    for variant, days in (("similar-items", 75), ("for-you", 40), ("basket", 9)):
        name = f"recommender-{variant}"
        with site.ago(days):
            artifact = sagemaker.training_job(
                site, f"{name}-weekly", role, image, data=[s3(EVENTS, "clicks"), s3(EVENTS, "orders")],
                output=s3(ARTIFACTS, variant), kms=kms, tags=TAGS, instance="ml.p4d.24xlarge",
            )  # fmt: skip
            sagemaker.model(
                site,
                name,
                role,
                {"Image": image, "ModelDataUrl": artifact},
                tags=TAGS,
                EnableNetworkIsolation=variant == "basket",
            )
            sagemaker.endpoint_config(
                site, name, name, tags=TAGS, instance="ml.g4dn.xlarge", kms=kms if variant == "basket" else ""
            )
            sagemaker.endpoint(site, name, name, TAGS)
            sagemaker.package(site, "recommender", image, artifact)
    with site.ago(8):
        sagemaker.processing_job(  # over what was approved the day before
            site, "recommender-basket-repack", role, image, data=s3(ARTIFACTS, "basket"),
            output=artifact.rpartition("/")[0], kms=kms, tags=TAGS,
        )  # fmt: skip
        storage.write(site, artifact)
        sagemaker.feature_group(site, "shop-session-features", role, s3(EVENTS, "features"), kms=kms, tags=TAGS)
        monitoring.alarm(site, "recommender-gpu", "AWS/SageMaker", "GPUUtilization", tags=TAGS)
        monitoring.log_group(site, "/aws/sagemaker/TrainingJobs", tags=TAGS)


def _language(company: Company) -> None:
    """Product texts by a tuned model, in the region where nothing is logged."""
    site = company.us
    with site.ago(33):
        tuned = bedrock.custom_model(
            site,
            "product-texts",
            "amazon.nova-micro-v1:0",
            data=s3(EVENTS, "texts.jsonl"),
            output=s3(ARTIFACTS, "texts"),
        )
        bedrock.provisioned_throughput(site, "product-texts", tuned, 4)
        bedrock.guardrail(site, "product-texts", TAGS, kms=company.keys["halden-ml-data"])
