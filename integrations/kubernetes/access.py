"""The exact rights that reading needs, and the doctor that tests them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import yaml

from integrations.base import Check, Reason
from integrations.kubernetes.client import Client
from integrations.kubernetes.live import LiveLists
from integrations.kubernetes.problems import ReadFailed
from integrations.kubernetes.resources import RESOURCES, Resource
from integrations.kubernetes.snapshot import SnapshotLists
from inventory.documents import Document, ScopeState

NAME, NAMESPACE = "aispm-reader", "aispm"
_HEAD = """\
# What AISPM may read in a cluster: lists and their changes, never Secrets; nothing is changed.
# Without `watch` lists are read by schedule only.
# Generated from the table of kinds: python -m integrations.kubernetes.access > deploy/kubernetes/rbac.yaml
"""


def cluster_role() -> Document:
    """The read-only ClusterRole: `list` and `watch` on every declared kind, `get` only on namespaces."""
    by_group: dict[str, set[str]] = {}
    for row in RESOURCES:
        for api in row.apis:
            by_group.setdefault(api.group, set()).add(row.plural)
    rules: list[Document] = [
        {"apiGroups": [group], "resources": sorted(plurals), "verbs": ["list", "watch"]}
        for group, plurals in sorted(by_group.items())
    ]
    rules.append({"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]})
    rules.append({"nonResourceURLs": ["/version", "/api", "/api/*", "/apis", "/apis/*"], "verbs": ["get"]})
    return {**_named("ClusterRole"), "rules": rules}


def manifest() -> str:
    """Namespace, ServiceAccount, ClusterRole and binding as one YAML text, ready for `kubectl apply -f -`."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": NAMESPACE}}
    binding = _named("ClusterRoleBinding") | {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    parts = [namespace, account, cluster_role(), binding]
    return _HEAD + yaml.safe_dump_all(parts, sort_keys=False, width=118)


def snapshot_recipe() -> str:
    """Shell lines that make a complete snapshot of a cluster that cannot be reached from here."""
    roots = sorted({api.root for row in RESOURCES for api in row.apis})
    lists = [f"{api.root}/{row.plural}" for row in RESOURCES for api in row.apis]
    paths = "\n".join(["/version", "/apis", *roots, *lists])
    return f"""\
mkdir -p cluster && while read -r path; do
  file="cluster/$(printf %s "${{path#/}}" | tr / _).json"
  kubectl get --raw "$path" > "$file" 2> /dev/null || rm -f "$file"
done <<'PATHS'
{paths}
PATHS
tar -czf cluster.tar.gz -C cluster .
"""


def _named(kind: str) -> Document:
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": NAME}}


def examine(client: Client, rows: Sequence[Resource] = RESOURCES) -> Sequence[Check]:
    """One list of one element a kind that the cluster serves: what works and which right is missing."""
    lists = LiveLists(client, page_size=1)
    lists.prepare()
    checks = list(_discovery(lists))
    for row in rows:
        try:
            for page in lists.pages(row):
                if page.items:
                    break
            checks.append(Check(row.permission(), ok=True))
        except ReadFailed as failed:
            if failed.state != ScopeState.NOT_OFFERED:
                checks.append(Check(row.permission(), False, failed.problem, failed.message, failed.permission))
    return checks


def _discovery(lists: LiveLists) -> Iterator[Check]:
    failures = (("version", lists.facts.version_failed), ("API groups", lists.facts.groups_failed))
    for what, failed in failures:
        if failed is None:
            yield Check(what, ok=True)
        else:
            yield Check(what, False, failed.problem, failed.message, failed.permission)


def inspect(snapshot: SnapshotLists, rows: Sequence[Resource] = RESOURCES) -> Sequence[Check]:
    """Which kinds a snapshot holds completely."""
    snapshot.prepare()
    checks: list[Check] = []
    for row in rows:
        try:
            for _ in snapshot.pages(row):
                pass
            checks.append(Check(f"list of {row.plural}", ok=True))
        except ReadFailed as failed:
            if failed.state != ScopeState.NOT_OFFERED:
                reason = Reason.ABSENT if failed.state == ScopeState.NEVER else None
                checks.append(Check(f"list of {row.plural}", False, failed.problem, failed.message, reason=reason))
    return checks


if __name__ == "__main__":
    sys.stdout.write(manifest())
