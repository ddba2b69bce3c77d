"""What could not be read is never taken for fixed, gone or clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from findings.posture.models import Finding, PostureDay, ScoreChange, Tally, Transition
from findings.posture.services import evaluate
from inventory.documents import ScopeKey, ScopeState
from inventory.models import Asset, Source
from inventory.services import Recorder
from tests.builders import make_asset, make_link, make_scope, make_source, moment, observed, outcome
from tests.findings.rulemaking import BUCKET, write

pytestmark = pytest.mark.django_db


def collect(source: Source, day: float, *seen: tuple[str, bool], state: ScopeState = ScopeState.COMPLETE) -> None:
    recorder = Recorder(source=source, at=moment(day))
    buckets = [observed(BUCKET, f"arn:aws:s3:::{name}", config={"Public": open_}) for name, open_ in seen]
    recorder.page(ScopeKey("-", BUCKET), buckets)
    recorder.close(outcome(BUCKET, state=state))
    recorder.finish()


@pytest.fixture
def source(own_rules: Path) -> Source:
    write(own_rules)
    source = make_source()
    collect(source, 0, ("a", True), ("b", True), ("c", False))
    evaluate(source=source)
    return source


@pytest.mark.parametrize("state", [ScopeState.DENIED, ScopeState.INCOMPLETE])
def test_a_scope_that_was_not_read_makes_its_findings_stale_and_resolves_none(
    source: Source, state: ScopeState
) -> None:
    collect(source, 1, state=state)
    done = evaluate(source=source)
    assert (done.resolved, done.staled) == (0, 2)
    assert set(Finding.objects.values_list("status", "stale")) == {("open", True)}
    assert "S3 buckets could not be read" in Finding.objects.values_list("stale_reason", flat=True)[0]
    tally = Tally.objects.get()
    assert (tally.passed, tally.failed, tally.unknown, tally.open) == (0, 0, 3, 2)
    day = PostureDay.objects.get(area="all", step="data")
    assert (day.score, day.coverage, day.high) == (None, 0, 2)
    assert "coverage" in ScoreChange.objects.values_list("cause", flat=True)


def test_what_an_unfinished_reading_did_show_is_judged(source: Source) -> None:
    collect(source, 1, ("a", True), ("c", True), state=ScopeState.INCOMPLETE)
    evaluate(source=source)
    stale = dict(Finding.objects.values_list("asset__name", "stale"))
    assert stale == {"a": False, "b": True, "c": False}


def test_coverage_that_comes_back_ends_the_staleness_without_a_new_finding(source: Source) -> None:
    collect(source, 1, state=ScopeState.DENIED)
    evaluate(source=source)
    collect(source, 2, ("a", True), ("b", False), ("c", False))
    evaluate(source=source)
    found = {f.asset.name: (f.status, f.resolution, f.stale) for f in Finding.objects.select_related("asset")}
    assert found == {"a": ("open", "", False), "b": ("resolved", "fixed", False)}
    causes = list(Transition.objects.order_by("at", "pk").values_list("finding__asset__name", "cause"))
    assert sorted(causes) == [
        ("a", "coverage-back"), ("a", "coverage-lost"), ("a", "new"), ("b", "coverage-lost"), ("b", "fix"),
        ("b", "new"),
    ]  # fmt: skip


def test_only_a_complete_reading_resolves_what_is_gone(source: Source) -> None:
    collect(source, 1, ("b", True), ("c", False))
    evaluate(source=source)
    gone = Finding.objects.get(asset__name="a")
    assert (gone.status, gone.resolution) == ("resolved", "asset-gone")
    assert Tally.objects.get().failed == 1
    collect(source, 2, ("a", True), ("b", True), ("c", False))
    evaluate(source=source)
    gone.refresh_from_db()
    assert (gone.status, gone.first_seen < gone.opened_at) == ("open", True)
    assert Finding.objects.count() == 2
    assert list(gone.transitions.order_by("pk").values_list("cause", flat=True)) == ["new", "asset-gone", "regression"]


def test_a_linked_asset_that_changes_or_goes_unread_is_judged_again(own_rules: Path) -> None:
    write(
        own_rules, kind="aws.sagemaker.notebook_instance", reads=["role.Path"],
        fail="role != null && role.Path == '/'", **{"with": {"role": "uses_role"}},
    )  # fmt: skip
    source = make_source()
    notebook = make_asset(source, "aws.sagemaker.notebook_instance")
    role = make_asset(source, "aws.iam.role", config={"Path": "/x"})
    make_link(notebook, "uses_role", role)
    evaluate(source=source)
    assert not Finding.objects.exists()
    Asset.objects.filter(pk=role.pk).update(config={"Path": "/"}, config_digest="changed")
    assert evaluate(source=source).opened == 1
    scope = make_scope(source, "aws.iam.role", state=ScopeState.DENIED, attempted_at=moment(3))
    assert evaluate(source=source).staled == 1
    scope.state = ScopeState.COMPLETE
    scope.save()
    evaluate(source=source)
    Asset.objects.filter(pk=role.pk).update(gone_at=moment(4))
    assert evaluate(source=source).resolved == 1


def test_a_link_that_dangles_is_unknown_until_everything_was_read(own_rules: Path) -> None:
    write(
        own_rules, kind="aws.sagemaker.notebook_instance", reads=["role.Path"], fail="role == null",
        **{"with": {"role": "uses_role"}},
    )  # fmt: skip
    source = make_source(external_id="111122223333")
    here = make_asset(source, "aws.sagemaker.notebook_instance", name="here")
    away = make_asset(source, "aws.sagemaker.notebook_instance", name="away")
    make_link(here, "uses_role", kind="aws.iam.role", ref="arn:aws:iam::111122223333:role/gone")
    make_link(away, "uses_role", kind="aws.iam.role", ref="arn:aws:iam::999999999999:role/other")
    make_scope(source, "aws.iam.role", state=ScopeState.DENIED)
    assert evaluate(source=source).opened == 0
    make_scope(source, "aws.iam.role")
    evaluate(source=source)
    assert [finding.asset.name for finding in Finding.objects.all()] == ["here"]


def test_a_document_of_an_unexpected_form_stops_nothing(own_rules: Path) -> None:
    write(own_rules, kind="k8s.deployment", reads=["pod.hostNetwork"], fail="pod.hostNetwork == true")
    source = make_source()
    make_asset(source, "k8s.deployment", config={"spec": ["not", "a", "mapping"]})
    make_asset(source, "k8s.deployment", config={"spec": {"template": {"spec": {"hostNetwork": True}}}})
    assert evaluate(source=source).opened == 1
