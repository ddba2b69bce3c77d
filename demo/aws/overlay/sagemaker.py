"""SageMaker: list operations that moto lacks, resource policies, and members that it drops from what was created.

What a Create request said is remembered and merged into the Describe answer for every member that the answer's shape
has and moto did not send (or sends falsely). Members that were never set are left out, as AWS does; moto sends them
empty.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto.core.model import StructureShape
from moto.sagemaker.models import sagemaker_backends

from demo.aws.overlay.declared import Thing, serve
from demo.aws.overlay.registry import Context, Registry
from demo.aws.wire import Call, Document, ServiceError

SERVICE = "sagemaker"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A thing whose creation is remembered: its name in requests, and the members where moto's answer is false."""

    noun: str
    name: str
    falsified: tuple[str, ...] = ()


REMEMBERED = (
    Remembered("Model", "ModelName", ("EnableNetworkIsolation",)),
    Remembered("NotebookInstance", "NotebookInstanceName"),
    Remembered("EndpointConfig", "EndpointConfigName"),
    Remembered("TrainingJob", "TrainingJobName"),
    Remembered("ProcessingJob", "ProcessingJobName"),
    Remembered("TransformJob", "TransformJobName"),
    Remembered("FeatureGroup", "FeatureGroupName"),
    Remembered("Domain", "DomainId"),
    Remembered("ModelPackage", "ModelPackageName"),
)


PARTS = (
    Thing(
        name="sagemaker.version_of_image",
        service=SERVICE,
        keys=("ImageVersionArn",),
        lists=("ListImageVersions", "ImageVersions"),
        where={"ImageName": "ImageArn"},
    ),
    Thing(
        name="sagemaker.hyperpod_node",
        service=SERVICE,
        keys=("_ClusterArn", "InstanceId"),
        lists=("ListClusterNodes", "ClusterNodeSummaries"),
        where={"ClusterName": "_ClusterArn"},
    ),
)


def register(registry: Registry) -> None:
    serve(registry, PARTS)
    for thing in REMEMBERED:
        registry.repairs[SERVICE, f"Create{thing.noun}"] = partial(remember, thing)
        registry.repairs[SERVICE, f"Describe{thing.noun}"] = partial(restore, thing)
    registry.answers[SERVICE, "ListFeatureGroups"] = feature_groups
    registry.answers[SERVICE, "ListNotebookInstanceLifecycleConfigs"] = lifecycle_configs
    registry.answers[SERVICE, "PutModelPackageGroupPolicy"] = put_group_policy
    registry.answers[SERVICE, "GetModelPackageGroupPolicy"] = group_policy
    registry.answers[SERVICE, "DeleteModelPackageGroupPolicy"] = delete_group_policy
    registry.answers[SERVICE, "GetEndpointPolicy"] = endpoint_policy
    registry.answers[SERVICE, "PutEndpointPolicy"] = put_endpoint_policy
    registry.answers[SERVICE, "UpdateNotebookInstance"] = update_notebook


def remember(thing: Remembered, call: Call, answer: Document, context: Context) -> Document:
    """The name of a versioned package or a domain is known only from the answer."""
    request = json.loads(call.body)
    if thing.noun == "EndpointConfig":
        _mend_arn(_backend(call).endpoint_configs[request[thing.name]])
    name = request.get(thing.name) or answer.get(f"{thing.noun}Arn") or _id_in_arn(answer)
    context.twin.requests[call.place, thing.noun, name] = request
    return answer


def restore(thing: Remembered, call: Call, answer: Document, context: Context) -> Document:
    if call.model is None or not isinstance(call.model.output_shape, StructureShape):
        return answer
    shape = call.model.output_shape
    request = context.twin.requests.get((call.place, thing.noun, str(call.params.get(thing.name))), {})
    for member, value in request.items():
        if member in shape.members and (not answer.get(member) or member in thing.falsified):
            answer[member] = value
    return {name: value for name, value in answer.items() if value not in ({}, []) or name in shape.required_members}


def update_notebook(call: Call, context: Context) -> Document:
    """Changes the members that moto holds and those that the overlay remembers."""
    request = json.loads(call.body)
    name = request.pop("NotebookInstanceName")
    notebook = _backend(call).notebook_instances.get(name)
    if notebook is None:
        raise ServiceError("ValidationException", "RecordNotFound")
    held = {"RootAccess": "root_access", "InstanceType": "instance_type", "RoleArn": "role_arn"}
    for member, attribute in held.items():
        if member in request:
            setattr(notebook, attribute, request[member])
    context.twin.requests.setdefault((call.place, "NotebookInstance", name), {}).update(request)
    return {}


def feature_groups(call: Call, _context: Context) -> Document:
    groups = _backend(call).feature_groups.values()
    return {
        "FeatureGroupSummaries": [
            {
                "FeatureGroupName": group.feature_group_name,
                "FeatureGroupArn": group.arn,
                "CreationTime": group.creation_time,
                "FeatureGroupStatus": "Created",
            }
            for group in groups
        ]
    }


def lifecycle_configs(call: Call, _context: Context) -> Document:
    configs = _backend(call).notebook_instance_lifecycle_configurations.values()
    return {
        "NotebookInstanceLifecycleConfigs": [
            {
                "NotebookInstanceLifecycleConfigName": config.notebook_instance_lifecycle_config_name,
                "NotebookInstanceLifecycleConfigArn": config.arn,
                "CreationTime": config.creation_time,
                "LastModifiedTime": config.last_modified_time,
            }
            for config in configs
        ]
    }


def put_group_policy(call: Call, context: Context) -> Document:
    name = _existing_group(call)
    context.twin.policies[call.place, "model-package-group", name] = call.params["ResourcePolicy"]
    return {"ModelPackageGroupArn": _backend(call).model_package_groups[name].arn}


def group_policy(call: Call, context: Context) -> Document:
    policy = context.twin.policies.get((call.place, "model-package-group", _existing_group(call)))
    if policy is None:
        raise ServiceError("ValidationException", "Cannot find resource policy for the model package group.")
    return {"ResourcePolicy": policy}


def delete_group_policy(call: Call, context: Context) -> Document:
    context.twin.policies.pop((call.place, "model-package-group", _existing_group(call)), None)
    return {}


def endpoint_policy(call: Call, context: Context) -> Document:
    name = str(call.params["EndpointName"])
    policy = context.twin.policies.get((call.place, "endpoint", name))
    if policy is None:
        raise ServiceError("ResourceNotFound", f"Endpoint {name} has no resource policy.")
    return {"EndpointName": name, "ResourcePolicy": policy}


def put_endpoint_policy(call: Call, context: Context) -> Document:
    name = str(call.params["EndpointName"])
    context.twin.policies[call.place, "endpoint", name] = call.params["ResourcePolicy"]
    return {"EndpointArn": f"arn:aws:sagemaker:{call.region}:{call.account}:endpoint/{name}"}


def _existing_group(call: Call) -> str:
    name = str(call.params["ModelPackageGroupName"]).rpartition("/")[2]
    if name not in _backend(call).model_package_groups:
        raise ServiceError("ValidationException", f"Model Package Group {name} does not exist.")
    return name


def _backend(call: Call) -> Any:
    return sagemaker_backends[call.account][call.region]


def _mend_arn(config: Any) -> None:
    """moto keeps the ARN of an endpoint configuration as a tuple of one."""
    if isinstance(config.arn, tuple):
        config.arn = config.arn[0]


def _id_in_arn(answer: Document) -> str:
    return str(next((value for key, value in answer.items() if key.endswith("Arn")), "")).rpartition("/")[2]
