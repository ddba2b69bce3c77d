"""Lists and single rows: filters, sorts, pages, sparse fields, and the number of queries."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory

from aispm.core.pagination import CursorPagination, Page
from findings.posture.api.viewsets import FindingViewSet, RuleViewSet
from findings.posture.models import Finding, Severity
from integrations.api.viewsets import RunViewSet
from inventory.api.viewsets import AssetViewSet, LinkViewSet, ScopeViewSet
from inventory.models import Asset, Source
from tests import builders

pytestmark = pytest.mark.django_db
RULE = "aws-sagemaker-notebook-direct-internet"


def results(client: APIClient, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/{path}/", query)
    assert answer.status_code == 200, answer.json()
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_findings_carry_what_a_ticket_needs(viewer: APIClient, notebook: Asset) -> None:
    (found,) = results(viewer, "findings", rule=RULE)
    assert found["asset"]["name"] == "explore"
    assert (found["severity"], found["step"], found["status"]) == ("high", "runtime", "open")
    whole = viewer.get(f"/api/v1/findings/{found['id']}/").json()
    assert whole["evidence"]["DirectInternetAccess"] == "Enabled"
    assert whole["fix"]["summary"]
    assert [step["cause"] for step in whole["history"]] == ["new"]


def test_findings_are_filtered_as_on_the_page(viewer: APIClient, notebook: Asset) -> None:
    everything = results(viewer, "findings")
    assert len(everything) == Finding.objects.open().count()
    assert {row["severity"] for row in results(viewer, "findings", severity="high")} == {"high"}
    assert results(viewer, "findings", status="resolved") == []


def test_pages_follow_each_other_without_gaps(viewer: APIClient, notebook: Asset) -> None:
    seen, url = [], "/api/v1/findings/?limit=2"
    while url:
        page = viewer.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert len(seen) == len(set(seen)) == Finding.objects.open().count()


def test_a_repeated_parameter_is_kept_from_page_to_page(viewer: APIClient, notebook: Asset) -> None:
    seen, url = [], "/api/v1/findings/?severity=high&severity=medium&severity=low&limit=1"
    while url:
        page = viewer.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    wanted = Finding.objects.open().filter(severity__in=(Severity.HIGH, Severity.MEDIUM, Severity.LOW))
    assert set(seen) == {str(row.pk) for row in wanted}
    assert len({row.severity for row in wanted}) > 1


REPEATABLE = [
    (name, parameter)
    for name, view in (
        ("assets", AssetViewSet), ("scopes", ScopeViewSet), ("links", LinkViewSet),
        ("findings", FindingViewSet), ("rules", RuleViewSet), ("runs", RunViewSet),
    )
    for parameter in view().several()
]  # fmt: skip


@pytest.mark.parametrize(("path", "parameter"), REPEATABLE)
def test_the_links_between_pages_keep_every_value(path: str, parameter: str) -> None:
    asked = APIRequestFactory().get(f"/api/v1/{path}/", {parameter: ["one", "two"], "limit": "7", "cursor": "old"})
    paging = CursorPagination()
    paging.request, paging.page = Request(asked), Page((), "after", "before", "newest")
    answer = paging.get_paginated_response([]).data
    kept = {parameter: ["one", "two"], "limit": ["7"]}
    assert parse_qs(urlsplit(answer["next"]).query) == kept | {"cursor": ["after"]}
    assert parse_qs(urlsplit(answer["previous"]).query) == kept | {"cursor": ["before"]}


def test_parameters_can_be_repeated_on_all_kinds_of_lists() -> None:
    assert {path for path, _ in REPEATABLE} == {"assets", "scopes", "links", "findings", "rules", "runs"}


def test_fields_can_be_chosen(viewer: APIClient, notebook: Asset) -> None:
    assert all(row.keys() == {"id", "name"} for row in results(viewer, "assets", ai="all", fields="id,name"))
    answer = viewer.get("/api/v1/assets/", {"fields": "id,nonsense"})
    assert (answer.status_code, answer.json()["where"]) == (422, "fields")


@pytest.mark.parametrize(
    ("path", "query", "where"),
    [
        ("findings", {"sort": "title"}, "sort"),
        ("findings", {"cursor": "garbage"}, "cursor"),
        ("findings", {"limit": "0"}, "limit"),
        ("findings", {"limit": "100000"}, "limit"),
        ("trends", {"days": "0"}, "days"),
        ("posture", {"area": "source:nobody"}, "area"),
        ("posture/arithmetic", {"step": "luck"}, "step"),
        ("findings", {"severty": "high"}, "severty"),
        ("sources", {"kind": "aws"}, "kind"),
        ("posture", {"days": "7"}, "days"),
        ("runs", {"state": "asleep"}, "state"),
        ("findings", {"asset": "me"}, "asset"),
        ("findings", {"q": "a\x00b"}, "q"),
        ("assets", {"changed_since": "yesterday"}, "changed_since"),
        ("assets", {"fields": "id,nope"}, "fields"),
        ("assets", {"limit": ["2", "3"]}, "limit"),
        ("assets", {"ai": ["yes", "all"]}, "ai"),
        ("posture", {"area": ["all", "all"]}, "area"),
        ("assets", {"kind": "aws.bogus"}, "kind"),
        ("findings", {"kind": "aws.s3.bucket,aws.s3.bukket"}, "kind"),
        ("rules", {"kind": "k8s.bogus"}, "kind"),
    ],
)
def test_a_wrong_parameter_is_named(viewer: APIClient, path: str, query: dict[str, Any], where: str) -> None:
    answer = viewer.get(f"/api/v1/{path}/", query)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["where"] == where


def test_a_wrong_filter_value_is_named(viewer: APIClient, notebook: Asset) -> None:
    answer = viewer.get("/api/v1/findings/", {"severity": "enormous"})
    assert (answer.status_code, answer.json()["where"]) == (422, "severity")
    assert "critical, high, low, medium" in answer.json()["detail"]


def test_an_asset_comes_with_document_facts_and_evidence(viewer: APIClient, notebook: Asset) -> None:
    whole = viewer.get(f"/api/v1/assets/{notebook.pk}/").json()
    assert whole["config"]["DirectInternetAccess"] == "Enabled"
    assert whole["ai_role"] == "notebook"
    assert "config" not in results(viewer, "assets", ai="all")[0]


def test_posture_can_be_added_up_again(viewer: APIClient, notebook: Asset) -> None:
    posture = viewer.get("/api/v1/posture/").json()
    runtime = next(step for step in posture["steps"] if step["step"] == "runtime")
    terms = viewer.get("/api/v1/posture/arithmetic/", {"step": "runtime"}).json()
    passed = sum(term["pass_weight"] for term in terms)
    failed = sum(term["fail_weight"] for term in terms)
    assert (runtime["numerator"], runtime["denominator"]) == (passed, passed + failed)
    expected = 100 * passed // (passed + failed)
    assert runtime["score"] == min(expected, runtime["cap"] or 100)


def test_trends_have_one_value_a_day(viewer: APIClient, notebook: Asset) -> None:
    trend = viewer.get("/api/v1/trends/", {"days": "7"}).json()
    assert len(trend["days"]) == 7
    assert all(len(values) == 7 for values in trend["scores"].values())
    assert trend["scores"]["overall"][-1] is not None


@pytest.mark.parametrize("path", ["sources", "scopes", "assets", "links", "runs", "rules", "findings", "frameworks"])
def test_a_list_asks_the_same_number_of_questions_however_long_it_is(
    viewer: APIClient, source: Source, notebook: Asset, path: str
) -> None:
    viewer.get(f"/api/v1/{path}/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        viewer.get(f"/api/v1/{path}/")
    for number in range(5):
        other = builders.make_source(name=f"other {number}")
        asset = builders.make_asset(other, "aws.s3.bucket", name=f"bucket {number}")
        builders.make_link(asset, "encrypted_by", kind="aws.kms.key", ref="k")
    with CaptureQueriesContext(connection) as many:
        viewer.get(f"/api/v1/{path}/")
    assert len(many) == len(few) <= 8
