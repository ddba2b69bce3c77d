"""The demo's cluster is the same every time and looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.cluster import company, generate, write
from demo.cluster.bodies import load
from integrations.kubernetes.collector import SnapshotCollector
from inventory.documents import ScopeState
from tests.integrations.kubernetes.clusters import SHARED, collect


def test_the_demo_is_written_to_the_same_bytes_every_time(demo_folder: Path, tmp_path: Path) -> None:
    write(tmp_path)
    files = sorted(file.name for file in demo_folder.iterdir())
    assert files == sorted(file.name for file in tmp_path.iterdir())
    assert all((demo_folder / name).read_bytes() == (tmp_path / name).read_bytes() for name in files)


def test_every_list_of_the_demo_is_read_to_its_end(demo_folder: Path) -> None:
    seen = collect(SnapshotCollector(demo_folder))
    assert {outcome.state for outcome in seen.outcomes.values()} == {ScopeState.COMPLETE, ScopeState.NOT_OFFERED}
    workloads = [kind for kind, _ in seen.assets if kind in ("k8s.deployment", "k8s.stateful_set", "k8s.daemon_set")]
    assert len(workloads) >= 55
    assert seen.of("k8s.pod").keys() == {"notebooks/debug-anna"}


def test_every_pod_belongs_to_something_that_exists() -> None:
    lists = company().lists
    uids = {one["metadata"]["uid"] for items in lists.values() for one in items}
    for items in lists.values():
        for one in items:
            assert all(owner["uid"] in uids for owner in one["metadata"].get("ownerReferences", ()))
    identities = [
        (kind, one["metadata"].get("namespace"), one["metadata"]["name"]) for kind, i in lists.items() for one in i
    ]
    assert len(identities) == len(set(identities))


def test_claims_accounts_and_config_maps_that_pods_name_exist() -> None:
    lists = company().lists
    there = {
        kind: {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in lists[kind]}
        for kind in ("ServiceAccount", "PersistentVolumeClaim", "ConfigMap")
    }
    for pod in lists["Pod"]:
        home, spec = pod["metadata"]["namespace"], pod["spec"]
        assert (home, spec["serviceAccountName"]) in there["ServiceAccount"]
        for volume in spec.get("volumes", ()):
            if "persistentVolumeClaim" in volume:
                assert (home, volume["persistentVolumeClaim"]["claimName"]) in there["PersistentVolumeClaim"]
            if "configMap" in volume:
                assert (home, volume["configMap"]["name"]) in there["ConfigMap"]


@pytest.mark.parametrize("seed", [1, 2])
def test_larger_clusters_are_repeatable_and_have_unique_names(seed: int) -> None:
    bodies = generate(60, seed)
    names = [(one["metadata"]["namespace"], one["metadata"]["name"]) for one in bodies.lists["Pod"]]
    assert len(names) == len(set(names))
    assert len(bodies.lists["Pod"]) > 120
    assert bodies.lists == generate(60, seed).lists


def test_nothing_in_the_demo_is_taken_from_the_recorded_cluster(demo_folder: Path) -> None:
    if not SHARED.is_dir():
        return
    ours, recorded = (
        {one["metadata"]["name"] for body in load(folder).values() for one in body.get("items") or ()}
        for folder in (demo_folder, SHARED)
    )
    shared = {name for name in ours & recorded if "." not in name}
    assert shared <= {
        "default",
        "kube-system",
        "kube-public",
        "kube-node-lease",
        "cluster-admin",
        "edit",
        "view",
        "default-deny",
    }
