"""Lists keep their state in the address: filters, sort, place."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from aispm.core.pagination import PAGE_SIZE
from findings.posture.services import evaluate
from inventory.models import Asset
from tests.builders import make_asset
from tests.ui.conftest import HTMX, Estate

pytestmark = pytest.mark.django_db
FINDINGS, ASSETS = "/findings/", "/inventory/"


def rows(page: str) -> list[str]:
    return re.findall(r'data-row="([^"]+)"', page)


def get(client: Client, url: str, **headers: str) -> str:
    return client.get(url, headers=headers).content.decode()


@pytest.fixture
def many(estate: Estate) -> Estate:
    for number in range(PAGE_SIZE + 10):
        make_asset(estate.source, name=f"door-{number:03}", config={"Public": True, "Logging": {}}, ai_role="dataset")
    evaluate(source=estate.source)
    return estate


def test_each_filter_in_force_is_a_chip_that_removes_it(admin: Client, estate: Estate) -> None:
    page = get(admin, f"{FINDINGS}?severity=critical&step=data&q=bucket")
    assert "Severity: Critical" in page
    assert "Search: bucket" in page
    assert 'href="?severity=critical&amp;q=bucket"' in page
    assert len(rows(page)) == 1


def test_the_count_stands_beside_the_chips(admin: Client, estate: Estate) -> None:
    page = re.sub(r"\s+", " ", get(admin, FINDINGS))
    assert 'role="status">2 findings</span>' in page


def test_htmx_gets_the_table_alone_at_the_same_address(admin: Client, estate: Estate) -> None:
    fragment = get(admin, f"{FINDINGS}?severity=critical", **HTMX)
    assert "<html" not in fragment
    assert rows(fragment) == rows(get(admin, f"{FINDINGS}?severity=critical"))


def test_walking_the_pages_shows_every_finding_once(admin: Client, many: Estate) -> None:
    seen: list[str] = []
    url = FINDINGS
    while url:
        page = get(admin, url)
        seen += rows(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = FINDINGS + following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == PAGE_SIZE + 12


@pytest.mark.parametrize(("sort", "direction"), [("priority", "descending"), ("due", "ascending")])
def test_the_sort_is_said_in_the_head(admin: Client, estate: Estate, sort: str, direction: str) -> None:
    page = get(admin, f"{FINDINGS}?sort={sort}")
    assert page.count("aria-sort=") == 1
    assert f'aria-sort="{direction}"' in page


def test_a_sort_that_no_index_backs_is_not_offered(admin: Client, estate: Estate) -> None:
    page = get(admin, f"{FINDINGS}?status=all&sort=priority")
    assert "sort=severity" not in page
    assert len(rows(page)) == 2


def test_the_inventory_shows_ai_unless_asked_for_more(admin: Client, estate: Estate) -> None:
    make_asset(estate.source, name="plain-bucket")
    assert "plain-bucket" not in get(admin, ASSETS)
    assert "plain-bucket" in get(admin, f"{ASSETS}?ai=all")
    assert "plain-bucket" in get(admin, f"{ASSETS}?ai=no")


def test_the_inventory_counts_open_findings_in_each_row(admin: Client, estate: Estate) -> None:
    page = get(admin, f"{ASSETS}?exposure=internet")
    assert 'class="badge sev-critical' in page
    assert "partly unread" in get(admin, f"{ASSETS}?unread=yes")


def test_facets_offer_only_what_is_there(admin: Client, estate: Estate) -> None:
    page = get(admin, ASSETS)
    assert "Dataset (3)" in page
    assert "Notebook (" not in page


def test_the_catalogue_filters_by_framework(admin: Client, estate: Estate) -> None:
    assert len(rows(get(admin, reverse("posture:rules") + "?framework=owasp-llm-2025"))) == 2
    assert rows(get(admin, reverse("posture:rules") + "?framework=mitre-atlas")) == []
    assert rows(get(admin, reverse("posture:rules") + "?severity=critical")) == ["public-bucket"]


def test_a_gone_asset_leaves_the_list(admin: Client, estate: Estate) -> None:
    Asset.objects.filter(pk=estate.open_door.pk).update(gone_at=estate.open_door.last_seen)
    assert "open-door" not in get(admin, ASSETS)
    assert "open-door" in get(admin, f"{ASSETS}?presence=gone")


@pytest.mark.parametrize("address", [FINDINGS, ASSETS, "/rules/", "/coverage/"])
def test_a_filter_that_does_not_exist_is_named(viewer: Client, estate: Estate, address: str) -> None:
    page = viewer.get(address, {"nonsense": "1"}).content.decode()
    assert "Unknown filter: nonsense (ignored)" in page
    fitting = {"source": "shop", "q": "x", "open": "y"}
    assert "Unknown filter" not in viewer.get(address, fitting if address != "/rules/" else {"q": "x"}).content.decode()


@pytest.mark.parametrize("words", ["nothing like it", "😀…%_\\'\""])
def test_a_search_where_nothing_can_match_is_an_empty_list(viewer: Client, estate: Estate, words: str) -> None:
    for address, shown in ((FINDINGS, "open-door"), (ASSETS, "open-door"), ("/search/", "Nothing matches")):
        page = viewer.get(address, {"q": words})
        assert page.status_code == 200
        assert (shown in page.content.decode()) is (address == "/search/")


@pytest.mark.parametrize("address", [FINDINGS, ASSETS, "/coverage/"])
def test_a_source_that_does_not_exist_is_named(viewer: Client, estate: Estate, address: str) -> None:
    page = viewer.get(address, {"source": "nowhere"})
    assert page.status_code == 400
    assert "There is no source nowhere." in page.content.decode()


def test_filters_without_a_menu_are_known(viewer: Client, estate: Estate) -> None:
    for address, name in ((FINDINGS, "opened_since"), (ASSETS, "changed_since")):
        assert "Unknown filter" not in viewer.get(address, {name: "2026-01-01T00:00:00Z"}).content.decode()
