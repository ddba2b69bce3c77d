"""Every list that is read from a cluster, declared. Secrets are not among them and never will be."""

from integrations.kubernetes.resources.ai import AI
from integrations.kubernetes.resources.core import CORE
from integrations.kubernetes.resources.policy import POLICY
from integrations.kubernetes.resources.table import Api, Resource, custom_kind, snake

CLUSTER = "k8s.cluster"
RESOURCES: tuple[Resource, ...] = (*CORE, *POLICY, *AI)
BY_KIND: dict[str, Resource] = {row.kind: row for row in RESOURCES}
BY_TYPE: dict[tuple[str, str], Resource] = {(group, row.type): row for row in RESOURCES for group in row.groups}


def row_for(api_version: str, type_name: str) -> Resource | None:
    """The row that lists objects of this apiVersion and kind, whatever the version."""
    group = api_version.rpartition("/")[0]
    return BY_TYPE.get((group, type_name))


__all__ = ["BY_KIND", "BY_TYPE", "CLUSTER", "RESOURCES", "Api", "Resource", "custom_kind", "row_for", "snake"]
