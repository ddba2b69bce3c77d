"""Precision and recall over the labelled snapshot of a real API server, where it is at hand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from inventory.facts.estate import Node
from inventory.recognition import recognise

SNAPSHOT = Path(__file__).parents[4] / "shared" / "data" / "k8s-snapshot"
LABELS = Path(__file__).parents[2] / "data" / "recognition" / "snapshot-labels.yaml"
LISTS = {
    "k8s.deployment": "apis_apps_v1_deployments",
    "k8s.stateful_set": "apis_apps_v1_statefulsets",
    "k8s.daemon_set": "apis_apps_v1_daemonsets",
    "k8s.cron_job": "apis_batch_v1_cronjobs",
    "k8s.job": "apis_batch_v1_jobs",
    "k8s.pod": "api_v1_pods",
    "k8s.serving.inference_service": "apis_serving.kserve.io_v1beta1_inferenceservices",
    "k8s.ray.ray_cluster": "apis_ray.io_v1_rayclusters",
}
NOT_AI = "not-ai"


def labels() -> dict[tuple[str, str], str]:
    roles = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    return {(kind, name): role for role, kinds in roles.items() for kind, names in kinds.items() for name in names}


def workloads() -> Iterator[Node]:
    for kind, name in LISTS.items():
        body = json.loads(gzip.decompress((SNAPSHOT / f"{name}.json.gz").read_bytes()))
        for item in body["items"]:
            meta = item["metadata"]
            if not meta.get("ownerReferences"):
                ref = f"{meta['namespace']}/{meta['name']}"
                yield Node(kind=kind, external_id=ref, name=meta["name"], place=meta["namespace"], config=item)


def test_precision_and_recall_on_the_snapshot(capsys: pytest.CaptureFixture[str]) -> None:
    if not SNAPSHOT.is_dir():
        with capsys.disabled():
            print("\nThe shared cluster snapshot is not here: precision and recall were not measured.")  # noqa: T201
        return
    expected = labels()
    answers = {node.identity: (found.role if (found := recognise(node)) else NOT_AI) for node in workloads()}
    assert answers.keys() == expected.keys()
    said = {identity for identity, role in answers.items() if role != NOT_AI}
    true = {identity for identity, role in expected.items() if role != NOT_AI}
    precision, recall = len(said & true) / len(said), len(said & true) / len(true)
    roles = sum(answers[identity] == expected[identity] for identity in said & true) / len(said & true)
    with capsys.disabled():
        measured = f"precision {precision:.3f}, recall {recall:.3f}, right role {roles:.3f}"
        print(f"\n{len(answers)} workloads, {len(true)} AI: {measured}")  # noqa: T201 - a measurement to read
    assert precision >= 0.98, said - true
    assert recall >= 0.98, true - said
    assert roles >= 0.95
