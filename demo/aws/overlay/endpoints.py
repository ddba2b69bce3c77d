"""SageMaker endpoints: which image each variant really runs, and whether its answers are captured, as AWS tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ecr.models import ecr_backends
from moto.sagemaker.models import sagemaker_backends

from demo.aws.overlay.registry import Context, Registry
from demo.aws.wire import Call, Document


def register(registry: Registry) -> None:
    registry.repairs["sagemaker", "DescribeEndpoint"] = endpoint


def endpoint(call: Call, answer: Document, context: Context) -> Document:
    config = context.twin.requests.get((call.place, "EndpointConfig", answer.get("EndpointConfigName", "")), {})
    models = {variant["VariantName"]: variant.get("ModelName", "") for variant in config.get("ProductionVariants", [])}
    for variant in answer.get("ProductionVariants", []):
        images = list(_deployed(call, context, models.get(variant["VariantName"], ""), answer["CreationTime"]))
        if images:
            variant["DeployedImages"] = images
    answer.pop("DataCaptureConfig", None)
    capture = config.get("DataCaptureConfig")
    if capture:
        answer["DataCaptureConfig"] = {
            "EnableCapture": capture["EnableCapture"],
            "CaptureStatus": "Started" if capture["EnableCapture"] else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    return answer


def _deployed(call: Call, context: Context, model: str, since: Any) -> Iterator[Document]:
    """The images of a model, resolved to the digest that their tag had."""
    request = context.twin.requests.get((call.place, "Model", model), {})
    for container in [request.get("PrimaryContainer") or {}, *request.get("Containers", [])]:
        image = container.get("Image") or _image_of_package(call, container.get("ModelPackageName"))
        digest = _digest(call, image) if image else None
        if digest:
            yield {"SpecifiedImage": image, "ResolvedImage": digest, "ResolutionTime": since}


def _image_of_package(call: Call, arn: str | None) -> str:
    packages = sagemaker_backends[call.account][call.region].model_packages
    package: Any = next((package for package in packages.values() if package.arn == arn), None)
    return str(package.inference_specification["Containers"][0]["Image"]) if package else ""


def _digest(call: Call, image: str) -> str | None:
    """`repository@sha256:…` of an image of this account's registry."""
    name, _, tag = image.rpartition(":")
    repositories = ecr_backends[call.account][call.region].repositories
    repository: Any = repositories.get(name.partition("/")[2])
    for stored in repository.images if repository else ():
        if tag in stored.image_tags:
            return f"{name}@{stored.image_digest}"
    return None
