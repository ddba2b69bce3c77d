"""Removing a source: asked for at once, done in the background, and every sum right after each step."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from aispm.core.errors import Conflict, TransientError
from findings.posture.models import Finding, Judgement, PostureDay, ScoreChange, Shift, Tally
from findings.posture.services import Busy, evaluate, forgetting
from integrations import services
from integrations.models import Connection, ConnectionKind, Purpose, Run, RunState
from integrations.services import removing
from integrations.services.leasing import Lease
from inventory.models import Asset, Source, SourceKind
from tests.builders import make_asset
from tests.faults.runs import assert_sums_agree
from tests.integrations.runner.conftest import Scripted, notebook

pytestmark = pytest.mark.django_db(transaction=True)
ENABLED = {"DirectInternetAccess": "Enabled", "NotebookInstanceStatus": "InService"}


@pytest.fixture
def judged(run: Run, scripted: Scripted) -> Source:
    scripted.sees(*(notebook(f"n{number}", **ENABLED) for number in range(5)))
    services.perform_run(run_id=run.pk)
    assert Finding.objects.exists()
    return Source.objects.get()


@pytest.fixture
def other(judged: Source) -> Source:
    source = Source.objects.create(kind=SourceKind.AWS, external_id="999988887777", name="other", criticality=1)
    make_asset(source, kind="aws.s3.bucket", config={"Name": "b"})
    evaluate(source=source)
    return source


def removed(source: Source) -> None:
    services.perform_removal(run_id=services.remove_source(source=source).pk)


def test_a_source_goes_with_everything_and_the_ledger_says_why(judged: Source, other: Source) -> None:
    before = {day.step: day.numerator for day in PostureDay.objects.filter(area="all")}
    removed(judged)
    assert list(Source.objects.all()) == [other]
    assert not Run.objects.exists()
    assert not Connection.objects.exists()
    assert not Asset.objects.filter(source_id=judged.pk).exists()
    for rows in (PostureDay, ScoreChange, Shift):
        assert not rows.objects.filter(area=f"source:{judged.pk}").exists()
    assert "gone-asset" in set(ScoreChange.objects.filter(area="all").values_list("cause", flat=True))
    after = {day.step: day.numerator for day in PostureDay.objects.filter(area="all")}
    assert after != before
    assert_sums_agree()


def test_the_days_of_all_and_of_the_environment_are_written_at_once(judged: Source) -> None:
    removed(judged)
    for day in PostureDay.objects.filter(area__in=("all", "environment:unknown")):
        assert (day.denominator, day.score, day.critical + day.high + day.medium + day.low) == (0, None, 0), day.step
    assert not Tally.objects.exists()


def test_a_source_that_is_collected_is_not_removed_and_one_that_is_removed_is_not_collected(judged: Source) -> None:
    active = services.request_run(source=judged)
    with pytest.raises(Conflict, match="cancel that run first"):
        services.remove_source(source=judged)
    services.cancel_run(run=active)
    services.remove_source(source=judged)
    with pytest.raises(Conflict, match="removed"):
        services.request_run(source=judged)
    with pytest.raises(Conflict):
        services.remove_source(source=judged)
    Connection.objects.update(next_due_at=timezone.now() - timedelta(hours=1))
    assert services.take_due_runs(at=timezone.now()) == [], "it is no worker's"
    Source.objects.update(rules_digest="other")
    assert services.sources_to_judge(all_of_them=True) == []


def test_a_removal_can_be_called_off_before_it_begins(judged: Source) -> None:
    asked = services.remove_source(source=judged)
    assert services.removals_due() == [asked.pk]
    services.cancel_run(run=asked)
    assert services.removals_due() == []
    asked = services.remove_source(source=judged)
    assert Lease(asked.pk).claim()
    with pytest.raises(Conflict, match="goes on"):
        services.cancel_run(run=asked)


def test_a_removal_that_died_midway_goes_on_and_every_sum_is_right_in_between(
    judged: Source, other: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "SIZE", 2)
    asked = services.remove_source(source=judged)
    batches = forgetting.retire_batch

    def dies(*arguments: object) -> object:
        if Judgement.objects.filter(source=judged).count() < 4:
            raise SystemExit("killed")
        return batches(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(forgetting, "retire_batch", dies)
    with pytest.raises(SystemExit):
        services.perform_removal(run_id=asked.pk)
    stored = Counter({tally.rule_id: tally.open for tally in Tally.objects.filter(source=judged) if tally.open})
    assert stored == Counter(Finding.objects.filter(source=judged, status="open").values_list("rule_id", flat=True))
    assert services.removals_due() == [], "its lease has not run out"
    Run.objects.filter(pk=asked.pk).update(lease_until=timezone.now())
    assert services.removals_due() == [asked.pk]
    monkeypatch.setattr(forgetting, "retire_batch", batches)
    services.perform_removal(run_id=asked.pk)
    assert list(Source.objects.all()) == [other]
    assert_sums_agree()


def fails(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def failing(**_arguments: object) -> object:
        raise error

    monkeypatch.setattr(removing, "delete_source", failing)


def test_a_removal_waits_while_the_source_is_judged_and_holds_up_nothing(
    judged: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(**_arguments: object) -> object:
        raise Busy

    with monkeypatch.context() as patched:
        patched.setattr(removing, "forget_source", busy)
        removed(judged)
    waiting = Run.objects.get(purpose=Purpose.REMOVE)
    assert (waiting.state, waiting.phase, waiting.error) == (RunState.QUEUED, "waiting", "")
    assert services.removals_due() == []
    Run.objects.update(lease_until=timezone.now())
    assert services.removals_due() == [waiting.pk]
    services.perform_removal(run_id=waiting.pk)
    assert not Source.objects.exists()


def test_a_removal_that_fails_says_why_waits_longer_each_time_and_then_succeeds(
    judged: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = services.remove_source(source=judged)
    waits = []
    with monkeypatch.context() as patched:
        fails(patched, KeyError("surprise"))
        for _ in range(3):
            services.perform_removal(run_id=asked.pk)
            asked.refresh_from_db()
            assert asked.lease_until is not None
            waits.append(round((asked.lease_until - timezone.now()).total_seconds(), -1))
            assert services.removals_due() == []
            Run.objects.filter(pk=asked.pk).update(lease_until=timezone.now())
    assert (asked.state, asked.phase) == (RunState.QUEUED, "waiting")
    assert asked.error == "Internal error (KeyError). The log has the details. It is tried again."
    assert waits == [30, 60, 300]
    services.perform_removal(run_id=asked.pk)
    assert not Source.objects.exists()


@pytest.mark.parametrize("died", [False, True])
def test_a_removal_that_failed_can_be_called_off_and_the_source_is_judged_again(
    judged: Source, monkeypatch: pytest.MonkeyPatch, died: bool
) -> None:
    before = set(Finding.objects.filter(status="open").values_list("pk", flat=True))
    asked = services.remove_source(source=judged)
    fails(monkeypatch, TransientError("The database is away."))
    services.perform_removal(run_id=asked.pk)
    if died:
        Run.objects.filter(pk=asked.pk).update(lease_until=timezone.now())
        assert Lease(asked.pk).claim()
        with pytest.raises(Conflict, match="goes on"):
            services.cancel_run(run=asked)
        Run.objects.filter(pk=asked.pk).update(lease_until=timezone.now())
    asked = services.cancel_run(run=asked)
    assert (asked.state, asked.error) == (RunState.CANCELLED, "The database is away. It is tried again.")
    assert not Finding.objects.filter(status="open").exists()
    assert services.sources_to_judge() == [judged.pk]
    assert services.judge_differing()
    assert set(Finding.objects.filter(status="open").values_list("pk", flat=True)) == before
    assert_sums_agree()


@pytest.mark.parametrize("enabled", [True, False])
def test_a_removal_that_was_called_off_leaves_the_schedule_as_it_was(judged: Source, enabled: bool) -> None:
    Connection.objects.update(enabled=enabled, next_due_at=timezone.now())
    asked = services.remove_source(source=judged)
    assert services.take_due_runs(at=timezone.now()) == []
    services.cancel_run(run=asked)
    assert Connection.objects.get().enabled == enabled
    assert len(services.take_due_runs(at=timezone.now())) == enabled


def test_a_source_connected_again_after_its_removal_is_a_new_one(judged: Source) -> None:
    removed(judged)
    again = Source.objects.create(kind=judged.kind, external_id=judged.external_id, name="again")
    Connection.objects.create(source=again, kind=ConnectionKind.AWS, settings={"regions": ["eu-central-1"]})
    run = services.request_run(source=again)
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.assets_new) == (RunState.COMPLETE, 5)
