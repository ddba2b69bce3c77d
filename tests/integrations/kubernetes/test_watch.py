"""Changes of a followed cluster: what is told of an asset is what a whole reading would say of it."""

from __future__ import annotations

import random

import pytest

from demo.cluster.server import Fault
from integrations.kubernetes.client import Patience
from inventory.documents import Document
from tests.integrations.kubernetes.clusters import IMPATIENT, Seen, collect, demo_bodies, live
from tests.integrations.kubernetes.watching import (
    DEPLOYMENTS,
    JOBS,
    PODS,
    SERVICES,
    SETS,
    Followed,
    followed,
    until,
)

KEEPS = ("ends", "cut", "truncated", "not-json", "error-event", "throttled", "server-error", "malformed")
LISTS_ANEW = ("gone", "gone-event")


def scaled(deployment: Document, replicas: int) -> Document:
    return deployment | {"spec": deployment["spec"] | {"replicas": replicas}}


def replicas_told(followed: Followed, of: str) -> int:
    changes = followed.heard()
    [asset] = [one for page in changes.pages for one in page.assets if one.external_id == of]
    return int(asset.config["spec"]["replicas"])


def test_a_changed_workload_is_told_with_its_pods() -> None:
    with followed(demo_bodies()) as cluster:
        before = cluster.first.the("k8s.deployment", "assistants/care-assistant")
        cluster.cluster.change(DEPLOYMENTS, scaled(cluster.a(DEPLOYMENTS, "care-assistant"), 7))
        [page] = cluster.heard().pages
        [told] = page.assets
    assert told.config["spec"]["replicas"] == 7
    assert told.config["runningPods"] == before.config["runningPods"]
    assert told.config["runningPods"]["count"] == 3
    assert (told.links, told.tags) == (before.links, before.tags)


def test_a_pod_that_goes_is_told_as_a_change_of_its_workload() -> None:
    with followed(demo_bodies()) as cluster:
        pod = next(one for one in cluster.objects(PODS) if one["metadata"]["name"].startswith("care-assistant-"))
        cluster.cluster.change(PODS, pod, "DELETED")
        changes = cluster.heard()
    assert changes.gone == {}
    [told] = [asset for page in changes.pages for asset in page.assets]
    assert (told.kind, told.name, told.config["runningPods"]["count"]) == ("k8s.deployment", "care-assistant", 2)


def test_a_pod_that_only_says_it_is_well_changes_nothing() -> None:
    with followed(demo_bodies()) as cluster:
        pod = next(one for one in cluster.objects(PODS) if one["metadata"]["name"].startswith("care-assistant-"))
        for beat in range(3):
            pod["status"]["conditions"] = [{"type": "Ready", "lastProbeTime": str(beat)}]
            cluster.cluster.change(PODS, pod)
        assert cluster.hears_all() == {}


def test_what_changes_a_hundred_times_is_told_once() -> None:
    with followed(demo_bodies()) as cluster:
        deployment = cluster.a(DEPLOYMENTS, "care-assistant")
        for replicas in range(100):
            cluster.cluster.change(DEPLOYMENTS, scaled(deployment, replicas))
        told = cluster.hears_all()
    assert [asset.config["spec"]["replicas"] for asset in told.values() if asset] == [99]


def test_a_pod_that_is_adopted_is_no_asset_of_its_own_any_more() -> None:
    with followed(demo_bodies()) as cluster:
        owned = next(one for one in cluster.objects(PODS) if one["metadata"]["name"].startswith("care-assistant-"))
        orphan = owned | {"metadata": {k: v for k, v in owned["metadata"].items() if k != "ownerReferences"}}
        identity = ("k8s.pod", f"assistants/{owned['metadata']['name']}")
        cluster.cluster.change(PODS, orphan)
        first = cluster.hears_all()
        assert first[identity] is not None
        assert first["k8s.deployment", "assistants/care-assistant"].config["runningPods"]["count"] == 2  # type: ignore[union-attr]
        cluster.cluster.change(PODS, owned)
        second = cluster.hears_all()
    assert second[identity] is None
    assert second["k8s.deployment", "assistants/care-assistant"].config["runningPods"]["count"] == 3  # type: ignore[union-attr]


