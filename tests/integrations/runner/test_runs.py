"""Runs: leased, cancellable, taken up again, and never two at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from aispm.core.errors import Conflict, PermanentError, TransientError
from findings.posture.models import Judgement
from integrations import services, tasks
from integrations.base import Page
from integrations.models import Connection, Run, RunState
from integrations.services import leasing, running
from integrations.services.leasing import Lease
from inventory.documents import Problem, ScopeOutcome, ScopeState
from inventory.models import Asset, Scope, Source
from tests import builders
from tests.integrations.runner.conftest import NOTEBOOKS, Scripted, notebook

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_records_what_the_collector_saw(run: Run, scripted: Scripted) -> None:
    scripted.sees(notebook("one"), notebook("two"))
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.scopes_done, run.assets_seen, run.assets_new) == (RunState.COMPLETE, 1, 2, 2)
    assert run.lease_until is None
    assert run.source.scopes.get().state == ScopeState.COMPLETE


def test_a_denied_scope_makes_the_run_incomplete_and_keeps_the_assets(run: Run, scripted: Scripted) -> None:
    scripted.sees(notebook("one"))
    services.perform_run(run_id=run.pk)
    second = services.request_run(source=run.source)
    scripted.script = [ScopeOutcome(NOTEBOOKS, ScopeState.DENIED, problem=Problem.DENIED, message="no")]
    services.perform_run(run_id=second.pk)
    second.refresh_from_db()
    assert (second.state, second.scopes_unread, second.assets_gone) == (RunState.INCOMPLETE, 1, 0)
    assert Asset.objects.present().count() == 1


def test_only_one_run_of_a_source_is_active(run: Run) -> None:
    with pytest.raises(Conflict, match="already being collected"):
        services.request_run(source=run.source)


def test_a_run_that_is_held_is_not_done_twice(run: Run, scripted: Scripted) -> None:
    scripted.sees(notebook("one"))
    assert Lease(run.pk).claim()
    services.perform_run(run_id=run.pk)
    assert not Asset.objects.exists()


def test_a_run_whose_worker_died_is_taken_up_again(run: Run, scripted: Scripted) -> None:
    scripted.sees(notebook("one"))
    assert Lease(run.pk).claim()
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert services.take_due_runs(at=timezone.now()) == [run.pk]
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.COMPLETE, 2)


def test_a_lost_message_is_sent_again_after_its_lease(run: Run, source: Source) -> None:
    now = timezone.now()
    assert services.take_due_runs(at=now) == [run.pk]
    assert services.take_due_runs(at=now) == []
    assert services.take_due_runs(at=now + timedelta(minutes=2)) == [run.pk]


def test_a_due_connection_is_collected_and_planned_again(connection: Connection) -> None:
    now = timezone.now()
    Connection.objects.update(next_due_at=now - timedelta(minutes=1))
    taken = services.take_due_runs(at=now)
    assert taken == [Run.objects.get().pk]
    connection.refresh_from_db()
    assert connection.next_due_at is not None
    assert connection.next_due_at > now


def test_a_disabled_connection_is_left_alone(connection: Connection) -> None:
    Connection.objects.update(next_due_at=timezone.now(), enabled=False)
    assert services.take_due_runs(at=timezone.now()) == []


def test_wrong_credentials_fail_the_run_and_make_every_scope_unread(run: Run, scripted: Scripted) -> None:
    scripted.sees(notebook("one"))
    services.perform_run(run_id=run.pk)
    second = services.request_run(source=run.source)
    scripted.error = PermanentError("The access key is not valid: enter a new one.")
    services.perform_run(run_id=second.pk)
    second.refresh_from_db()
    assert (second.state, second.error) == (RunState.FAILED, "The access key is not valid: enter a new one.")
    assert Scope.objects.get().state == ScopeState.DENIED
    assert Asset.objects.present().count() == 1


def test_an_unreachable_source_is_tried_again_before_it_counts_as_unread(run: Run, scripted: Scripted) -> None:
    scripted.error = TransientError("No answer from the endpoint.")
    with pytest.raises(TransientError):
        services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.QUEUED, 1)
    Run.objects.update(attempts=4, lease_until=timezone.now())
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.FAILED, "No answer from the endpoint.")


def test_a_run_that_waits_for_another_try_is_taken_up_by_nobody_before(run: Run, scripted: Scripted) -> None:
    scripted.error = TransientError("No answer from the endpoint.")
    with pytest.raises(TransientError):
        services.perform_run(run_id=run.pk)
    services.perform_run(run_id=run.pk)  # a second message for it
    run.refresh_from_db()
    assert (run.state, run.phase, run.attempts) == (RunState.QUEUED, "waiting", 1)
    assert services.take_due_runs(at=timezone.now()) == []
    scripted.error = None
    scripted.sees(notebook("one"))
    assert services.take_due_runs(at=timezone.now() + timedelta(seconds=16)) == [run.pk]
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.COMPLETE, 2)


def test_a_run_whose_worker_died_is_handed_out_once_and_not_at_every_turn(run: Run) -> None:
    assert Lease(run.pk).claim()
    now = timezone.now()
    Run.objects.update(lease_until=now - timedelta(seconds=1))
    assert services.take_due_runs(at=now) == [run.pk]
    for seconds in (10, 20, 30):
        assert services.take_due_runs(at=now + timedelta(seconds=seconds)) == []
    assert services.take_due_runs(at=now + timedelta(seconds=61)) == [run.pk]


def test_what_waits_too_long_is_not_done_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tasks.collect.expires == 120
    handed: list[str] = []
    monkeypatch.setattr(tasks.collect, "delay", handed.append)
    assert (tasks.hand_out(), tasks.hand_out(), handed) == (1, 0, [str(run.pk)])


def test_who_asked_for_a_run_is_known(connection: Connection) -> None:
    for origin in ("connect", "schedule"):
        Connection.objects.update(next_due_at=timezone.now())
        services.take_due_runs(at=timezone.now())
        assert Run.objects.get(state=RunState.QUEUED).origin == origin
        Run.objects.update(state=RunState.COMPLETE)
    assert services.request_run(source=connection.source).origin == "request"


def test_credentials_of_another_account_change_nothing(run: Run, scripted: Scripted) -> None:
    scripted.sees(notebook("one"))
    scripted.account = "999988887777"
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "999988887777" in run.error
    assert not Asset.objects.exists()


def test_a_run_that_kills_its_workers_is_given_up(run: Run, scripted: Scripted) -> None:
    Run.objects.update(attempts=5)
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED


def test_a_bug_in_a_collector_does_not_leave_the_run_running(run: Run, scripted: Scripted) -> None:
    scripted.script = [KeyError("surprise")]
    with pytest.raises(KeyError):
        services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED


def test_a_queued_run_is_cancelled_at_once(run: Run) -> None:
    assert services.cancel_run(run=run).state == RunState.CANCELLED
    with pytest.raises(Conflict):
        services.cancel_run(run=run)


def test_a_running_run_ends_soon_after_it_is_cancelled(
    run: Run, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "BEAT_SECONDS", 0.02)

    def cancel_and_wait(cancelled: Callable[[], bool]) -> None:
        services.cancel_run(run=run)
        deadline = time.monotonic() + 30
        while not cancelled():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    ended = ScopeOutcome(NOTEBOOKS, ScopeState.INCOMPLETE, problem=Problem.CANCELLED)
    scripted.script = [Page(NOTEBOOKS, [notebook("one")]), cancel_and_wait, ended]
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert Asset.objects.present().count() == 1
    assert not Scope.objects.exclude(state=ScopeState.NEVER).exists()


@pytest.mark.parametrize("phase", ["deriving", "judging"])
def test_a_run_cancelled_after_collecting_ends_at_once_and_is_judged_in_the_background(
    run: Run, scripted: Scripted, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    monkeypatch.setattr(leasing, "BEAT_SECONDS", 0.02)
    usual = running.Progress.write

    def write(progress: running.Progress, *, phase_: str = phase, **options: Any) -> None:
        usual(progress, **options)
        if options.get("phase") == phase_:
            services.cancel_run(run=run)
            until = time.monotonic() + 30
            while not progress.lease.stopped():
                assert time.monotonic() < until
                time.sleep(0.01)

    monkeypatch.setattr(running.Progress, "write", write)
    scripted.sees(notebook("one"))
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.lease_until) == (RunState.CANCELLED, None)
    assert not Judgement.objects.exists()
    assert services.sources_to_judge() == [run.source_id]
    assert services.judge_differing()
    assert Judgement.objects.exists()
    assert services.sources_to_judge() == []


def test_a_cancel_is_heard_within_ten_seconds_though_the_worker_died(run: Run, scripted: Scripted) -> None:
    assert Lease(run.pk).claim()
    services.cancel_run(run=run)
    now = timezone.now()
    assert services.take_due_runs(at=now) == []
    run.refresh_from_db()
    assert run.state == RunState.RUNNING, "its worker may live and say so"
    assert services.take_due_runs(at=now + timedelta(seconds=10)) == []
    run.refresh_from_db()
    assert (run.state, run.lease_until, run.holder) == (RunState.CANCELLED, None, None)
    assert run.finished_at is not None
    builders.make_asset(run.source)
    assert services.sources_to_judge() == [run.source_id]


def test_a_worker_that_lives_keeps_its_run_while_it_is_called_off(run: Run) -> None:
    lease = Lease(run.pk)
    assert lease.claim()
    services.cancel_run(run=run)
    lease._renew()
    assert lease.cancelled
    assert services.take_due_runs(at=timezone.now() + timedelta(seconds=15)) == []
    run.refresh_from_db()
    assert run.state == RunState.RUNNING


def test_a_worker_that_lost_its_lease_writes_nothing_more(
    run: Run, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "BEAT_SECONDS", 0.02)

    def taken_over(cancelled: Callable[[], bool]) -> None:
        Run.objects.update(holder="00000000-0000-7000-8000-000000000000")
        deadline = time.monotonic() + 30
        while not cancelled():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    scripted.script = [taken_over, Page(NOTEBOOKS, [notebook("one")])]
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    assert not Asset.objects.exists()


def test_a_worker_that_lost_its_lease_neither_ends_nor_requeues_the_run(
    run: Run, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "00000000-0000-7000-8000-000000000000"

    def taken_over(cancelled: Callable[[], bool]) -> None:
        Run.objects.update(holder=other)

    for trouble in (TransientError("away"), KeyError("bug"), ScopeOutcome(NOTEBOOKS, ScopeState.COMPLETE)):
        Run.objects.update(state=RunState.QUEUED, holder=None, lease_until=None)
        scripted.script = [Page(NOTEBOOKS, [notebook("one")]), taken_over, trouble]
        with suppress(KeyError, TransientError):
            services.perform_run(run_id=run.pk)
        run.refresh_from_db()
        assert (run.state, str(run.holder), run.error) == (RunState.RUNNING, other, "")


def test_cancelling_while_the_run_writes_is_not_forgotten(run: Run, scripted: Scripted) -> None:
    def cancel(cancelled: Callable[[], bool]) -> None:
        services.cancel_run(run=run)

    scripted.script = [cancel, Page(NOTEBOOKS, [notebook("one")]), ScopeOutcome(NOTEBOOKS, ScopeState.COMPLETE)]
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.cancel_requested_at is not None


def test_a_region_taken_out_goes_with_its_assets_and_lowers_no_coverage(run: Run, scripted: Scripted) -> None:
    scripted.sees(notebook("one"))
    services.perform_run(run_id=run.pk)
    left = builders.make_scope(run.source, NOTEBOOKS.collector, "us-east-1", complete_at=timezone.now())
    builders.make_asset(run.source, NOTEBOOKS.collector, scope=left, place="us-east-1")
    second = services.request_run(source=run.source)
    services.perform_run(run_id=second.pk)
    second.refresh_from_db()
    assert second.state == RunState.COMPLETE
    states = dict(run.source.scopes.values_list("region", "state"))
    assert states == {"eu-central-1": ScopeState.COMPLETE, "us-east-1": ScopeState.NOT_CHOSEN}
    assert (Asset.objects.get(place="us-east-1").gone_at is None, second.assets_gone) == (False, 1)
    assert run.source.scopes.get(region="us-east-1").message == "The region is no longer chosen."
    assert second.scopes_total == 1
    usual = Asset.objects.get(gone_at=None)
    assert (usual.name, usual.place) == ("one", "eu-central-1")


def test_a_scope_that_all_regions_no_longer_show_vouches_for_nothing(run: Run, scripted: Scripted) -> None:
    Connection.objects.update(settings={"regions": ["all"]})
    builders.make_scope(run.source, NOTEBOOKS.collector, "us-east-1", complete_at=timezone.now())
    scripted.sees(notebook("one"))
    services.perform_run(run_id=run.pk)
    states = dict(run.source.scopes.values_list("region", "state"))
    assert states == {"eu-central-1": ScopeState.COMPLETE, "us-east-1": ScopeState.NEVER}
