"""Tells the inventory which part of a document each link and name comes from, as the tables of the collectors say."""

from __future__ import annotations

from collections.abc import Iterator

from integrations.aws import resources as aws
from integrations.aws.paths import PLACEHOLDER
from integrations.aws.references import target_kinds
from integrations.kubernetes import gateways
from integrations.kubernetes import links as find
from integrations.kubernetes import resources as kubernetes
from integrations.kubernetes.resources.table import LinkFinder
from inventory.provenance import Told, declare

POD_LINKS = (
    ("runs_as", "k8s.service_account"), ("mounts", "k8s.persistent_volume_claim"), ("mounts", "k8s.config_map"),
    ("runs_image", "aws.ecr.repository"), ("loads", "aws.s3.bucket"), ("reads_data", "aws.s3.bucket"),
)  # fmt: skip
# What the finders of edges find.
FOUND: dict[LinkFinder, tuple[tuple[str, str], ...]] = {
    find.runs_on: (("runs_on", "k8s.node"),),
    find.cloud_role: (("uses_role", "aws.iam.role"),),
    find.bound_volume: (("bound_to", "k8s.persistent_volume"),),
    find.binding: (("binds", "k8s.role"), ("binds", "k8s.cluster_role"), ("grants_to", "k8s.service_account")),
    find.ingress_backends: (("routes_to", "k8s.service"),),
    find.route_backends: (*(("routes_to", kind) for kind in find.ROUTED_TO.values()), ("part_of", "k8s.gateway")),
    find.openshift_route: (("routes_to", "k8s.service"),),
    find.virtual_service: (("routes_to", "k8s.service"),),
    find.policy_binding: (("binds", "k8s.validating_admission_policy"),),
    find.webhook_services: (("routes_to", "k8s.service"),),
    find.agent_tools: (
        ("has_tool", "k8s.kagent.mcp_server"), ("has_tool", "k8s.kagent.remote_mcp_server"),
        ("has_tool", "k8s.kagent.tool_server"), ("delegates_to", "k8s.kagent.agent"),
    ),
    find.model_storage: (("loads", "aws.s3.bucket"), ("mounts", "k8s.persistent_volume_claim")),
    gateways.ai_route: (*(("routes_to", kind) for kind in gateways.BACKENDS.values()), ("part_of", gateways.GATEWAY)),
    gateways.mcp_route: (*(("routes_to", kind) for kind in gateways.BACKENDS.values()), ("part_of", gateways.GATEWAY)),
    gateways.ai_backend: tuple(("routes_to", kind) for kind in gateways.BACKENDS.values()),
    gateways.pool_picker: (("routes_to", "k8s.service"),),
    gateways.pool_of: (("part_of", gateways.POOL),),
    gateways.addressed: (("routes_to", "k8s.service"),),
    gateways.tool_server: (
        ("part_of", "k8s.toolhive.mcp_group"), ("routes_to", "k8s.service"),
        *(("guarded_by", kind) for kind in gateways.GUARDS.values()),
    ),
    gateways.registered_server: (("routes_to", gateways.ROUTE),),
    gateways.agent_model: (("loads", "k8s.kagent.model_config"),),
    gateways.ark_agent: (("loads", "k8s.ark.model"), ("has_tool", "k8s.ark.tool")),
    gateways.sandbox_template: (("part_of", "k8s.extensions.sandbox_template"),),
}  # fmt: skip


def declare_links() -> None:
    names = [(row.kind, _words(row.name)) for row in aws.RESOURCES]
    answers = [(row.kind, more.into, more.operation) for row in aws.RESOURCES for more in row.detail if more.into]
    declare([*_aws(), *_kubernetes()], names, answers)


def _aws() -> Iterator[Told]:
    for row in aws.RESOURCES:
        for link in row.links:
            for choice in link.path.split("|"):
                for kind in target_kinds(link):
                    yield Told(row.kind, link.type, kind, _word(choice))
    yield Told("aws.apigateway.rest_api", "routes_to", "aws.lambda.function", "Resources")  # derived links
    yield Told("aws.lambda.function", "runs_image", "aws.ecr.image", "CodeSha256")


def _kubernetes() -> Iterator[Told]:
    for row in kubernetes.RESOURCES:
        found = [("part_of", ""), *(POD_LINKS if row.pod_specs else ())]
        found += [edge for finder in row.links for edge in FOUND[finder]]
        for type, target in found:
            yield Told(row.kind, type, target)


def _words(template: str) -> list[str]:
    """The top-level fields that a template is filled from."""
    return [_word(choice) for place in PLACEHOLDER.findall(template) for choice in place.split("|")]


def _word(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]
