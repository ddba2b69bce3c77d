"""Live and snapshot give the same assets, and all of them."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from demo.cluster.bodies import load
from integrations.kubernetes.collector import SnapshotCollector
from integrations.kubernetes.resources import RESOURCES
from inventory.documents import ScopeState
from tests.integrations.kubernetes.clusters import Seen, collect, live


@pytest.fixture(scope="module")
def from_files(recorded_folder: Path) -> Seen:
    return collect(SnapshotCollector(recorded_folder, name="demo"))


@pytest.fixture(scope="module")
def over_http(recorded_folder: Path) -> Seen:
    with live(load(recorded_folder), page_size=37) as (_, collector):
        return collect(collector)


def test_live_and_snapshot_give_identical_assets(from_files: Seen, over_http: Seen) -> None:
    assert over_http.assets == from_files.assets
    assert not over_http.repeated
    assert not from_files.repeated


def test_every_listed_object_is_an_asset_or_part_of_one(recorded_folder: Path, from_files: Seen) -> None:
    index = orjson.loads((recorded_folder / "index.json").read_bytes())
    bodies = load(recorded_folder)
    for row in RESOURCES:
        for api in row.apis:
            path = f"{api.root}/{row.plural}"
            if path in index and row.kind not in ("k8s.pod", "k8s.replica_set", "k8s.job"):
                assert len(from_files.of(row.kind)) == index[path]["items"], path
                assert from_files.outcomes[row.kind].state == ScopeState.COMPLETE
    pods = bodies["/api/v1/pods"]["items"]
    counted = [asset.config["runningPods"] for asset in from_files.assets.values() if "runningPods" in asset.config]
    of_schedules = sum("CronJob" in str(pod["metadata"].get("ownerReferences")) for pod in pods)
    jobs = bodies["/apis/batch/v1/jobs"]["items"]
    scheduled = {job["metadata"]["uid"] for job in jobs if job["metadata"].get("ownerReferences")}
    of_schedules += sum(pod["metadata"].get("ownerReferences", [{}])[0].get("uid") in scheduled for pod in pods)
    assert sum(one.get("count", 0) for one in counted) == len(pods) - of_schedules


def test_reading_again_gives_equal_documents(recorded_folder: Path, from_files: Seen) -> None:
    bodies = load(recorded_folder)
    for body in bodies.values():
        for item in body.get("items") or ():
            _touch(item)
    with live(bodies, page_size=11) as (_, collector):
        assert collect(collector).assets == from_files.assets


def _touch(item: dict[str, object]) -> None:
    """What a busy cluster changes by itself between two looks."""
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    metadata["resourceVersion"] = str(int(metadata["resourceVersion"]) + 1_000)
    for entry in metadata.get("managedFields", ()):
        entry["time"] = "2026-11-24T00:00:00Z"
    status = item.get("status")
    if isinstance(status, dict):
        status["observedGeneration"] = 99
        for condition in status.get("conditions", ()):
            condition["lastHeartbeatTime"] = condition["lastTransitionTime"] = "2026-11-24T00:00:00Z"


def test_no_credential_of_the_recorded_cluster_is_in_any_document(recorded_folder: Path, from_files: Seen) -> None:
    everything = orjson.dumps(
        [[a.config, dict(a.tags), [u.message for u in a.unread]] for a in from_files.assets.values()]
    )
    for body in load(recorded_folder).values():
        for secret in _credentials(body):
            assert secret.encode() not in everything
    found = [one for asset in from_files.assets.values() for one in asset.config.get("secretsFound", ())]
    assert found
    assert all(set(one) == {"detector", "path"} for one in found)


def _credentials(value: object) -> list[str]:
    """Literal values of variables that are credentials by their name, and whatever starts like one."""
    if isinstance(value, dict):
        name, text = str(value.get("name", "")), value.get("value")
        own = (
            [text] if isinstance(text, str) and len(text) > 5 and name.endswith(("_KEY", "_TOKEN", "_PASSWORD")) else []
        )
        return own + [one for inner in value.values() for one in _credentials(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in _credentials(inner)]
    long = isinstance(value, str) and len(value) > 16  # shorter ones are names of keys, such as hf_token
    return [value] if long and value.startswith(("sk-", "hf_", "lsv2_")) else []


def test_managed_fields_and_versions_of_objects_are_dropped(from_files: Seen) -> None:
    for asset in from_files.assets.values():
        assert not {"managedFields", "resourceVersion", "generation"} & asset.config.get("metadata", {}).keys()