def scramble(cluster: Followed, chance: random.Random) -> None:
    """Some change that a cluster may make at any time."""
    path = chance.choice([DEPLOYMENTS, PODS, SETS, SERVICES, JOBS])
    objects = cluster.objects(path)
    if not objects:
        return
    item = chance.choice(objects)
    metadata = item["metadata"]
    match chance.randrange(5):
        case 0:
            cluster.cluster.change(path, item, "DELETED")
        case 1:
            renamed = metadata | {"name": f"{metadata['name']}-{chance.randrange(9)}", "uid": "another"}
            cluster.cluster.change(path, item | {"metadata": renamed}, "ADDED")
        case 2:
            free = {k: v for k, v in metadata.items() if k != "ownerReferences"}
            cluster.cluster.change(path, item | {"metadata": free})
        case 3:
            owners = [one["metadata"].get("ownerReferences") for one in objects]
            moved = metadata | {"ownerReferences": chance.choice(owners) or []}
            cluster.cluster.change(path, item | {"metadata": moved})
        case _:
            cluster.cluster.change(path, item | {"metadata": metadata | {"labels": {"step": str(chance.random())}}})


@pytest.mark.parametrize("seed", range(4))
def test_following_changes_ends_where_reading_everything_does(seed: int) -> None:
    chance = random.Random(seed)
    with followed(demo_bodies()) as cluster:
        known = dict(cluster.first.assets)
        for _round in range(6):
            for _change in range(15):
                scramble(cluster, chance)
            if chance.random() < 0.5:
                cluster.cluster.events.forget(chance.choice([DEPLOYMENTS, PODS, SETS]))
            for identity, asset in cluster.hears_all().items():
                if asset is None:
                    known.pop(identity, None)
                else:
                    known[identity] = asset
        served = cluster.cluster
    with live({}, IMPATIENT) as (again, collector):
        again.documents, again.lists = served.documents, served.lists
        whole: Seen = collect(collector)
    assert {key: asset.config for key, asset in known.items()} == {k: a.config for k, a in whole.assets.items()}
    assert {key: set(asset.links) for key, asset in known.items()} == {
        key: set(asset.links) for key, asset in whole.assets.items()
    }


@pytest.mark.parametrize("fault", KEEPS)
def test_after_a_fault_a_watch_goes_on_from_where_it_was(fault: str) -> None:
    with followed(demo_bodies()) as cluster:
        until(lambda: cluster.cluster.events.open[DEPLOYMENTS], "the first watch")
        cluster.cluster.faults[f"{DEPLOYMENTS}?watch"] = Fault(fault, times=2)
        cluster.cluster.events.hang_up()
        cluster.cluster.change(DEPLOYMENTS, scaled(cluster.a(DEPLOYMENTS, "care-assistant"), 7))
        assert replicas_told(cluster, "assistants/care-assistant") == 7
        assert cluster.calls(DEPLOYMENTS) == 1
        assert cluster.watch.standing().trouble == ""


@pytest.mark.parametrize("fault", LISTS_ANEW)
def test_a_version_that_is_not_known_any_more_has_the_list_read_anew_and_only_it(fault: str) -> None:
    with followed(demo_bodies()) as cluster:
        until(lambda: cluster.cluster.events.open[DEPLOYMENTS], "the first watch")
        cluster.cluster.faults[f"{DEPLOYMENTS}?watch"] = Fault(fault, times=1)
        cluster.cluster.events.hang_up()
        cluster.cluster.change(DEPLOYMENTS, cluster.a(DEPLOYMENTS, "care-assistant"), "DELETED")
        cluster.cluster.events.forget(DEPLOYMENTS)
        changes = cluster.heard()
        assert (cluster.calls(DEPLOYMENTS), cluster.calls(PODS)) == (2, 1)
    assert {ref for refs in changes.gone.values() for ref in refs} == {"assistants/care-assistant"}
    assert [asset.external_id for page in changes.pages for asset in page.assets] == []


