"""What is done before and after training: tuning, labelling, monitoring, cards and the lineage that AWS records."""

from __future__ import annotations

from demo.aws.build import making, people, records, watching
from demo.aws.estate.company import Company, owned, s3
from demo.aws.estate.workbench import role

TAGS = owned("search-relevance", "product-search")
CATALOGUE, MODELS = "halden-search-catalogue", "halden-search-models"
FORECASTS = "halden-forecast-artifacts"


def build(company: Company) -> None:
    with company.eu.ago(20):
        _prepared(company)
        _watched(company)
    with company.us.ago(4):
        _careless(company)
        _unwatched(company)
        _fraud(company)


def _prepared(company: Company) -> None:
    site, kms, worker = company.eu, company.keys["halden-search"], role(company.eu, "search-sagemaker")
    setup = {"data": s3(CATALOGUE, "clicks"), "output": s3(MODELS, "tuning"), "kms": kms, "tags": TAGS}
    making.tuning_job(site, "search-ranker-tuning", worker, company.images["search-ranker"], **setup)
    making.automl_job(site, "search-intent", worker, **setup)
    artifact, output = s3(MODELS, "search-ranker/model.tar.gz"), s3(MODELS, "compiled")
    making.compilation_job(site, "search-ranker-c5", worker, artifact=artifact, output=output, kms=kms, tags=TAGS)
    making.optimization_job(site, "search-ranker-small", worker, artifact=artifact, output=output, kms=kms, tags=TAGS)
    people.workforce(site)
    team = people.workteam(site, "search-judges")["WorkteamArn"]
    people.workteam(site, "search-editors")
    output = s3(CATALOGUE, "labels")
    people.labeling_job(
        site, "search-relevance-judgements", worker, team, data=s3(CATALOGUE, "queries.manifest"), output=output,
        kms=kms, tags=TAGS,
    )  # fmt: skip
    people.flow_definition(site, "search-answer-review", worker, team, output=output, kms=kms, tags=TAGS)


def _watched(company: Company) -> None:
    site, kms, worker = company.eu, company.keys["halden-search"], role(company.eu, "search-sagemaker")
    endpoint = "search-ranker-prod"
    for kind in watching.NOUNS:
        watching.job_definition(
            site, kind, f"search-ranker-{kind.replace('_', '-')}", endpoint, role=worker,
            store=s3(MODELS, "monitoring/"), kms=kms, instances=2, tags=TAGS,
        )  # fmt: skip
    watching.schedule(site, "search-ranker-hourly", endpoint, "search-ranker-data-quality", tags=TAGS)
    closed = {"EnableNetworkIsolation": True, "EnableInterContainerTrafficEncryption": True}
    watching.schedule(
        site, "search-embedder-daily", "search-embedder-prod", "", tags=TAGS,
        MonitoringScheduleConfig=watching.inline_definition(site, worker, s3(MODELS, "monitoring"), **closed),
    )  # fmt: skip
    watching.inference_experiment(
        site, "search-ranker-shadow", endpoint, ("search-ranker", "search-embedder"), role=worker,
        store=s3(MODELS, "shadow"), kms=kms, tags=TAGS,
    )  # fmt: skip
    watching.inference_component(site, "search-ranker-part", endpoint, "search-ranker", tags=TAGS)
    records.model_card(site, "search-ranker", "search-ranker", SecurityConfig={"KmsKeyId": kms}, tags=TAGS)
    for model in ("search-embedder", "search-ranker"):
        job = f"{model}-2026-10"
        artifact = site.client("sagemaker").describe_training_job(TrainingJobName=job)["ModelArtifacts"]
        records.lineage(site, job, s3(CATALOGUE, "clicks"), artifact["S3ModelArtifacts"], f"{model}-prod")


