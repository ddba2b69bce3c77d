"""A run that cannot read everything, or anything, through the runner itself: what was known stands, and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.utils import timezone

from aispm.core.errors import TransientError
from demo.aws import SimulatedAws
from demo.aws.estate import small
from findings.posture.models import Finding, PostureDay, Status
from integrations import registry, services
from integrations.aws.collector import AwsCollector
from integrations.base import Collector, Page
from integrations.models import Connection, ConnectionKind, Run, RunState
from integrations.services import leasing
from inventory.documents import Problem, ScopeState
from inventory.models import Scope, Source, SourceKind
from tests.faults.world import State, assert_as_before, state_of
from tests.integrations.aws.collecting import CALM

pytestmark = pytest.mark.django_db(transaction=True)
REGION = "eu-central-1"


@pytest.fixture(scope="module")
def dirty() -> Iterator[SimulatedAws]:
    with SimulatedAws() as aws:
        small.dirty(aws, REGION)
        yield aws


@pytest.fixture
def aws(dirty: SimulatedAws) -> Iterator[SimulatedAws]:
    dirty.faults.clear()
    yield dirty
    dirty.faults.clear()


@pytest.fixture
def source(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> Source:
    """The account, connected and read once; each connection is tried once, so that nothing waits."""

    @contextmanager
    def build(stored: Connection) -> Iterator[Collector]:
        secret = {"access_key_id": aws.key.access_key_id, "secret_access_key": aws.key.secret_access_key}
        yield AwsCollector(stored.settings, secret | stored.settings.get("secret", {}), tuning=CALM)

    monkeypatch.setattr(registry, "collector_for", build)
    source = Source.objects.create(kind=SourceKind.AWS, external_id=aws.account_id, name="dirty")
    settings = {"regions": [REGION], "endpoint_url": aws.url}
    Connection.objects.create(source=source, kind=ConnectionKind.AWS, settings=settings)
    assert collect(source).state == RunState.COMPLETE
    return source


@pytest.fixture
def before(source: Source) -> State:
    state = state_of(source)
    assert {"p", "f"} <= set(state.verdicts.values())
    return state


def collect(source: Source) -> Run:
    run = services.request_run(source=source)
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    return run


def change(source: Source, **settings: object) -> None:
    stored = Connection.objects.get(source=source)
    stored.settings |= settings
    stored.save()


def assert_nothing_is_certain(source: Source, before: State) -> None:
    """Every verdict unknown, every open finding open and stale, every score provisional, no asset gone."""
    after = state_of(source)
    assert after.assets.keys() == before.assets.keys()
    assert after.verdicts.keys() == before.verdicts.keys()
    assert set(after.verdicts.values()) == {"u"}
    assert after.findings.keys() == before.findings.keys()
    assert {(f.status, f.stale) for f in after.findings.values()} == {("open", True)}
    assert all(f.stale_reason for f in after.findings.values())
    assert set(after.coverage.values()) == {0}
    for day in PostureDay.objects.filter(area=f"source:{source.pk}"):
        assert (day.score, day.coverage) == (None, 0), "nothing known is neither good nor bad"
        assert (
            day.critical + day.high + day.medium + day.low
            == Finding.objects.filter(
                status=Status.OPEN, **({} if day.step == "overall" else {"step": day.step})
            ).count()
        )


def test_wrong_credentials_make_everything_unknown_until_they_are_right_again(source: Source, before: State) -> None:
    change(source, secret={"secret_access_key": "x" * 40})
    run = collect(source)
    assert run.state == RunState.FAILED
    assert "does not belong to this access key id" in run.error
    assert_nothing_is_certain(source, before)
    change(source, secret={})
    assert collect(source).state == RunState.COMPLETE
    assert_as_before(before, state_of(source))


def test_an_endpoint_that_cannot_be_reached_is_tried_again_and_then_makes_everything_unknown(
    aws: SimulatedAws, source: Source, before: State
) -> None:
    change(source, endpoint_url="http://127.0.0.1:9")
    run = services.request_run(source=source)
    for _ in range(4):
        with pytest.raises(TransientError):
            services.perform_run(run_id=run.pk)
        assert state_of(source) == before, "nothing is given up yet"
        Run.objects.update(lease_until=timezone.now())  # the time until the next attempt has passed
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.FAILED, 5)
    assert_nothing_is_certain(source, before)
    change(source, endpoint_url=aws.url)
    assert collect(source).state == RunState.COMPLETE
    assert_as_before(before, state_of(source))


def during(monkeypatch: pytest.MonkeyPatch, happen: Callable[[], object], after: int) -> None:
    """Something happens while the collector hands over the page of that number."""
    usual, pages = AwsCollector.collect, 0

    def counting(self: AwsCollector, cancelled: Callable[[], bool]) -> Iterator[object]:
        nonlocal pages
        for event in usual(self, cancelled):
            yield event
            pages += isinstance(event, Page)
            if pages == after:
                happen()

    monkeypatch.setattr(AwsCollector, "collect", counting)


def test_a_token_that_expires_midway_leaves_the_rest_unread(
    aws: SimulatedAws, source: Source, before: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        aws.faults.inject("latency", seconds=0.02)
        during(patch, lambda: aws.faults.inject("expired"), after=3)
        run = collect(source)
    states = dict(Scope.objects.filter(source=source).values_list("collector", "state"))
    assert run.state == RunState.INCOMPLETE
    assert {ScopeState.COMPLETE, ScopeState.INCOMPLETE} <= set(states.values())
    assert set(Scope.objects.exclude(state=ScopeState.COMPLETE).values_list("problem", flat=True)) == {Problem.EXPIRED}
    after = state_of(source)
    assert after.assets.keys() == before.assets.keys()
    assert all(now in (before.verdicts[asked], "u") for asked, now in after.verdicts.items())
    assert {finding.status for finding in after.findings.values()} == {"open"}
    aws.faults.clear()
    assert collect(source).state == RunState.COMPLETE
    assert_as_before(before, state_of(source))


def test_a_cancelled_run_leaves_every_verdict_as_it_was(
    aws: SimulatedAws, source: Source, before: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "BEAT_SECONDS", 0.02)
    aws.faults.inject("latency", seconds=0.05)
    run = services.request_run(source=source)
    during(monkeypatch, lambda: cancel(run), after=2)
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert_as_before(before, state_of(source))


def cancel(run: Run) -> None:
    if Run.objects.filter(pk=run.pk, cancel_requested_at=None).exists():
        services.cancel_run(run=run)


def test_a_run_cancelled_while_the_source_cannot_be_reached_changes_nothing(
    source: Source, before: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = services.request_run(source=source)

    def unreachable(self: AwsCollector) -> None:
        cancel(run)
        lease.cancelled = True
        lease._stop.set()
        raise TransientError("No answer.")

    lease = leasing.Lease(run.pk)
    monkeypatch.setattr("integrations.services.running.Lease", lambda _: lease)
    monkeypatch.setattr(AwsCollector, "identify", unreachable)
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert state_of(source) == before
    assert not source.scopes.exclude(state=ScopeState.COMPLETE).exists()


def test_a_worker_that_lost_its_run_while_the_source_failed_writes_nothing(
    source: Source, before: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = services.request_run(source=source)

    def refused(self: AwsCollector) -> None:
        Run.objects.filter(pk=run.pk).update(holder="00000000-0000-7000-8000-000000000000")
        lease.lost = True
        lease._stop.set()
        raise TransientError("No answer.")

    lease = leasing.Lease(run.pk)
    monkeypatch.setattr("integrations.services.running.Lease", lambda _: lease)
    monkeypatch.setattr(AwsCollector, "identify", refused)
    services.perform_run(run_id=run.pk)
    assert state_of(source) == before
    assert not source.scopes.exclude(state=ScopeState.COMPLETE).exists()
    run.refresh_from_db()
    assert run.state == RunState.RUNNING, "it is another worker's now"


def test_a_service_that_a_region_does_not_have_is_no_gap(aws: SimulatedAws, source: Source) -> None:
    aws.faults.inject("not-offered", "bedrock")
    aws.faults.inject("not-offered", "bedrock-agent")
    other = "eu-west-3"
    change(source, regions=[other])
    assert collect(source).state == RunState.COMPLETE
    states = dict(Scope.objects.filter(region=other).values_list("collector", "state"))
    assert states["aws.bedrock.agent"] == states["aws.bedrock.knowledge_base"] == ScopeState.NOT_OFFERED
    (region,) = (asset for asset in state_of(source).assets.values() if asset["name"] == other)
    assert '"bedrock_in_use": false' in region["facts"]
