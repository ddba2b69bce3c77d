"""What is collected from an AWS account: declared rows, one module a group of services."""

from __future__ import annotations

from integrations.aws.resources import (
    agentcore,
    agents,
    agents_prompts,
    ai_services,
    assistants,
    bedrock,
    bedrock_guards,
    bedrock_models,
    compute,
    identity,
    images,
    monitoring,
    organization,
    platform,
    sagemaker,
    sagemaker_jobs,
    sagemaker_making,
    sagemaker_people,
    sagemaker_records,
    sagemaker_studio,
    sagemaker_watching,
    storage,
    vector_stores,
    watching,
)
from integrations.aws.table import Resource

RESOURCES: tuple[Resource, ...] = (
    *identity.RESOURCES,
    *images.RESOURCES,
    *sagemaker.RESOURCES,
    *sagemaker_jobs.RESOURCES,
    *sagemaker_studio.RESOURCES,
    *sagemaker_making.RESOURCES,
    *sagemaker_people.RESOURCES,
    *sagemaker_watching.RESOURCES,
    *sagemaker_records.RESOURCES,
    *bedrock.RESOURCES,
    *bedrock_guards.RESOURCES,
    *bedrock_models.RESOURCES,
    *agents.RESOURCES,
    *agentcore.RESOURCES,
    *assistants.RESOURCES,
    *ai_services.RESOURCES,
    *vector_stores.RESOURCES,
    *agents_prompts.RESOURCES,
    *platform.RESOURCES,
    *watching.RESOURCES,
    *organization.RESOURCES,
    *compute.RESOURCES,
    *monitoring.RESOURCES,
    *storage.RESOURCES,
)
BY_KIND: dict[str, Resource] = {resource.kind: resource for resource in RESOURCES}
