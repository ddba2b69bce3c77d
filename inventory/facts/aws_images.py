"""Which container images AWS workloads run, and how firmly each reference is tied down."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

from inventory.documents import LinkTo, Unknown
from inventory.facts.aws_controls import MEMBERSHIP, strangers
from inventory.facts.aws_network import function_exposure, service_exposure
from inventory.facts.aws_policies import anyone_may
from inventory.facts.aws_registries import AWS_ACCOUNTS
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import derived_link, fact
from inventory.facts.unseen import first, unseen_origins

ECR = re.compile(r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/")
IMAGE, TASK, SERVICE, RUNTIME = "aws.ecr.image", "aws.ecs.task_definition", "aws.ecs.service", "aws.agentcore.runtime"
FUNCTION = "aws.lambda.function"
RUNS = (IMAGE, TASK)
OPEN_USERS = (TASK, SERVICE, RUNTIME, FUNCTION, "aws.ec2.security_group", "aws.ec2.subnet", "aws.ec2.route_table")
MOVING = frozenset({"", "latest", "main", "master", "nightly", "dev", "edge", "stable"})
RUNS_IMAGES = (
    "aws.sagemaker.model",
    "aws.sagemaker.training_job",
    "aws.sagemaker.processing_job",
    "aws.ecs.task_definition",
    "aws.agentcore.runtime",
    "aws.batch.job_definition",
    FUNCTION,
)


@derived_link("runs_image", kinds=(FUNCTION,), looks_at=(IMAGE,), same_place=True)
def function_image(node: Node, estate: Estate) -> list[LinkTo]:
    """A list of functions tells the digest of an image only, as the hash of the code.

    The call that tells its name would also hand out the code of every other function.
    """
    if node.config.get("PackageType") != "Image":
        return []
    digest = f"sha256:{node.config.get('CodeSha256')}"
    found = (one for one in estate.in_place(IMAGE, node.place) if one.config.get("imageDigest") == digest)
    return [LinkTo("runs_image", IMAGE, one.external_id) for one in found]


@fact("images", kinds=RUNS_IMAGES, looks_at=(IMAGE,), title="Container images it runs")
def images(node: Node, estate: Estate) -> list[dict[str, Any]] | Unknown:
    """[{image, pinned: by digest, moving: by a tag that moves, origin: own, aws, ecr-other or external}]."""
    part = _part(node.kind)
    missing = node.unknown(part)
    if missing is not None:
        return missing
    if node.kind == FUNCTION:
        return _function_images(node, estate)
    return [_described(image, estate.account) for image in dict.fromkeys(_references(node)) if image]


def _function_images(node: Node, estate: Estate) -> list[dict[str, Any]] | Unknown:
    found = [_described(one.external_id, estate.account) for one in estate.out_nodes(node, "runs_image")]
    if found or node.config.get("PackageType") != "Image":
        return found
    if not estate.complete(IMAGE, node.place):
        return Unknown("The images of its region were not read completely.")
    return Unknown("AWS tells only the digest of its image, and no registry of this account holds that.")


def _part(kind: str) -> str:
    parts = {
        "aws.sagemaker.training_job": "AlgorithmSpecification",
        "aws.sagemaker.processing_job": "AppSpecification",
        "aws.ecs.task_definition": "taskDefinition",
        "aws.agentcore.runtime": "agentRuntimeArtifact",
        "aws.batch.job_definition": "containerProperties",
        FUNCTION: "PackageType",
    }
    return parts.get(kind, "PrimaryContainer")


def _references(node: Node) -> list[str]:
    config = node.config
    if node.kind == "aws.sagemaker.model":
        containers = [config.get("PrimaryContainer") or {}, *(config.get("Containers") or [])]
        return [str(container.get("Image") or "") for container in containers]
    if node.kind == "aws.sagemaker.training_job":
        return [str((config.get("AlgorithmSpecification") or {}).get("TrainingImage") or "")]
    if node.kind == "aws.sagemaker.processing_job":
        return [str((config.get("AppSpecification") or {}).get("ImageUri") or "")]
    if node.kind == "aws.agentcore.runtime":
        artifact = (config.get("agentRuntimeArtifact") or {}).get("containerConfiguration") or {}
        return [str(artifact.get("containerUri") or "")]
    if node.kind == "aws.batch.job_definition":
        return [str((config.get("containerProperties") or {}).get("image") or "")]
    definitions = (config.get("taskDefinition") or {}).get("containerDefinitions") or []
    return [str(container.get("image") or "") for container in definitions]


def tied(user: Node, repository: Node) -> str | None:
    """Whether a push to the repository exchanges what the workload runs: empty when it does, or why that is not known.

    Nothing when it does not: by digest an image cannot be exchanged, nor by a tag that cannot be overwritten.
    """
    if user.kind == FUNCTION:
        return None  # it keeps the image that it was deployed with
    mutability = repository.config.get("imageTagMutability")
    name = f"/{repository.external_id.partition(':repository/')[2]}"
    named = [one for one in _references(user) if one.partition("@")[0].partition(":")[0].endswith(name)]
    if mutability == "IMMUTABLE" or (named and all("@sha256:" in one for one in named)):
        return None
    if not named:
        return "How it names the image is not known."
    return "" if mutability in (None, "MUTABLE") else "Whether its tag can be overwritten was not decided."


def _described(image: str, account: str) -> dict[str, Any]:
    pinned = "@sha256:" in image
    name = image.partition("@")[0]
    tag = name.rpartition(":")[2] if ":" in name.rpartition("/")[2] else ""
    return {"image": image, "pinned": pinned, "moving": not pinned and tag in MOVING, "origin": _origin(image, account)}


def _origin(image: str, account: str) -> str:
    match = ECR.match(image)
    if match is None:
        return "external"
    if match["account"] == account:
        return "own"
    return "aws" if match["account"] in AWS_ACCOUNTS else "ecr-other"


@fact("untrusted_images", kinds=RUNS_IMAGES, looks_at=MEMBERSHIP, title="Images from outside the organization")
def untrusted_images(node: Node, estate: Estate) -> list[str] | Unknown:
    """Images of public registries, and of accounts that are neither AWS's nor the organization's."""
    told = images(node, estate)
    if isinstance(told, Unknown):
        return told
    others = {one["image"]: one["image"].partition(".")[0] for one in told if one["origin"] == "ecr-other"}
    strange = strangers(others.values(), estate)
    found = [one["image"] for one in told if one["origin"] == "external"]
    if isinstance(strange, Unknown):
        return sorted(found) or strange
    return sorted([*found, *(image for image, account in others.items() if account in strange)])


@fact("scanned", kinds=("aws.ecr.repository",), title="What is pushed is scanned")
def scanned(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the repository scans what is pushed, or a rule of the registry whose filter its name meets."""
    if (node.config.get("imageScanningConfiguration") or {}).get("scanOnPush"):
        return True
    missing = node.unknown("imageScanningConfiguration", "RegistryScanning")
    if missing is not None:
        return missing
    rules = (node.config.get("RegistryScanning") or {}).get("rules") or ()
    scanning = [one for one in rules if one.get("scanFrequency") in ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")]
    filters = [str(one.get("filter", "")) for rule in scanning for one in rule.get("repositoryFilters") or ()]
    name = str(node.config.get("repositoryName", node.name))
    return any(fnmatchcase(name, one if "*" in one else f"*{one}*") for one in filters)


@fact("open_users", kinds=(IMAGE,), looks_at=OPEN_USERS, title="Workloads that the internet reaches and that run it")
def open_users(node: Node, estate: Estate) -> list[str] | Unknown:
    """Names of services with a public address and an open port, and of agent runtimes and functions open to all."""
    hosts = [host for user in estate.into(node, "runs_image") for host in _hosts(user, estate)]
    reached = [(host, _reached(host, estate)) for host in hosts]
    found = sorted({host.name for host, answer in reached if answer is True})
    unsure = (answer for _host, answer in reached if isinstance(answer, Unknown))
    unseen = (unseen_origins(estate, kind, among=frozenset(OPEN_USERS)) for kind in RUNS)
    doubt = None if found else first((*unsure, *unseen))
    return found if doubt is None else doubt


def _hosts(user: Node, estate: Estate) -> list[Node]:
    if user.kind == TASK:
        return [one for one in estate.into(user, "runs_as") if one.kind == SERVICE]
    return [user] if user.kind in (RUNTIME, FUNCTION) else []


def _reached(host: Node, estate: Estate) -> bool | Unknown:
    if host.kind == RUNTIME:
        allowed = anyone_may(host, estate)
        return allowed if isinstance(allowed, Unknown) else bool(allowed)
    exposure = function_exposure if host.kind == FUNCTION else service_exposure
    reached = exposure(host, estate)
    return reached if isinstance(reached, Unknown) else reached == "internet"
