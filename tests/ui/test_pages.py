"""Each page shows what it should, in every state."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from findings.posture.models import Finding, PostureDay, ScoreChange
from inventory.documents import ScopeState
from inventory.models import Asset, Scope, Source
from tests.builders import make_scope, make_source
from tests.findings.rulemaking import write
from tests.ui.addresses import address
from tests.ui.conftest import HTMX, Estate

pytestmark = pytest.mark.django_db


def text(client: Client, url: str, **headers: str) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == 200, response.content.decode()[:400]
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_first_run_shows_the_three_ways_to_begin(admin: Client) -> None:
    page = text(admin, "/")
    assert all(words in page for words in ("Connect AWS", "Connect Kubernetes", "Load a snapshot"))


@pytest.mark.parametrize("name", ["inventory:assets", "posture:findings", "inventory:coverage", "integrations:sources"])
def test_nothing_connected_is_said_on_every_list(admin: Client, name: str) -> None:
    assert "Nothing connected yet" in text(admin, reverse(name))


@pytest.mark.parametrize("name", ["pages:overview", "inventory:assets", "posture:findings"])
def test_connected_but_never_read_is_not_known_rather_than_clear(admin: Client, name: str) -> None:
    make_source()
    page = text(admin, reverse(name))
    assert "Not known yet" in page
    assert "All clear" not in page


def test_no_match_is_not_all_clear(admin: Client, estate: Estate) -> None:
    assert "No finding matches" in text(admin, reverse("posture:findings") + "?q=zebra")
    assert "No asset matches" in text(admin, reverse("inventory:assets") + "?q=zebra")


def test_all_clear_says_as_of_when_and_where(admin: Client, estate: Estate) -> None:
    Finding.objects.all().delete()
    page = text(admin, reverse("posture:findings"))
    assert "All clear" in page
    assert "No rule fails in one source" in page
    assert "Last judged" in page


def test_the_overview_tells_score_coverage_fixes_changes_and_gaps(
    admin: Client, estate: Estate, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):  # two of them are the session and its user
        page = text(admin, "/")
    assert "What to do first" in page
    assert "Close it." in page
    assert "Bucket is public" in page
    assert "bedrock:ListAgents" in page
    assert "open critical finding" in page
    assert "provisional" in page


def test_the_finding_reads_as_a_decision(admin: Client, estate: Estate) -> None:
    page = text(admin, reverse("posture:finding", args=[estate.finding.pk]))
    parts = ["The risk", "Why it matters", "Who", "What to do", "Evidence"]
    places = [page.index(f"<h2>{part}</h2>") for part in parts]
    assert places == sorted(places)
    assert "aws s3api put-public-access-block" in page
    assert "Public" in page
    assert "Sensitive information disclosure" in page
    assert "First seen" in page


def test_the_asset_page_shows_all_four_parts_of_the_truth(admin: Client, estate: Estate) -> None:
    page = text(admin, reverse("inventory:asset", args=[estate.dark_door.pk]))
    assert "Part of this asset could not be read" in page
    assert "s3:GetBucketAcl" in page
    assert 'id="verdicts"' in page
    assert "Unknown" in page
    assert "Pass" in page


def test_the_asset_page_shows_lineage_as_graph_and_as_text(admin: Client, estate: Estate) -> None:
    page = text(admin, reverse("inventory:asset", args=[estate.open_door.pk]))
    assert "data-graph=" in page
    assert "Is encrypted by" in page
    assert "closed-door" in page
    assert "not read: another account" in page
    assert "training job" in page


def test_text_from_a_scanned_asset_is_never_markup(admin: Client, estate: Estate) -> None:
    page = text(admin, reverse("inventory:asset", args=[estate.open_door.pk]))
    assert "<b>hostile</b>" not in page
    assert "&lt;b&gt;hostile&lt;/b&gt;" in page


def test_the_drawer_is_a_fragment_and_its_link_a_page(admin: Client, estate: Estate) -> None:
    url = reverse("posture:finding", args=[estate.finding.pk])
    assert "<html" in text(admin, url)
    fragment = text(admin, url, **HTMX)
    assert "<html" not in fragment
    assert f'data-drawer-of="{estate.finding.pk}"' in fragment


def test_a_page_restored_from_history_is_whole(admin: Client, estate: Estate) -> None:
    whole = {"HX-Request": "true", "HX-Request-Type": "full", "HX-History-Restore-Request": "true"}
    assert "<html" in text(admin, reverse("posture:findings"), **whole)


def test_the_step_page_shows_a_sum_that_adds_up(admin: Client, estate: Estate) -> None:
    page = text(admin, reverse("posture:step", args=["data"]))
    assert "20 ÷ 40 = 50" in page
    assert "capped at 49" in page
    assert "Bucket is public" in page


def test_the_rule_page_shows_question_answers_and_examples(admin: Client, estate: Estate) -> None:
    page = text(admin, reverse("posture:rule", args=["public-bucket"]))
    assert "asset.Public == true" in page
    assert "open-door" in page
    assert "1 fail, 1 unknown, 1 pass" in page


def test_the_coverage_page_opens_on_what_was_not_read(admin: Client, estate: Estate) -> None:
    page = text(admin, reverse("inventory:coverage"))
    assert "bedrock:ListAgents" in page
    assert "Bedrock agents" in page
    results = page[page.index('id="results"') :]
    assert "S3 buckets" not in results
    assert "S3 buckets" in text(admin, reverse("inventory:coverage") + "?show=all")


def test_the_overview_counts_the_questions_without_an_answer_and_the_coverage_page_lists_them(
    admin: Client, estate: Estate
) -> None:
    Scope.objects.filter(state="denied").delete()
    overview = text(admin, "/")
    assert "Every scope of every source was read to its end." in overview
    assert "every question was answered" not in overview
    assert "1 question could not be answered" in overview
    assert reverse("inventory:coverage") + "#unanswered" in overview
    page = text(admin, reverse("inventory:coverage"))
    part = page[page.index('id="unanswered"') : page.index('id="results"')]
    assert all(words in part for words in ("Bucket is public", "dark-door", "s3:GetBucketAcl"))
    assert "open-door" not in part


def test_a_source_of_which_little_was_read_says_so_beside_the_score(admin: Client, estate: Estate) -> None:
    for number in range(3):
        make_scope(estate.source, "aws.sagemaker.model", f"eu-west-{number}", ScopeState.NEVER)
    read = estate.source.scopes.filter(state=ScopeState.COMPLETE).count()
    assert f"{read} of {read + 4} scopes of halden read" in text(admin, "/")
    assert f"{read} of {read + 4} scopes that apply" in text(admin, reverse("inventory:coverage"))


def test_what_a_first_day_moves_is_no_change(admin: Client, estate: Estate) -> None:
    def moved(days_ago: int) -> str:
        at = timezone.now() - timedelta(days=days_ago)
        ScoreChange.objects.all().delete()
        ScoreChange.objects.create(
            at=at, area="all", step="data", cause="new-asset", points=240, before=5000, after=5240
        )
        return text(admin, "/")

    first = moved(0)
    assert "+2.40" not in first
    assert "Changes appear from the second day on." in first
    Source.objects.update(created_at=timezone.now() - timedelta(days=40))
    for day in (40, 20):
        for found in PostureDay.objects.filter(day=timezone.now().date()):
            PostureDay.objects.create(**{**_fields(found), "day": found.day - timedelta(days=day)})
    assert "+2.40" in moved(1)


def _fields(row: PostureDay) -> dict[str, object]:
    return {field.name: getattr(row, field.name) for field in row._meta.fields if field.name != "id"}


def test_of_the_latest_changes_those_of_the_worst_findings_come_first(admin: Client, estate: Estate) -> None:
    page = text(admin, "/")
    changed = page[page.index('id="changed"') :]
    assert changed.index("Bucket is public") < changed.index("Nobody would see who reads it")


def test_a_fix_names_the_asset_and_says_what_is_still_open(admin: Client, estate: Estate) -> None:
    rule = estate.finding.rule
    rule.document["fix"]["cli"] = "aws s3api put-bucket-encryption --bucket BUCKET --key KEY"
    rule.save()
    page = text(admin, reverse("posture:finding", args=[estate.finding.pk]))
    assert "--bucket open-door --key KEY" in page
    assert '<code class="tag">KEY</code>' in page
    assert '<code class="tag">BUCKET</code>' not in page
    assert "--bucket BUCKET --key KEY" in text(admin, reverse("posture:rule", args=[rule.pk]))


def test_a_row_of_the_finding_list_names_its_columns_on_a_small_screen(admin: Client, estate: Estate) -> None:
    row = text(admin, reverse("posture:findings")).partition("<tbody>")[2].partition("</tr>")[0]
    assert re.findall(r'data-label="([^"]+)"', row) == [
        "Severity", "Asset", "Step", "Source", "Open since", "Due", "Priority",
    ]  # fmt: skip


def test_the_graph_has_short_labels_and_whole_names(admin: Client, estate: Estate) -> None:
    name = "a-role-with-a-name-that-is-far-too-long-for-any-graph"
    Asset.objects.filter(pk=estate.open_door.pk).update(name=name)
    page = text(admin, reverse("inventory:asset", args=[estate.open_door.pk]))
    graph = json.loads(unescape(re.findall(r'data-graph="([^"]+)"', page)[0]))
    centre = graph["nodes"][0]
    assert centre["full"] == name
    assert len(centre["label"]) <= 36
    assert (centre["label"][:6], centre["label"][-5:]) == ("a-role", "graph")


def test_search_finds_assets_findings_and_rules(admin: Client, estate: Estate) -> None:
    page = text(admin, reverse("pages:search") + "?q=public")
    assert "Bucket is public" in page
    assert "open-door" in page
    assert "Nothing matches" in text(admin, reverse("pages:search") + "?q=zebra")


@pytest.mark.parametrize("query", ["?severity=dreadful", "?cursor=nonsense", "?due=never"])
def test_an_address_with_a_mistake_is_answered_in_words(admin: Client, estate: Estate, query: str) -> None:
    response = admin.get(reverse("posture:findings") + query)
    assert response.status_code == 400
    assert "Start over on this page" in response.content.decode()


def test_an_asset_that_is_gone_says_so(admin: Client, estate: Estate) -> None:
    Asset.objects.filter(pk=estate.open_door.pk).update(gone_at=estate.open_door.last_seen)
    assert "This asset is gone" in text(admin, reverse("inventory:asset", args=[estate.open_door.pk]))


# Two of each are the session and its user.
QUERIES = {
    "inventory:assets": 7,
    "inventory:asset": 10,
    "inventory:coverage": 11,
    "posture:findings": 4,
    "posture:finding": 4,
    "posture:rules": 4,
    "posture:rule": 4,
    "posture:frameworks": 4,
    "posture:framework": 4,
    "posture:step": 8,
    "integrations:sources": 7,
    "integrations:source": 9,
}


@pytest.mark.parametrize("name", QUERIES)
def test_the_number_of_queries_of_each_page_is_pinned(
    admin: Client, estate: Estate, name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    keys = {
        "inventory:asset": estate.open_door.pk,
        "posture:finding": estate.finding.pk,
        "posture:rule": "public-bucket",
        "integrations:source": estate.source.pk,
    }
    url = address(name, **({"pk": keys[name]} if name in keys else {}))
    with django_assert_num_queries(QUERIES[name]):
        assert admin.get(url).status_code == 200


def test_a_broken_rule_file_breaks_no_page_and_is_named(viewer: Client, estate: Estate, own_rules: Path) -> None:
    write(own_rules, "public-bucket", fail="asset.Public ==")
    page = viewer.get("/rules/")
    assert page.status_code == 200
    assert "aws/public-bucket.yaml:" in page.content.decode()
    asset = viewer.get(f"/inventory/{estate.open_door.pk}/")
    assert asset.status_code == 200, "asked as before it was broken"
    assert "Public" in asset.content.decode()


def test_the_first_day_has_numbers_in_place_of_charts_of_one_point(viewer: Client, estate: Estate) -> None:
    page = viewer.get("/").content.decode()
    assert 'id="open-now"' in page
    assert 'data-kind="trend"' not in page
    assert "no points yet" not in page
