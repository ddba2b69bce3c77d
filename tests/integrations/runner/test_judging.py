"""Judging in the background: what has to be judged again is, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from findings.posture.models import Finding, Judgement
from findings.posture.services import Busy, evaluate
from integrations import services
from integrations.models import Connection, Run, RunState
from integrations.services import judging
from inventory.models import Asset, Source
from inventory.services import Interrupted, derive
from tests.integrations.runner.conftest import Scripted, notebook

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def judged(run: Run, scripted: Scripted) -> Source:
    scripted.sees(notebook("one", DirectInternetAccess="Enabled", NotebookInstanceStatus="InService"))
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == RunState.COMPLETE
    return Source.objects.get()


def test_what_was_judged_by_the_rules_in_force_is_left_alone(judged: Source) -> None:
    assert services.sources_to_judge() == []
    assert services.sources_to_judge(all_of_them=True) == [judged.pk]


def test_a_source_without_assets_is_left_alone(connection: Connection) -> None:
    assert services.sources_to_judge(all_of_them=True) == []


def test_after_a_change_of_rules_a_source_is_judged_again_even_while_it_is_collected(judged: Source) -> None:
    Source.objects.update(rules_digest="other")
    assert services.sources_to_judge() == [judged.pk]
    active = Run.objects.create(source=judged, state=RunState.RUNNING, lease_until=timezone.now() + timedelta(hours=1))
    assert services.sources_to_judge() == [judged.pk]
    assert services.judge_differing()
    assert services.sources_to_judge() == []
    active.refresh_from_db()
    assert active.state == RunState.RUNNING


def test_what_is_marked_is_derived_before_it_is_judged(judged: Source) -> None:
    usual = Asset.objects.get()
    Asset.objects.update(facts_digest="", ai_role="")
    Judgement.objects.all().delete()
    assert services.sources_to_judge() == [judged.pk]
    assert services.judge_differing()
    asset = Asset.objects.get()
    assert (asset.facts_digest, asset.ai_role) == (usual.facts_digest, "notebook")
    assert services.sources_to_judge() == []


def test_what_an_active_run_has_marked_is_left_to_it(judged: Source) -> None:
    Asset.objects.update(facts_digest="")
    Run.objects.create(source=judged, state=RunState.RUNNING, lease_until=timezone.now() + timedelta(hours=1))
    assert services.sources_to_judge() == []


def test_other_code_of_facts_derives_everything_again(judged: Source) -> None:
    Source.objects.update(derived_digest="other")
    Asset.objects.update(ai_role="", facts_digest="by other code")
    assert services.judge_differing(all_of_them=True)
    assert Asset.objects.get().ai_role == "notebook"


def test_a_derivation_that_is_called_off_writes_nothing_and_is_done_next_time(judged: Source) -> None:
    Asset.objects.update(facts_digest="", ai_role="")
    asked, again = count(1), count(1)
    derive(source=judged, touched=None, stopped=lambda: next(asked) < 0)
    last = next(asked) - 1
    Asset.objects.update(facts_digest="", ai_role="")
    with pytest.raises(Interrupted):
        derive(source=judged, touched=None, stopped=lambda: next(again) == last)
    assert list(Asset.objects.values_list("facts_digest", "ai_role")) == [("", "")]
    assert services.sources_to_judge() == [judged.pk]
    assert services.judge_differing()
    assert Asset.objects.get().ai_role == "notebook"


def test_one_source_that_cannot_be_judged_keeps_no_other_from_it(
    judged: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Source.objects.create(kind="aws", external_id="999988887777", name="other", rules_digest="other")
    Asset.objects.update(source=other)
    Finding.objects.all().delete()
    broken = Source.objects.create(kind="aws", external_id="888877776666", name="broken")

    def fail(*, source: Source, touched: set[object]) -> None:
        if source == broken:
            raise KeyError("surprise")

    monkeypatch.setattr(judging, "derive", fail)
    monkeypatch.setattr(judging, "sources_to_judge", lambda **_: [broken.pk, other.pk])
    assert not services.judge_differing()
    other.refresh_from_db()
    assert other.judged_at is not None


def test_a_source_that_is_being_judged_is_left_for_later(judged: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*, source: Source) -> None:
        raise Busy

    monkeypatch.setattr(judging, "evaluate", busy)
    assert not services.judge_source(source_id=judged.pk)


def test_a_source_that_is_gone_is_judged_by_nobody(judged: Source) -> None:
    gone = judged.pk
    Asset.objects.all().delete()
    judged.delete()
    assert services.judge_source(source_id=gone)
    assert evaluate(source=Source(pk=gone, kind="aws", external_id="1", name="gone")).judged == 0