@pytest.mark.parametrize("fault", [*KEEPS, "denied", "slow"])
def test_a_watch_that_cannot_be_kept_up_is_said_and_forgets_nothing(fault: str) -> None:
    patience = Patience(attempts=1, pause=0.0, longest_pause=0.0, still=0.3)
    with followed(demo_bodies(), patience, {f"{DEPLOYMENTS}?watch": Fault(fault)}) as cluster:
        until(lambda: cluster.watch.standing().trouble or cluster.watch.standing().missing, "what is wrong")
        standing = cluster.watch.standing()
        assert standing.missing == (["watch deployments.apps"] if fault == "denied" else [])
        assert bool(standing.trouble) == (fault != "denied")
        assert standing.live == len(cluster.lists.ends | {"k8s.deployment": ()}) - 1
        assert cluster.watch.mirror.read()[0].gone == {}
        cluster.cluster.faults.clear()
        until(lambda: cluster.watch.standing().live == len(cluster.lists.ends), "the watch after the fault")
        cluster.cluster.change(DEPLOYMENTS, scaled(cluster.a(DEPLOYMENTS, "care-assistant"), 7))
        assert replicas_told(cluster, "assistants/care-assistant") == 7


@pytest.mark.parametrize("fault", ["denied", "server-error", "truncated", "malformed", "cut"])
def test_a_list_that_fails_when_it_is_read_anew_forgets_nothing(fault: str) -> None:
    with followed(demo_bodies()) as cluster:
        until(lambda: cluster.cluster.events.open[DEPLOYMENTS], "the first watch")
        cluster.cluster.faults = {f"{DEPLOYMENTS}?watch": Fault("gone", times=1), DEPLOYMENTS: Fault(fault)}
        cluster.cluster.events.hang_up()
        until(lambda: cluster.calls(DEPLOYMENTS) > 1, "the list read anew")
        pod = next(one for one in cluster.objects(PODS) if one["metadata"]["name"].startswith("care-assistant-"))
        cluster.cluster.change(PODS, pod, "DELETED")
        changes = cluster.heard()
    assert changes.gone == {}
    assert [asset.external_id for page in changes.pages for asset in page.assets] == ["assistants/care-assistant"]


def test_without_the_list_of_pods_a_changed_workload_says_so() -> None:
    with followed(demo_bodies(), faults={PODS: Fault("denied")}) as cluster:
        assert cluster.watch.standing().missing == ["list pods"]
        cluster.cluster.change(DEPLOYMENTS, scaled(cluster.a(DEPLOYMENTS, "care-assistant"), 7))
        [page] = cluster.heard().pages
        assert [(unread.part, unread.permission) for unread in page.assets[0].unread] == [("runningPods", "list pods")]
        assert not cluster.watch.outgrown
        cluster.cluster.faults.clear()
        until(lambda: cluster.watch.outgrown, "that pods can be read now")


def test_a_new_kind_of_object_has_the_cluster_read_anew() -> None:
    with followed(demo_bodies()) as cluster:
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        definition = cluster.objects(path)[0]
        cluster.cluster.change(path, definition)
        cluster.hears_all()
        assert not cluster.watch.outgrown, "one that only changed says nothing new"
        named = definition["metadata"] | {"name": "things.example.org"}
        cluster.cluster.change(path, definition | {"metadata": named}, "ADDED")
        until(lambda: cluster.watch.outgrown, "that there is a new kind")


def test_what_is_held_does_not_grow_with_what_happened() -> None:
    def held(cluster: Followed) -> int:
        kept = cluster.watch.mirror._held
        parts = (kept.documents, kept.pods, kept.above, kept.below, *kept.versions.values())
        return sum(map(len, parts)) + len(cluster.watch.mirror._changed)

    with followed(demo_bodies()) as cluster:
        before = held(cluster)
        pod = next(one for one in cluster.objects(PODS) if one["metadata"]["name"].startswith("care-assistant-"))
        for number in range(60):
            passing = pod | {"metadata": pod["metadata"] | {"name": f"passing-{number}", "uid": f"{number}"}}
            cluster.cluster.change(PODS, passing, "ADDED")
            cluster.cluster.change(PODS, passing, "DELETED")
        cluster.hears_all()
        assert held(cluster) == before
