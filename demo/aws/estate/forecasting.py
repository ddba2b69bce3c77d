"""Demand forecasting: works since years, never looked after. Public data, open jobs, no keys, no tags."""

from __future__ import annotations

from demo.aws.build import identity, sagemaker, storage
from demo.aws.build.identity import allow
from demo.aws.build.storage import Bucket, grant
from demo.aws.estate.company import VENDOR_ACCOUNT, Company, owned, s3

DATA, ARTIFACTS = "halden-demand-training-data", "halden-forecast-artifacts"
STAGING = owned("supply-planning", "demand-forecast", "staging")


def build(company: Company) -> None:
    site = company.us
    with site.ago(540):
        storage.bucket(site, DATA, Bucket(public=True, versioned=False, tls_only=False))
        vendor = grant(
            ARTIFACTS, f"arn:aws:iam::{VENDOR_ACCOUNT}:root", "s3:GetObject", "s3:PutObject", "s3:ListBucket"
        )
        storage.bucket(site, ARTIFACTS, Bucket(versioned=False, tls_only=False, statements=(vendor,)))
        role = identity.role(
            site, "AmazonSageMaker-ExecutionRole-20250519", "sagemaker", allow(["s3:*", "iam:PassRole", "sagemaker:*"]),
            managed=("AmazonSageMakerFullAccess", "AdministratorAccess"),
            trust=identity.trust(site, "sagemaker", guarded=False),
        )  # fmt: skip
        sagemaker.package_group(
            site, "demand-forecast", _shared_with_everyone(site.arn("sagemaker", "model-package-group/demand-forecast"))
        )
    _chain(company, role)
    _staging(company)


def _shared_with_everyone(group: str) -> dict[str, object]:
    statement = {
        "Sid": "Anyone",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["sagemaker:DescribeModelPackageGroup", "sagemaker:CreateModelPackage"],
        "Resource": group,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _chain(company: Company, role: str) -> None:
    """Public data → open training → artefacts that a vendor may overwrite → endpoint without key."""
    site, image = company.us, company.images["forecasting"]
    exposed = {"VpcConfig": None, "EnableNetworkIsolation": False, "EnableInterContainerTrafficEncryption": False}
    for number, days in ((1, 88), (2, 58), (3, 27), (4, 6)):
        with site.ago(days):
            artifact = sagemaker.training_job(
                site, f"demand-forecast-2026-{number:02d}", role, image, data=s3(DATA, "sales"),
                output=s3(ARTIFACTS, "monthly"), count=4,
                Environment={"WANDB_API_KEY": "wandb-not-a-real-key-0000000000000000000"}, **exposed,
            )  # fmt: skip
    with site.ago(5):
        sagemaker.package(site, "demand-forecast", image, artifact, SkipModelValidation="All")
        sagemaker.package(site, "demand-forecast", image, artifact, ModelApprovalStatus="Rejected")
        sagemaker.model(
            site, "demand-forecast", role, {"Image": image, "ModelDataUrl": artifact, "Environment": {"STAGE": "prod"}},
            VpcConfig=None, EnableNetworkIsolation=False,
        )  # fmt: skip
        sagemaker.endpoint_config(site, "demand-forecast", "demand-forecast", count=1)
        sagemaker.endpoint(site, "demand-forecast", "demand-forecast")
        sagemaker.processing_job(
            site, "demand-clean-2026-11", role, image, data=s3(DATA, "raw"), output=s3(DATA, "sales"), isolated=False
        )
        sagemaker.transform_job(
            site, "demand-weekly-47", "demand-forecast", data=s3(DATA, "weeks"), output=s3(ARTIFACTS, "out")
        )
        sagemaker.feature_group(site, "demand-store-features", role, s3(DATA, "features"))
        sagemaker.pipeline(site, "demand-monthly", role, [{"Name": "Train", "Type": "Training"}])


def _staging(company: Company) -> None:
    site = company.us
    with site.ago(20):
        role = identity.role(
            site, "forecast-staging", "sagemaker", 
            allow(["s3:GetObject", "s3:ListBucket"], [f"arn:aws:s3:::{DATA}", f"arn:aws:s3:::{DATA}/*"]),
            tags=STAGING,
        )  # fmt: skip
        artifact = sagemaker.training_job(
            site, "demand-forecast-staging-1", role, company.images["forecasting"], data=s3(DATA, "sample"),
            output=s3("halden-forecast-artifacts", "staging"), kms=company.keys["halden-ml-legacy"], tags=STAGING,
        )  # fmt: skip
        sagemaker.model(
            site,
            "demand-forecast-staging",
            role,
            {"Image": company.images["forecasting"], "ModelDataUrl": artifact},
            tags=STAGING,
        )
