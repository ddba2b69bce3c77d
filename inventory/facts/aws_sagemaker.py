"""SageMaker: who shares what in Studio, and whether models in service are watched, described and checked."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_monitoring import SAGEMAKER, found
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first

REGION = ("aws.region",)
DOMAIN, PROFILE = "aws.sagemaker.domain", "aws.sagemaker.user_profile"
ENDPOINT, SCHEDULE = "aws.sagemaker.endpoint", "aws.sagemaker.monitoring_schedule"
MODEL, CARD, PACKAGE = "aws.sagemaker.model", "aws.sagemaker.model_card", "aws.sagemaker.model_package"
BUCKET, PROCESSING = "aws.s3.bucket", "aws.sagemaker.processing_job"
BIAS = ("aws.sagemaker.model_bias_job_definition", "aws.sagemaker.model_explainability_job_definition")
PARTS = {
    "aws.sagemaker.data_quality_job_definition": "DataQuality",
    "aws.sagemaker.model_quality_job_definition": "ModelQuality",
    "aws.sagemaker.model_bias_job_definition": "ModelBias",
    "aws.sagemaker.model_explainability_job_definition": "ModelExplainability",
}
CLARIFY = "sagemaker-clarify-processing"


@fact(
    "tagged",
    kinds=("aws.sagemaker.image", "aws.sagemaker.app_image_config", "aws.bedrock.inference_profile"),
    title="Carries tags of your own",
)
def tagged(node: Node, estate: Estate) -> bool | Unknown:
    """Whether it has any tag besides those that AWS sets."""
    missing = node.unknown("Tags")
    return any(not name.startswith("aws:") for name in node.tags) if missing is None else missing


@fact("shared_roles", kinds=(DOMAIN,), looks_at=(PROFILE,), title="Roles that several people work under")
def shared_roles(node: Node, estate: Estate) -> list[dict[str, Any]] | Unknown:
    """[{role, people}] of roles that more than one user profile of the domain uses."""
    if not estate.complete(PROFILE, node.place):
        return Unknown("User profiles were not read completely")
    default = (node.config.get("DefaultUserSettings") or {}).get("ExecutionRole")
    untold = node.unknown("DefaultUserSettings")
    people: dict[str, list[str]] = defaultdict(list)
    for profile in estate.into(node, "part_of"):
        if profile.kind != PROFILE:
            continue
        own = (profile.config.get("UserSettings") or {}).get("ExecutionRole")
        missing = profile.unknown("UserSettings")
        if missing is None and not own:
            missing = untold
        if missing is not None:
            return missing
        if role := own or default:
            people[role].append(profile.name)
    return [{"role": role, "people": sorted(names)} for role, names in sorted(people.items()) if len(names) > 1]


@fact("monitored", kinds=(ENDPOINT,), looks_at=(SCHEDULE,), title="A monitoring schedule watches its answers")
def monitored(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a schedule that is in force belongs to the endpoint."""
    schedules = [one for one in estate.into(node, "part_of") if one.kind == SCHEDULE]
    if any(one.config.get("MonitoringScheduleStatus") in ("Scheduled", "Pending") for one in schedules):
        return True
    return False if estate.complete(SCHEDULE, node.place) else Unknown("Monitoring schedules were not read completely")


@fact("approved_card", kinds=(MODEL,), looks_at=(CARD,), title="An approved model card describes it")
def approved_card(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an approved card names the model or the package that it loads."""
    names = {node.external_id, node.name, *(to.external_id for to in estate.out_nodes(node, "loads"))}
    unread: Unknown | None = None
    for card in estate.in_place(CARD, node.place):
        if card.config.get("ModelCardStatus") != "Approved":
            continue
        unread = first((unread, card.unknown("Content")))
        if any(f'"{name}"' in _text(card.config.get("Content")) for name in names):
            return True
    if unread is not None:
        return unread
    return False if estate.complete(CARD, node.place) else Unknown("Model cards were not read completely")


def _text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content or {})


@fact("models_served", kinds=REGION, looks_at=(ENDPOINT,), title="Endpoints serve models in the region")
def models_served(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an endpoint of the region is in service."""
    if any(one.config.get("EndpointStatus") == "InService" for one in estate.in_place(ENDPOINT, node.place)):
        return True
    return False if estate.complete(ENDPOINT, node.place) else Unknown("Endpoints were not read completely")


@fact("registry_used", kinds=REGION, looks_at=(PACKAGE,), title="The model registry holds approved versions")
def registry_used(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a model package of the region is approved."""
    if any(one.config.get("ModelApprovalStatus") == "Approved" for one in estate.in_place(PACKAGE, node.place)):
        return True
    return False if estate.complete(PACKAGE, node.place) else Unknown("Model packages were not read completely")


@fact("bias_checked", kinds=REGION, looks_at=(PROCESSING, *BIAS), title="Models are checked for bias")
def bias_checked(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a Clarify job ran lately, or a bias or explainability job is defined, in the region."""
    if any(estate.in_place(kind, node.place) for kind in BIAS):
        return True
    jobs = estate.in_place(PROCESSING, node.place)
    if any(CLARIFY in str((one.config.get("AppSpecification") or {}).get("ImageUri")) for one in jobs):
        return True
    if all(estate.complete(kind, node.place) for kind in (PROCESSING, *BIAS)):
        return False
    return Unknown("Processing jobs were not read completely")


@fact("without_key", kinds=tuple(PARTS), title="Parts of the job that no key is named for")
def without_key(node: Node, estate: Estate) -> list[str] | Unknown:
    """`volume`, `output` or both; the four kinds of job definitions say it under names of their own."""
    output = f"{PARTS[node.kind]}JobOutputConfig"
    missing = node.unknown("JobResources", output)
    if missing is not None:
        return missing
    cluster = (node.config.get("JobResources") or {}).get("ClusterConfig") or {}
    keys = {"output": (node.config.get(output) or {}).get("KmsKeyId"), "volume": cluster.get("VolumeKmsKeyId")}
    return sorted(part for part, key in keys.items() if not key)


@fact("sagemaker_in_use", kinds=REGION, looks_at=SAGEMAKER, title="SageMaker is used in the region")
def sagemaker_in_use(node: Node, estate: Estate) -> bool | Unknown:
    """Whether any asset of SageMaker exists there."""
    return found(estate, SAGEMAKER, node.place)


@fact("default_bucket_owned", kinds=REGION, looks_at=(BUCKET,), title="The default SageMaker bucket is its own")
def default_bucket_owned(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the bucket whose name follows from region and account is among the account's."""
    if estate.get(BUCKET, f"arn:aws:s3:::sagemaker-{node.place}-{estate.account}") is not None:
        return True
    return False if estate.complete(BUCKET) else Unknown("Buckets were not read completely")


@fact("platform", kinds=("aws.sagemaker.notebook_instance",), title="The platform that it runs on")
def platform(node: Node, estate: Estate) -> str | Unknown:
    """Its platform identifier."""
    missing = node.unknown("PlatformIdentifier")
    if missing is not None:
        return missing
    return str(node.config.get("PlatformIdentifier") or "") or Unknown("SageMaker does not say the platform.")
