"""The service models that botocore ships: operation names, answers, IAM actions. No network."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name

# Where the IAM prefix or action is not the signing name and the operation's own name.
PREFIXES = {"s3control": "s3", "resourcegroupstaggingapi": "tag"}
ACTIONS = {
    ("s3", "list_buckets"): "s3:ListAllMyBuckets",
    ("s3", "list_objects_v2"): "s3:ListBucket",
    ("s3", "get_bucket_encryption"): "s3:GetEncryptionConfiguration",
    ("s3", "get_public_access_block"): "s3:GetBucketPublicAccessBlock",
    ("s3control", "get_public_access_block"): "s3:GetAccountPublicAccessBlock",
    ("cloudwatch", "describe_alarms"): "cloudwatch:DescribeAlarms",
    ("accessanalyzer", "list_findings_v2"): "access-analyzer:ListFindings",
    ("budgets", "describe_budgets"): "budgets:ViewBudget",
    ("apigateway", "get_rest_apis"): "apigateway:GET",
    ("apigateway", "get_resources"): "apigateway:GET",
    ("apigateway", "get_stages"): "apigateway:GET",
}


@cache
def session() -> Any:
    """One botocore session for reading models: its loader keeps each parsed model once for the process."""
    return botocore.session.Session()


@cache
def service_model(client: str) -> Any:
    return session().get_service_model(client)


@cache
def _operations(client: str) -> dict[str, str]:
    return {xform_name(name): name for name in service_model(client).operation_names}


def operation_name(client: str, operation: str) -> str:
    """`list_models` → `ListModels`; a KeyError when the installed botocore does not know it."""
    return _operations(client)[operation]


def output_shape(client: str, operation: str) -> Any:
    return service_model(client).operation_model(operation_name(client, operation)).output_shape


def action(client: str, operation: str) -> str:
    """The IAM action that a call needs."""
    known = ACTIONS.get((client, operation))
    if known:
        return known
    prefix = PREFIXES.get(client) or service_model(client).signing_name
    return f"{prefix}:{operation_name(client, operation)}"


# Clients whose regions botocore does not list are at best where a related service is.
LISTED_AS = {"bedrock-agent": "bedrock"}
# Where a service is of which botocore lists no region; elsewhere no connection means that it is not offered.
KNOWN_REGIONS = {
    "bedrock-data-automation": [
        "us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "eu-west-2", "ap-south-1", "ap-southeast-2",
        "us-gov-west-1",
    ],
}  # fmt: skip


def regions_of(client: str, partition: str = "aws") -> list[str]:
    """Regions in which botocore knows the service; empty when it does not say."""
    listed = list(session().get_available_regions(LISTED_AS.get(client, client), partition))
    return listed or KNOWN_REGIONS.get(client, [])


@cache
def partitions_by_region() -> dict[str, str]:
    """Every region that the installed botocore knows, with the partition that it belongs to."""
    known = session()
    return {
        region: partition
        for partition in known.get_available_partitions()
        for region in known.get_available_regions("ec2", partition)
    }


def partition_of(region: str) -> str:
    return partitions_by_region().get(region, "aws")
