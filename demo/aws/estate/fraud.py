"""Fraud scoring: the team that does it right, from the data to the endpoint, and what it left behind."""

from __future__ import annotations

from demo.aws.build import identity, monitoring, sagemaker, storage
from demo.aws.build.identity import allow
from demo.aws.build.storage import Bucket
from demo.aws.estate.company import ALARMS, Company, owned, s3

TAGS = owned("risk-ml", "fraud-scoring", data="restricted")
DATA, ARTIFACTS, CAPTURE = "halden-fraud-training-data", "halden-fraud-models", "halden-fraud-inference-capture"


def build(company: Company) -> None:
    site, kms = company.us, company.keys["halden-payments"]
    with site.ago(410):
        setup = Bucket(kms=kms, log_to=company.log_bucket["us"], tags=TAGS)
        for name in (DATA, ARTIFACTS, CAPTURE):
            storage.bucket(site, name, setup)
        trainer, server = _roles(company)
        sagemaker.package_group(site, "fraud-scorer", tags=TAGS)
        sagemaker.feature_group(site, "fraud-card-features", trainer, s3(DATA, "features"), kms=kms, tags=TAGS)
        monitoring.log_group(
            site, "/aws/sagemaker/Endpoints/fraud-scorer-prod", days=400, kms=company.keys["halden-logs"]
        )
    _versions(company, trainer, server)
    _serving(company)


def _roles(company: Company) -> tuple[str, str]:
    site, kms = company.us, company.keys["halden-payments"]
    arns = [f"arn:aws:s3:::{name}{suffix}" for name in (DATA, ARTIFACTS) for suffix in ("", "/*")]
    network = allow(
        ["ec2:CreateNetworkInterface", "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"]
    )
    trainer = identity.role(
        site,
        "fraud-training",
        "sagemaker",
        allow(["s3:GetObject", "s3:ListBucket"], arns[:2]),
        allow(["s3:PutObject"], [arns[3]]),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], kms),
        allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], site.arn("ecr", "repository/halden/fraud-*")),
        network,
        tags=TAGS,
    )
    server = identity.role(
        site,
        "fraud-inference",
        "sagemaker",
        allow(["s3:GetObject"], [arns[3]]),
        allow(["s3:PutObject"], [f"arn:aws:s3:::{CAPTURE}/*"]),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], kms),
        network,
        tags=TAGS,
    )
    return trainer, server


def _versions(company: Company, trainer: str, server: str) -> None:
    site, kms = company.us, company.keys["halden-payments"]
    for number, days in ((1, 160), (2, 85), (3, 12)):
        with site.ago(days):
            artifact = sagemaker.training_job(
                site,
                f"fraud-scorer-train-{number:03d}",
                trainer,
                company.images["fraud-training"],
                data=s3(DATA, f"curated/v{number}"),
                output=s3(ARTIFACTS, "fraud-scorer"),
                kms=kms,
                tags=TAGS,
                HyperParameters={"max_depth": "8", "eta": "0.1"},
            )
            package = sagemaker.package(
                site,
                "fraud-scorer",
                company.images["fraud-inference"],
                artifact,
                SecurityConfig={"KmsKeyId": kms},
                ModelApprovalStatus="Approved" if number < 3 else "PendingManualApproval",
            )
            sagemaker.model(site, f"fraud-scorer-v{number}", server, {"ModelPackageName": package}, tags=TAGS)


def _serving(company: Company) -> None:
    site, kms = company.us, company.keys["halden-payments"]
    with site.ago(80):
        sagemaker.endpoint_config(
            site, "fraud-scorer-prod-v2", "fraud-scorer-v2", kms=kms, capture=s3(CAPTURE, "prod"), tags=TAGS,
            instance="ml.c5.2xlarge", count=3,
        )  # fmt: skip
        sagemaker.endpoint(site, "fraud-scorer-prod", "fraud-scorer-prod-v2", TAGS)
        for name, metric in ALARMS.items():
            monitoring.alarm(
                site, f"fraud-scorer-{name}", "AWS/SageMaker", metric,
                action=site.arn("sns", "risk-ml-oncall"), dimensions={"EndpointName": "fraud-scorer-prod"}, tags=TAGS,
            )  # fmt: skip
    with site.ago(11):
        sagemaker.endpoint_config(site, "fraud-scorer-shadow-v3", "fraud-scorer-v3", count=1)
        sagemaker.endpoint(site, "fraud-scorer-shadow", "fraud-scorer-shadow-v3")
        sagemaker.processing_job(
            site, "fraud-bias-report-003", site.client("iam").get_role(RoleName="fraud-training")["Role"]["Arn"],
            company.images["fraud-training"], data=s3(DATA, "curated/v3"), output=s3(ARTIFACTS, "reports"), kms=kms,
            tags=TAGS,
        )  # fmt: skip
        sagemaker.pipeline(
            site, "fraud-scorer-retraining",
            site.client("iam").get_role(RoleName="fraud-training")["Role"]["Arn"],
            [{"Name": "Train", "Type": "Training", "Arguments": {"OutputDataConfig": {"S3OutputPath": s3(ARTIFACTS)}}}],
            TAGS,
        )  # fmt: skip
        sagemaker.transform_job(
            site, "fraud-backfill-2026-10", "fraud-scorer-v2", data=s3(DATA, "backfill"),
            output=s3(ARTIFACTS, "backfill"), kms=kms, tags=TAGS,
        )  # fmt: skip
