"""Followed clusters in the database: who holds them, what a change costs, and where it ends."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

import orjson
import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aispm.core import crypto
from aispm.runtime.watching import EVERY_S, Watching
from demo.cluster.server import Cluster, Fault, kubeconfig, serve
from findings.posture.models import Finding
from findings.posture.services import Busy
from integrations import services
from integrations.kubernetes.watch import ClusterWatch, Pace
from integrations.models import Connection, ConnectionKind, Origin, Purpose, Run, RunState, Watch
from integrations.services import following, leasing, watching
from integrations.services.following import Follower
from inventory.models import Asset, Scope, Source, SourceKind
from tests.integrations.kubernetes.clusters import demo_bodies
from tests.integrations.kubernetes.watching import DEPLOYMENTS, HURRIED, ended, until

CARE = ("k8s.deployment", "assistants/care-assistant")


@dataclass
class Lived:
    """A cluster that is followed, turn by turn."""

    cluster: Cluster
    follower: Follower
    watch: ClusterWatch

    @property
    def source(self) -> Source:
        return self.follower.source

    def versions_heard(self, path: str) -> bool:
        """Whether everything was heard that happened to a list."""
        told = self.cluster.events.told[path]
        return any(end[1] == str(told[-1][0]) for end in self.watch.ends.values())

    def care(self) -> Asset:
        return Asset.objects.get(source=self.source, kind=CARE[0], external_id=CARE[1])

    def scale(self, replicas: int) -> None:
        document = deployment(self.cluster, "care-assistant")
        document["spec"]["replicas"] = replicas
        self.cluster.change(DEPLOYMENTS, document)

    def turn(self) -> None:
        until(lambda: self.watch.mirror.wait(0.05), "a change")
        self.follower.turn(self.watch)


def connected(address: str, uid: str) -> Connection:
    source = Source.objects.create(kind=SourceKind.KUBERNETES, external_id=uid, name="company")
    secret = crypto.seal({"kubeconfig": kubeconfig(address)})
    made = Connection.objects.create(source=source, kind=ConnectionKind.KUBERNETES, settings={}, secret=secret)
    return Connection.objects.select_related("source").get(pk=made.pk)


def uid_of(cluster: Cluster) -> str:
    named = cluster.named("/api/v1/namespaces/kube-system")
    assert named is not None
    return str(orjson.loads(named)["metadata"]["uid"])


@contextmanager
def lived(cluster: Cluster, pace: Pace = HURRIED) -> Iterator[Lived]:
    with serve(cluster) as address:
        follower = Follower(connected(address, uid_of(cluster)), pace)
        follower.held_until = monotonic() + 600
        watch = follower.begin()
        assert watch is not None
        try:
            yield Lived(cluster, follower, watch)
        finally:
            ended(cluster, watch)


@pytest.fixture
def company(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lived]:
    monkeypatch.setattr(leasing, "BEAT_SECONDS", 600)  # its thread does not see the rows of this test
    with lived(Cluster.of(demo_bodies())) as made:
        yield made


def deployment(cluster: Cluster, name: str) -> dict[str, Any]:
    objects = map(orjson.loads, cluster.lists[DEPLOYMENTS].items)
    return next(one for one in objects if one["metadata"]["name"] == name)


def privileged(document: dict[str, Any]) -> dict[str, Any]:
    changed = orjson.loads(orjson.dumps(document))
    for container in changed["spec"]["template"]["spec"]["containers"]:
        container["securityContext"] = {"privileged": True}
    return changed


def test_following_begins_with_a_run_of_its_own(company: Lived) -> None:
    run = Run.objects.get(source=company.source)
    assert (run.origin, run.state) == (Origin.WATCH, RunState.COMPLETE)
    assert Asset.objects.filter(source=company.source).count() > 300


def test_a_change_of_a_workload_is_judged_after_one_turn(company: Lived) -> None:
    before = set(Finding.objects.open().values_list("pk", flat=True))
    company.cluster.change(DEPLOYMENTS, privileged(deployment(company.cluster, "care-assistant")))
    company.turn()
    opened = Finding.objects.exclude(pk__in=before)
    assert {finding.asset.name for finding in opened.open()} == {"care-assistant"}
    assert "privileged" in " ".join(finding.rule_id for finding in opened)
    scope = Scope.objects.get(source=company.source, collector="k8s.deployment")
    company.cluster.change(DEPLOYMENTS, deployment(company.cluster, "care-assistant"), "DELETED")
    company.turn()
    assert company.care().gone_at is not None
    assert not opened.open().exists()
    assert Scope.objects.get(pk=scope.pk).assets == scope.assets - 1


def test_a_change_that_was_made_and_undone_in_between_writes_nothing(company: Lived) -> None:
    before, replicas = company.care(), deployment(company.cluster, "care-assistant")["spec"]["replicas"]
    company.scale(9)
    company.scale(replicas)
    until(lambda: company.versions_heard(DEPLOYMENTS), "both changes")
    company.turn()
    assert company.care().config == before.config
    assert company.care().changed_at == before.changed_at


@pytest.mark.parametrize("held", [True, False])
def test_what_changes_while_a_run_reads_the_cluster_is_told_after_it(company: Lived, held: bool) -> None:
    run = Run.objects.create(source=company.source, state=RunState.RUNNING)
    company.scale(9)
    company.turn()
    assert company.care().config["spec"]["replicas"] != 9
    run.state = RunState.COMPLETE
    run.save()
    company.follower.held_until = monotonic() + 600 if held else 0.0
    company.turn()
    assert (company.care().config["spec"]["replicas"] == 9) is held, "nobody tells whose lease has run out"
    assert company.watch.mirror.wait(0.0) is not held


def test_a_turn_takes_as_many_statements_for_many_changes_as_for_one(company: Lived) -> None:
    def statements(replicas: int, names: list[str]) -> int:
        for name in names:
            document = deployment(company.cluster, name)
            document["metadata"].setdefault("annotations", {})["example.org/step"] = str(replicas)
            company.cluster.change(DEPLOYMENTS, document)
        until(lambda: len(company.watch.mirror._changed) == len(names), "all of them")
        with CaptureQueriesContext(database) as asked:
            company.follower.turn(company.watch)
        return len(asked)

    deployments = [orjson.loads(one) for one in company.cluster.lists[DEPLOYMENTS].items]
    names = [one["metadata"]["name"] for one in deployments]
    few, many = statements(1, names[:2]), statements(2, names[:30])
    assert many <= few + 4, (few, many)
    assert few < 100


def test_without_the_permission_to_follow_the_schedule_goes_on_and_the_page_can_say_why(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "BEAT_SECONDS", 600)
    cluster = Cluster.of(demo_bodies())
    cluster.faults["*?watch"] = Fault("denied")
    with lived(cluster) as company:
        until(lambda: company.watch.standing().live == 0, "that nothing may be followed")
        assert "watch deployments.apps" in company.watch.standing().missing
        company.scale(9)
        company.follower.turn(company.watch)
        services.perform_run(run_id=services.request_run(source=company.source).pk)
        assert company.care().config["spec"]["replicas"] == 9
    assert Run.objects.latest("queued_at").state == RunState.COMPLETE
    assert Connection.objects.get().next_due_at is not None


def test_one_process_follows_a_cluster_and_the_next_one_when_its_lease_ran_out(db: None) -> None:
    made = connected("https://cluster.example:6443", "a")
    first, second = uuid.uuid4(), uuid.uuid4()
    assert services.take_watches(holder=first) == [made]
    assert services.take_watches(holder=second) == []
    Watch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert services.take_watches(holder=second) == [made]
    assert services.take_watches(holder=first) == []
    services.release_watches(holder=second)
    assert services.take_watches(holder=first) == [made]
    assert watching.LEASE + timedelta(seconds=EVERY_S) <= timedelta(seconds=60)


@pytest.mark.parametrize("change", [{"enabled": False}, {"kind": "snapshot"}])
def test_what_cannot_be_followed_is_taken_by_nobody(db: None, change: dict[str, Any]) -> None:
    connected("https://cluster.example:6443", "a")
    Connection.objects.update(**change)
    assert services.take_watches(holder=uuid.uuid4()) == []


def test_a_source_that_is_removed_is_not_followed(db: None) -> None:
    made = connected("https://cluster.example:6443", "a")
    Run.objects.create(source=made.source, purpose=Purpose.REMOVE)
    assert services.take_watches(holder=uuid.uuid4()) == []


def test_leases_are_renewed_and_taken_with_as_many_statements_as_for_one_cluster(db: None) -> None:
    def statements() -> int:
        holder = uuid.uuid4()
        with CaptureQueriesContext(database) as asked:
            services.take_watches(holder=holder)
        Watch.objects.update(holder=None)
        return len(asked)

    connected("https://cluster.example:6443", "a")
    one = statements()
    for number in range(5):
        connected("https://cluster.example:6443", f"b{number}")
    assert statements() == one


def test_what_a_follower_marked_is_judged_by_others_only_when_it_is_gone(company: Lived) -> None:
    holder = uuid.uuid4()
    services.take_watches(holder=holder)
    Asset.objects.filter(pk=company.care().pk).update(facts_digest="")
    assert services.sources_to_judge() == []
    services.release_watches(holder=holder)
    assert services.sources_to_judge() == [company.source.pk]


def test_while_another_process_judges_the_source_judging_waits_for_the_next_turn(
    company: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(**_: object) -> None:
        raise Busy("At it.")

    monkeypatch.setattr(following, "evaluate", busy)
    company.cluster.change(DEPLOYMENTS, privileged(deployment(company.cluster, "care-assistant")))
    company.turn()
    assert not Finding.objects.open().filter(asset=company.care(), rule__pk__contains="privileged").exists()
    monkeypatch.undo()
    company.follower.turn(company.watch)
    assert Finding.objects.open().filter(asset=company.care(), rule__pk__contains="privileged").exists()


def test_while_another_run_is_active_following_does_not_begin(db: None) -> None:
    follower = Follower(connected("https://cluster.example:6443", "a"), HURRIED)
    Run.objects.create(source=follower.source)
    assert follower.begin() is None


def test_a_cluster_that_refuses_is_asked_more_and_more_rarely_and_the_page_can_say_why(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "BEAT_SECONDS", 600)
    cluster = Cluster.of(demo_bodies())
    with serve(cluster) as address:
        made = connected(address, uid_of(cluster))
        cluster.token = "another"
        services.take_watches(holder=uuid.uuid4())
        follower = Follower(made, HURRIED)
        follower.held_until = monotonic() + 600
        for _ in range(9):
            follower.follow()
    assert follower.pause() >= following.LONGEST_AGAIN_SECONDS / 2
    assert "kubectl create token" in Watch.objects.get().trouble
    assert {run.state for run in Run.objects.all()} == {RunState.FAILED}


def test_a_follower_that_broke_is_replaced_and_so_is_one_whose_access_changed(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Follower, "start", lambda _self: None)
    monkeypatch.setattr(Follower, "alive", True)
    made = connected("https://cluster.example:6443", "a")
    watching = Watching()

    def turned() -> Follower:
        watching.turn()
        return watching.followers[made.source_id]

    first = turned()
    assert turned() is first
    Connection.objects.update(secret=crypto.seal({"kubeconfig": kubeconfig("https://another.example:6443")}))
    second = turned()
    assert second is not first
    monkeypatch.setattr(Follower, "alive", False)
    assert turned() is not second
    watching.stop()
    assert Watch.objects.get().holder is None
