"""The shared snapshot of a real API server, read by the real reader, with facts and verdicts. No database."""

from __future__ import annotations

import gzip
import json
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from findings.posture.engine.judging import judge
from findings.posture.engine.subject import Subject
from findings.posture.rule import BUILT_IN, RuleSet, load_rules
from integrations.base import Page
from integrations.kubernetes.collector import SnapshotCollector
from inventory.derivation.attributes import Defaults, attributes_of
from inventory.derivation.roles import recognise_own, recognise_related
from inventory.derivation.values import Extent, derive_facts, derive_links
from inventory.documents import ScopeView
from inventory.facts.estate import Edge, Estate, Node
from inventory.facts.registry import views_of

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
    estate, nodes = _collected()
    facts = _facts(estate, nodes)
    rules = load_rules(BUILT_IN / "kubernetes")
    found: Verdicts = defaultdict(lambda: defaultdict(set))
    for node in nodes:
        asked = rules.for_kind(node.kind)
        for verdict in judge(asked, _subject(node, estate, facts, rules), datetime.now(UTC)) if asked else ():
            found[verdict.rule_id][verdict.outcome.value].add(f"{node.kind} {node.external_id}")
    return found


def _collected() -> tuple[Estate, list[Node]]:
    nodes: list[Node] = []
    edges: list[Edge] = []
    scopes: list[ScopeView] = []
    for part in SnapshotCollector(SNAPSHOT).collect(lambda: False):
        if not isinstance(part, Page):
            scopes.append(ScopeView(part.key.region, part.key.collector, part.state))
            continue
        for seen in part.assets:
            node = Node(
                kind=seen.kind, external_id=seen.external_id, name=seen.name, place=seen.place, config=seen.config,
                unread=seen.unread, tags=seen.tags, id=uuid.uuid4(),
            )  # fmt: skip
            nodes.append(node)
            edges += [Edge(node.identity, link) for link in seen.links]
    return Estate(nodes, edges, scopes), nodes


def _facts(estate: Estate, nodes: list[Node]) -> dict[Any, Json]:
    everything = Extent(everything=True)
    own = recognise_own(nodes, estate)
    derive_links(everything, estate)
    recognise_related(estate, {key: found.role for key, found in own.items() if found})
    derived = derive_facts(everything, estate)
    defaults = Defaults("unknown", 2, "")
    found = {}
    for node in nodes:
        mine = dict(derived.get(node.id, {})) if node.id else {}
        row = attributes_of(node, estate, mine, defaults)
        found[node.id] = {
            "exposure": "unknown", **mine, "ai_role": node.ai_role, "place": node.place, "owner": row.owner,
            "environment": row.environment, "data_class": row.data_class,
        }  # fmt: skip
    return found


def _subject(node: Node, estate: Estate, facts: dict[Any, Json], rules: RuleSet) -> Subject:
    def plain(other: Node) -> Subject:
        return Subject(kind=other.kind, config=other.config, unread=other.unread, facts=facts[other.id])

    types = {link.type for rule in rules.for_kind(node.kind) for link in rule.links.values()}
    return Subject(
        kind=node.kind,
        config=node.config,
        unread=node.unread,
        facts=facts[node.id],
        linked={type: [plain(other) for other in estate.into(node, type[1:])] for type in types if type[0] == "<"},
        views={view.name: view.compute(node) for view in views_of(node.kind)},
    )
