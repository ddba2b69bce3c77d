"""The shared snapshot of a real API server, read by the real reader, with facts and verdicts. No database."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from findings.posture.engine.unstored import judge_unstored
from findings.posture.rule import BUILT_IN, load_rules
from integrations.base import Page
from integrations.kubernetes.collector import SnapshotCollector
from inventory.documents import Observed, ScopeView

SNAPSHOT = Path(__file__).parents[4] / "shared" / "data" / "k8s-snapshot"
LABELS = Path(__file__).parents[2] / "data" / "recognition" / "snapshot-labels.yaml"
LISTS = {
    "k8s.deployment": "apis_apps_v1_deployments",
    "k8s.stateful_set": "apis_apps_v1_statefulsets",
    "k8s.daemon_set": "apis_apps_v1_daemonsets",
    "k8s.cron_job": "apis_batch_v1_cronjobs",
    "k8s.job": "apis_batch_v1_jobs",
}
Json = dict[str, Any]
Verdicts = dict[str, dict[str, set[str]]]
"""rule id -> outcome -> references `kind namespace/name`"""


def present() -> bool:
    return SNAPSHOT.is_dir()


def body(name: str) -> list[Json]:
    """The raw items of one list, as the server gave them."""
    items: list[Json] = json.loads(gzip.decompress((SNAPSHOT / f"{name}.json.gz").read_bytes()))["items"]
    return items


def labels() -> dict[str, str]:
    """`kind namespace/name` -> role, decided by hand."""
    roles = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    return {f"{kind} {name}": role for role, kinds in roles.items() for kind, names in kinds.items() for name in names}


def raw_workloads() -> dict[str, tuple[Json, Json]]:
    """`kind namespace/name` -> (object, pod spec), straight from the lists."""
    found = {}
    for kind, name in LISTS.items():
        for item in body(name):
            meta = item["metadata"]
            if not meta.get("ownerReferences"):
                spec = item["spec"]["jobTemplate"]["spec"] if kind == "k8s.cron_job" else item["spec"]
                found[f"{kind} {meta['namespace']}/{meta['name']}"] = (item, spec["template"]["spec"])
    return found


@cache
def verdicts() -> Verdicts:
    """What every Kubernetes rule says about every asset of the snapshot."""
    seen, scopes = collected()
    found: Verdicts = defaultdict(lambda: defaultdict(set))
    for judged in judge_unstored(seen, scopes, load_rules(BUILT_IN / "kubernetes"), datetime.now(UTC)):
        for verdict in judged.verdicts:
            found[verdict.rule_id][verdict.outcome.value].add(f"{judged.seen.kind} {judged.seen.external_id}")
    return found


def collected() -> tuple[list[Observed], list[ScopeView]]:
    seen: list[Observed] = []
    scopes: list[ScopeView] = []
    for part in SnapshotCollector(SNAPSHOT).collect(lambda: False):
        if isinstance(part, Page):
            seen += part.assets
        else:
            scopes.append(ScopeView(part.key.region, part.key.collector, part.state))
    return seen, scopes
