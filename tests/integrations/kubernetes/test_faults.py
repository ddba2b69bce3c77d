"""Whatever goes wrong with whichever list: its scope is not complete, what was read stays, the others are read."""

from __future__ import annotations

import socket
from functools import cache

import pytest

from demo.cluster.server import Fault
from integrations.kubernetes.client import Client, Patience
from integrations.kubernetes.kubeconfig import Access
from integrations.kubernetes.problems import ReadFailed
from integrations.kubernetes.resources import BY_KIND, RESOURCES, Resource
from inventory.documents import Problem, ScopeState
from tests.integrations.kubernetes.clusters import IMPATIENT, Seen, collect, everything, live

EXPECTED = {
    "denied": Problem.DENIED,
    "unauthorized": Problem.EXPIRED,
    "gone": Problem.OTHER,
    "throttled": Problem.THROTTLED,
    "server-error": Problem.SERVER_ERROR,
    "missing": Problem.OTHER,
    "cut": Problem.UNREACHABLE,
    "truncated": Problem.MALFORMED,
    "slow": Problem.TIMEOUT,
    "malformed": Problem.MALFORMED,
    "not-json": Problem.MALFORMED,
    "wrong-kind": Problem.MALFORMED,
    "no-items": Problem.MALFORMED,
}


@cache
def _with_fault_on_second_pages(fault: str) -> Seen:
    """One collection in which every list goes wrong after its first page."""
    patience = Patience(attempts=1, silence=1.0) if fault == "slow" else IMPATIENT
    with live(everything(), patience, page_size=2) as (cluster, collector):
        collector.workers = 32 if fault == "slow" else 3
        cluster.faults["*"] = Fault(fault, page=2)
        return collect(collector)


@pytest.mark.parametrize("row", RESOURCES, ids=lambda row: row.kind)
def test_a_list_that_goes_wrong_is_not_complete_and_keeps_what_was_read(row: Resource) -> None:
    prefix = "one/" if row.namespaced else ""
    for fault, problem in EXPECTED.items():
        seen = _with_fault_on_second_pages(fault)
        outcome = seen.outcomes[row.kind]
        assert outcome.state == (ScopeState.DENIED if fault == "denied" else ScopeState.INCOMPLETE), fault
        assert outcome.problem == problem, fault
        assert outcome.message, fault
        assert outcome.permission == (row.permission() if fault == "denied" else ""), fault
        assert {f"{prefix}a", f"{prefix}b"} <= seen.of(row.kind).keys(), fault


def test_without_a_fault_every_list_is_complete() -> None:
    with live(everything(), page_size=2) as (_, collector):
        seen = collect(collector)
        assert {o.state for o in seen.outcomes.values()} == {ScopeState.COMPLETE}
        assert {(row.kind, 3) for row in RESOURCES if row.kind != "k8s.namespace"} <= {
            (kind, len(seen.of(kind))) for kind in seen.outcomes
        }
        assert not seen.repeated
        assert set(seen.outcomes) == {key.collector for key in collector.scopes()}


FEW = ["k8s.pod", "k8s.replica_set", "k8s.deployment", "k8s.cron_job", "k8s.ray.ray_cluster"]


@pytest.mark.parametrize("kind", FEW)
def test_one_denied_list_leaves_the_others_complete(kind: str) -> None:
    row = BY_KIND[kind]
    with live(everything()) as (cluster, collector):
        cluster.faults[f"{row.apis[0].root}/{row.plural}"] = Fault("denied")
        seen = collect(collector)
    affected = {kind, "k8s.pod"} if kind == "k8s.replica_set" else {kind}
    assert {k for k, o in seen.outcomes.items() if o.state != ScopeState.COMPLETE} == affected


@pytest.mark.parametrize("fault", ["throttled", "server-error", "cut", "truncated"])
def test_a_fault_that_passes_is_tried_again(fault: str) -> None:
    with live(everything(), page_size=2) as (cluster, collector):
        cluster.faults["/apis/apps/v1/deployments"] = Fault(fault, page=2, times=1)
        seen = collect(collector)
    assert seen.outcomes["k8s.deployment"].state == ScopeState.COMPLETE
    assert seen.outcomes["k8s.deployment"].calls == 3
    assert len(seen.of("k8s.deployment")) == 3


@pytest.mark.parametrize("times", [1, 2])
def test_an_expired_continue_token_restarts_the_list(times: int) -> None:
    with live(everything(), page_size=2) as (cluster, collector):
        cluster.faults["/api/v1/pods"] = Fault("gone", page=2, times=times)
        cluster.faults["/apis/apps/v1/replicasets"] = Fault("gone", page=2, times=times)
        seen = collect(collector)
    assert seen.outcomes["k8s.pod"].state == seen.outcomes["k8s.replica_set"].state == ScopeState.COMPLETE
    assert len(seen.of("k8s.pod")) == len(seen.of("k8s.replica_set")) == 3
    assert not seen.repeated


@pytest.mark.parametrize("fault", ["denied", "server-error", "not-json", "cut"])
def test_when_the_groups_cannot_be_read_custom_resources_are_unknown_not_absent(fault: str) -> None:
    with live(everything()) as (cluster, collector):
        cluster.faults["/apis"] = Fault(fault)
        seen = collect(collector)
    for row in RESOURCES:
        state = seen.outcomes[row.kind].state
        assert state == ScopeState.COMPLETE if row.built_in else state not in (
            ScopeState.COMPLETE, ScopeState.NOT_OFFERED
        )  # fmt: skip
    assert seen.outcomes["k8s.cluster"].state != ScopeState.COMPLETE
    (cluster_asset,) = seen.of("k8s.cluster").values()
    assert [unread.part for unread in cluster_asset.unread] == ["apiGroups"]
    assert "apiGroups" not in cluster_asset.config


def test_a_group_that_does_not_say_what_it_serves_is_asked_for_the_list_itself() -> None:
    with live(everything()) as (cluster, collector):
        cluster.faults["/apis/ray.io/v1"] = Fault("server-error")
        seen = collect(collector)
    assert seen.outcomes["k8s.ray.ray_cluster"].state == ScopeState.COMPLETE


def test_a_closed_port_is_named_with_its_address_and_the_reason() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        server = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ReadFailed) as failed:
            Client(Access(server), Patience(attempts=1)).get("/version")
    assert str(failed.value) == f"The cluster {server} cannot be reached: Connection refused."


def test_a_name_that_nobody_knows_is_given_as_the_reason() -> None:
    with pytest.raises(ReadFailed, match=r"^The cluster http://nowhere\.invalid cannot be reached: [^<>]+\w\.$"):
        Client(Access("http://nowhere.invalid"), Patience(attempts=1)).get("/version")