def _careless(company: Company) -> None:
    site, worker = company.us, role(company.us, "AmazonSageMaker-ExecutionRole-20250519")
    setup = {"data": s3("halden-demand-training-data", "sales"), "output": s3(FORECASTS, "tuning")}
    making.tuning_job(
        site, "demand-tuning", worker, company.images["forecasting"], isolated=False,
        training={"Environment": {"WANDB_API_KEY": "wandb-not-a-real-key-0000000000000000000"}}, **setup,
    )  # fmt: skip
    making.automl_job(site, "demand-automl", worker, isolated=False, **setup)
    artifact, output = s3(FORECASTS, "monthly/model.tar.gz"), s3(FORECASTS, "compiled")
    making.compilation_job(site, "demand-compiled", worker, artifact=artifact, output=output)
    making.optimization_job(site, "demand-optimized", worker, artifact=artifact, output=output)
    portal = people.workforce(site, "lab-labellers", SourceIpConfig={"Cidrs": ["0.0.0.0/0"]})["WorkforceArn"]
    people.workteam(site, "lab-friends", WorkforceArn=portal, NotificationConfiguration={})
    people.labeling_job(
        site, "receipts-labelling", worker, people.PUBLIC_TEAM,
        data=s3("halden-labelling-uploads", "receipts.manifest"), output=s3("halden-ml-scratch", "labels"),
    )  # fmt: skip
    people.flow_definition(
        site, "receipts-review", worker, people.PUBLIC_TEAM, output=s3("halden-ml-scratch", "reviews")
    )


def _unwatched(company: Company) -> None:
    site, worker = company.us, role(company.us, "AmazonSageMaker-ExecutionRole-20250519")
    for kind in watching.NOUNS:
        watching.job_definition(
            site, kind, f"demand-{kind.replace('_', '-')}", "demand-forecast", role=worker,
            store=s3(FORECASTS, "monitoring/"), isolated=False, instances=2,
        )  # fmt: skip
    inline = watching.inline_definition(site, worker, s3(FORECASTS, "monitoring"), EnableNetworkIsolation=False)
    watching.schedule(
        site, "demand-forecast-daily", "demand-forecast", "", MonitoringScheduleConfig=inline,
        MonitoringScheduleStatus="Stopped", LastMonitoringExecutionSummary=None,
    )  # fmt: skip
    watching.inference_experiment(
        site, "demand-shadow", "demand-forecast", ("demand-forecast", "demand-forecast-staging"), role=worker,
        store=s3(FORECASTS, "shadow"), kms="", KmsKey=None, DataStorageConfig={"Destination": s3(FORECASTS, "shadow")},
    )  # fmt: skip
    container = {"ArtifactUrl": s3("halden-ml-scratch", "downloads/classifier.tar.gz"),
                 "Environment": {"OPENAI_API_KEY": "sk-not-a-real-key-66666666"}}  # fmt: skip
    watching.inference_component(
        site, "classifier-part", "downloaded-classifier", "downloaded-classifier",
        Specification={"Container": container, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
    )  # fmt: skip
    records.model_card(site, "demand-forecast", "demand-forecast", ModelCardStatus="Draft")
    site.protect("endpoint", "demand-forecast", _anyone(site.arn("sagemaker", "endpoint/demand-forecast")))


def _anyone(arn: str) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sagemaker:InvokeEndpoint", "Resource": arn}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _fraud(company: Company) -> None:
    """The team that does it right has its lineage on record for every version."""
    site = company.us
    for number in (1, 2, 3):
        job = f"fraud-scorer-train-{number:03d}"
        artifact = site.client("sagemaker").describe_training_job(TrainingJobName=job)["ModelArtifacts"]
        endpoint = {2: "fraud-scorer-prod", 3: "fraud-scorer-shadow"}.get(number, "")
        records.lineage(
            site, job, s3("halden-fraud-training-data", f"curated/v{number}"), artifact["S3ModelArtifacts"], endpoint
        )
    records.model_card(
        site, "fraud-scorer", "fraud-scorer-v2", tags=owned("risk-ml", "fraud-scoring", data="restricted")
    )
