"""Tags of everything at once (GetResources), from moto's taggable backends and from the twin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends
from moto.core.resource_tagging import iter_taggable_backends
from moto.ecr.models import ecr_backends
from moto.eks.models import eks_backends
from moto.s3.models import s3_backends

from demo.aws.overlay.registry import Context, Registry
from demo.aws.wire import Call, Document

# Services in which a tag belongs to an ARN of another region or that the tagging API does not list.
LISTED_APART = {"s3", "iam"}


def register(registry: Registry) -> None:
    registry.answers["resourcegroupstaggingapi", "GetResources"] = resources
    registry.answers["bedrock", "ListTagsForResource"] = bedrock_tags
    registry.answers["bedrock-agent", "ListTagsForResource"] = agent_tags


def resources(call: Call, context: Context) -> Document:
    """Every tagged thing of the region; filters by service or service:type and by tag."""
    types = call.params.get("ResourceTypeFilters") or []
    filters = call.params.get("TagFilters") or []
    found = {arn: tags for arn, tags in _tagged(call, context) if tags and _wanted(arn, types) and _has(tags, filters)}
    return {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": _pairs(found[arn])} for arn in sorted(found)]}


def bedrock_tags(call: Call, context: Context) -> Document | None:
    tags = context.twin.tags.get(call.params["resourceARN"])
    return None if tags is None else {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


def agent_tags(call: Call, context: Context) -> Document | None:
    return {"tags": context.twin.tags.get(call.params["resourceArn"], {})}


def _tagged(call: Call, context: Context) -> Iterator[tuple[str, dict[str, str]]]:
    for backend in iter_taggable_backends(call.account, call.region):
        if backend.SERVICE_NAMESPACE not in LISTED_APART:
            yield from ((resource.arn, resource.tags) for resource in backend.iter_tagged_resources())
    yield from _buckets(call)
    yield from _ecr(call)
    yield from _trails(call)
    for cluster in eks_backends[call.account][call.region].clusters.values():
        yield cluster.arn, cluster.tags
    for arn in context.twin.arns(call.place):
        yield arn, context.twin.tags[arn]


def _buckets(call: Call) -> Iterator[tuple[str, dict[str, str]]]:
    backend = s3_backends[call.account]["aws"]
    for bucket in backend.buckets.values():
        if bucket.region_name == call.region:
            yield bucket.arn, backend.tagger.get_tag_dict_for_resource(bucket.arn)


def _ecr(call: Call) -> Iterator[tuple[str, dict[str, str]]]:
    backend = ecr_backends[call.account][call.region]
    for repository in backend.repositories.values():
        yield repository.arn, backend.tagger.get_tag_dict_for_resource(repository.arn)


def _trails(call: Call) -> Iterator[tuple[str, dict[str, str]]]:
    backend = cloudtrail_backends[call.account][call.region]
    for trail in backend.trails.values():
        yield trail.arn, backend.tagging_service.get_tag_dict_for_resource(trail.arn)


def _wanted(arn: str, types: list[str]) -> bool:
    if not types:
        return True
    service, resource = arn.split(":")[2], arn.split(":", 5)[5]
    kind = "bucket" if service == "s3" else resource.replace(":", "/").partition("/")[0]
    return service in types or f"{service}:{kind}" in types


def _has(tags: dict[str, str], filters: list[dict[str, Any]]) -> bool:
    return all(
        wanted["Key"] in tags and (not wanted.get("Values") or tags[wanted["Key"]] in wanted["Values"])
        for wanted in filters
    )


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
