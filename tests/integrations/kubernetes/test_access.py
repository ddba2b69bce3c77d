"""The rights that are asked for are exactly the lists that are read."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from demo.cluster.server import Fault
from integrations.kubernetes.access import cluster_role, manifest, snapshot_recipe
from integrations.kubernetes.collector import SnapshotCollector
from integrations.kubernetes.resources import BY_KIND, RESOURCES, custom_kind, snake
from inventory.documents import Problem, ScopeState
from tests.integrations.kubernetes.clusters import ROOT, collect, demo_bodies, everything, live


def test_the_role_in_deploy_is_the_generated_one() -> None:
    assert (ROOT / "deploy" / "kubernetes" / "rbac.yaml").read_text() == manifest()


def test_the_role_lists_and_follows_every_declared_kind_and_nothing_else() -> None:
    granted = {
        (group, plural)
        for rule in cluster_role()["rules"]
        if rule["verbs"] == ["list", "watch"]
        for group in rule["apiGroups"]
        for plural in rule["resources"]
    }
    assert granted == {(api.group, row.plural) for row in RESOURCES for api in row.apis}


def test_the_role_reads_only_and_never_secrets() -> None:
    rules = cluster_role()["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert not [rule for rule in rules if {"secrets", "*"} & set(rule.get("resources", ()))]
    assert "*" not in str([rule.get("apiGroups") for rule in rules])


def test_the_manifest_is_four_objects_that_belong_together() -> None:
    namespace, account, role, binding = yaml.safe_load_all(manifest())
    assert binding["subjects"] == [{"kind": "ServiceAccount", **account["metadata"]}]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert account["metadata"]["namespace"] == namespace["metadata"]["name"]


def test_the_recipe_makes_a_snapshot_that_is_complete(tmp_path: Path, demo_folder: Path) -> None:
    """The real shell runs it, with a kubectl that answers from the demo's files."""
    kubectl = tmp_path / "kubectl"
    unpack = f'zcat "{demo_folder}/$(printf %s "${{3#/}}" | tr / _).json.gz"'
    kubectl.write_text(f"#!/bin/sh\n{unpack}\n")
    kubectl.chmod(0o755)
    subprocess.run(
        ["/bin/sh", "-ec", snapshot_recipe()],
        cwd=tmp_path, check=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True,
    )  # fmt: skip
    made = collect(SnapshotCollector(tmp_path / "cluster.tar.gz", name="a"))
    assert made.assets == collect(SnapshotCollector(demo_folder, name="a")).assets
    assert {outcome.state for outcome in made.outcomes.values()} == {ScopeState.COMPLETE, ScopeState.NOT_OFFERED}


def test_the_doctor_names_what_is_denied_and_the_missing_right() -> None:
    with live(everything()) as (cluster, collector):
        assert all(check.ok for check in collector.doctor())
        cluster.faults["/apis/ray.io/v1/rayclusters"] = Fault("denied")
        cluster.faults["/api/v1/pods"] = Fault("server-error")
        wrong = {check.what: (check.problem, check.permission) for check in collector.doctor() if not check.ok}
    assert wrong == {
        "list rayclusters.ray.io": (Problem.DENIED, "list rayclusters.ray.io"),
        "list pods": (Problem.SERVER_ERROR, ""),
    }


def test_the_doctor_asks_for_one_element_a_list() -> None:
    with live(demo_bodies()) as (cluster, collector):
        collector.doctor()
        lists = [call for call in cluster.calls if "limit=" in call]
    assert all("limit=1" in call and "continue" not in call for call in lists)
    assert len(lists) == len(set(lists))


def test_the_doctor_of_a_snapshot_says_what_is_missing(demo_folder: Path) -> None:
    checks = {check.what: check.ok for check in SnapshotCollector(demo_folder).doctor()}
    assert checks["list of pods"]
    assert all(checks.values())


def test_kinds_are_declared_once_and_named_by_rule() -> None:
    assert len(BY_KIND) == len(RESOURCES)
    assert not [row for row in RESOURCES if row.type == "Secret" or row.plural == "secrets"]
    for row in RESOURCES:
        group = row.apis[0].group
        assert row.kind in (f"k8s.{snake(row.type)}", custom_kind(group, row.type))
