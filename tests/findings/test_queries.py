"""What people see of posture."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from aispm.core.errors import Invalid, NotAllowed
from findings.posture import queries
from findings.posture.filters import FINDING_SORTS, FindingFilter, RuleFilter, sorts_under
from findings.posture.models import Finding, PostureDay
from findings.posture.services import evaluate
from inventory.models import Asset, Source
from tests.builders import bob, charlie, make_asset, make_source
from tests.findings.rulemaking import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def judged(own_rules: Path) -> Source:
    """A source with a public bucket, a private one, and one that could not be read."""
    write(own_rules)
    write(own_rules, "b-rule", reads=["Logging"], fail="asset.Logging == null", step="response", severity="low")
    source = make_source(environment="production")
    common = {"environment": "production"}
    make_asset(source, name="open-door", config={"Public": True}, exposure="internet", **common)
    make_asset(source, name="closed-door", config={"Public": False, "Logging": {}}, **common)
    denied = {"part": "Public", "problem": "denied", "message": "", "permission": "s3:GetBucketAcl"}
    make_asset(source, name="dark-door", config={"Logging": {}}, unread=[denied], **common)
    evaluate(source=source)
    return source


def test_the_posture_is_read_in_two_statements(
    judged: Source, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = bob()
    with django_assert_num_queries(2):
        posture = queries.posture_now(user)
    data = posture.step("data")
    assert (data.value, data.score.numerator, data.score.denominator, data.score.unknown) == (50, 12, 24, 12)
    assert (data.score.coverage, data.score.provisional) == (66, True)
    assert data.open == {"critical": 0, "high": 1, "medium": 0, "low": 0}
    response = posture.step("response")
    assert (response.value, posture.overall.value, posture.overall.lowest) == (66, 58, 50)
    assert posture.overall.lowest_step == "data"
    assert posture.step("runtime").value is None
    assert queries.posture_now(user, f"source:{judged.pk}").step("data").value == 50
    assert queries.posture_now(user, "environment:production").step("data").value == 50
    assert queries.posture_now(user, "environment:staging").step("data").value is None


def test_the_arithmetic_adds_up_to_the_score(judged: Source) -> None:
    user = bob()
    score = queries.posture_now(user).step("data").score
    terms = queries.arithmetic(user, "all", "data")
    assert sum(term.pass_weight for term in terms) == score.numerator
    assert sum(term.pass_weight + term.fail_weight for term in terms) == score.denominator
    assert sum(term.unknown_weight for term in terms) == score.unknown


def test_a_trend_carries_quiet_days_forward(judged: Source) -> None:
    today = timezone.now().date()
    PostureDay.objects.filter(area="all").update(day=today - timedelta(days=5))
    user = bob()
    trend = queries.trend(user, "all", 4)
    assert len(trend.days) == 4
    assert trend.scores["data"] == [50, 50, 50, 50]
    assert trend.open["high"] == [1, 1, 1, 1]
    assert queries.trend(user, "all", 10).scores["data"] == [None] * 4 + [50] * 6


def test_what_to_do_first_says_how_many_points_a_fix_gives(judged: Source) -> None:
    first, second = queries.what_first(bob(), 5)
    assert (first.key, first.count, first.step_points) == ("a-rule", 1, {"data": 5000})
    assert (first.points, second.key) == (2500, "b-rule")


def test_live_verdicts_show_the_values_read(judged: Source) -> None:
    user = bob()
    asset = Asset.objects.select_related("source").get(name="dark-door")
    one, other = queries.live_verdicts(user, asset)
    assert (one.rule.id, one.outcome, "s3:GetBucketAcl" in one.verdict.reason) == ("a-rule", "unknown", True)
    assert (other.outcome, other.verdict.evidence) == ("pass", {"Logging": {}})


def test_a_stranger_sees_nothing(judged: Source) -> None:
    stranger = charlie()
    assert not queries.findings_for(stranger).exists()
    assert not queries.recent_transitions(stranger).exists()
    assert not queries.rules_for(stranger).exists()
    assert queries.what_first(stranger) == []
    with pytest.raises(NotAllowed):
        queries.posture_now(stranger)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({}, {"a-rule", "b-rule"}),
        ({"severity": "high"}, {"a-rule"}),
        ({"step": "response"}, {"b-rule"}),
        ({"q": "open doo"}, {"a-rule", "b-rule"}),
        ({"q": "nothing"}, set()),
        ({"status": "resolved"}, set()),
        ({"status": "all", "rule": "b-rule"}, {"b-rule"}),
        ({"exposure": "internal"}, set()),
        ({"kind": "aws.s3.bucket", "environment": "production"}, {"a-rule", "b-rule"}),
        ({"stale": "yes"}, set()),
        ({"due": "overdue"}, set()),
        ({"due": "soon"}, set()),
    ],
)
def test_findings_are_filtered_by_the_query_string(judged: Source, query: dict[str, str], titles: set[str]) -> None:
    filters = FindingFilter(query, queryset=queries.findings_for(bob()))
    assert {finding.rule_id for finding in filters.qs} == titles


def test_findings_of_a_source_that_does_not_exist_are_refused(judged: Source) -> None:
    filters = FindingFilter({"source": "no-such"}, queryset=queries.findings_for(bob()))
    assert filters.errors == {"source": ["There is no source no-such."]}


def test_a_list_of_findings_takes_one_statement(
    judged: Source, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = queries.findings_for(bob())
    with django_assert_num_queries(1):
        shown = [(f.title, f.asset.name, f.asset.place, f.source.name, f.rule.title) for f in rows]
    assert len(shown) == 2


@pytest.mark.parametrize("sort", list(FINDING_SORTS))
def test_every_offered_sort_follows_an_index(judged: Source, sort: str) -> None:
    with connection.cursor() as cursor:
        for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            cursor.execute(f"SET LOCAL {setting} = off")
    assert "Sort" not in Finding.objects.filter(status="open").order_by(*FINDING_SORTS[sort]).explain()


def test_two_times_that_go_together_are_not_sorted_by_one_and_asked_by_the_other() -> None:
    assert sorts_under({"due": "soon"}).keys() == {"priority", "severity", "due"}
    assert "due" not in sorts_under({"opened_since": "2026-01-01"})
    assert sorts_under({"due": ""}) == FINDING_SORTS


def test_rules_come_with_their_counts(judged: Source) -> None:
    user = bob()
    rows = RuleFilter({"failing": "yes"}, queryset=queries.rules_for(user)).qs
    assert {(rule.pk, rule.passed, rule.failed, rule.unknown, rule.open) for rule in rows} == {
        ("a-rule", 1, 1, 1, 1),
        ("b-rule", 2, 1, 0, 1),
    }
    assert queries.rule_for(user, "a-rule") is not None
    assert RuleFilter({"framework": "owasp-llm-2025"}, queryset=queries.rules_for(user)).qs.count() == 2


def test_movements_are_grouped_with_their_parts(judged: Source) -> None:
    movements = queries.score_changes(bob(), "all")
    assert {movement.step: movement.points for movement in movements} == {"data": 5000, "response": 6666}
    assert all(sum(part.points for part in movement.parts) == movement.points for movement in movements)


def test_recent_transitions_come_latest_first(judged: Source) -> None:
    assert [t.cause for t in queries.recent_transitions(bob(), 5)] == ["new", "new"]


@pytest.mark.parametrize("area", ["", "nonsense", "source:", "source:x", "environment:moon"])
def test_an_area_that_does_not_exist_is_refused(judged: Source, area: str) -> None:
    with pytest.raises(Invalid, match="There is no area"):
        queries.posture_now(bob(), area)
