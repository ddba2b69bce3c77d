"""What is collected from an AWS account: declared rows, one module a group of services."""

from __future__ import annotations

from integrations.aws.resources import (
    agentcore,
    agents,
    ai_services,
    assistants,
    bedrock,
    compute,
    identity,
    images,
    monitoring,
    sagemaker,
    sagemaker_jobs,
    storage,
    vector_stores,
)
from integrations.aws.table import Resource

RESOURCES: tuple[Resource, ...] = (
    *identity.RESOURCES,
    *images.RESOURCES,
    *sagemaker.RESOURCES,
    *sagemaker_jobs.RESOURCES,
    *bedrock.RESOURCES,
    *agents.RESOURCES,
    *agentcore.RESOURCES,
    *assistants.RESOURCES,
    *ai_services.RESOURCES,
    *vector_stores.RESOURCES,
    *compute.RESOURCES,
    *monitoring.RESOURCES,
    *storage.RESOURCES,
)
BY_KIND: dict[str, Resource] = {resource.kind: resource for resource in RESOURCES}
