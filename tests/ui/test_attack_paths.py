"""A path on the pages and in the API: hop by hop, what its cut closes, and the assets on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from findings.posture import queries
from findings.posture.models import Finding, Severity
from inventory.models import Asset
from tests.builders import alice, make_source
from tests.ui.conftest import HTMX
from tests.ui.path_building import build_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def paths(own_rules: Path) -> list[Finding]:
    return build_path(make_source(), own_rules, "door-a", "door-b", "door-<b>c</b>")


def page_of(client: Client, finding: Finding, **headers: str) -> str:
    return client.get(reverse("posture:finding", args=[finding.pk]), headers=headers).content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_page_and_drawer_draw_the_path_with_links_evidence_and_the_cut(
    viewer: Client, paths: list[Finding], headers: dict[str, str]
) -> None:
    page = page_of(viewer, paths[1], **headers)
    role = Asset.objects.get(name="lab-role")
    part = page.partition('id="path"')[2].partition("</section>")[0]
    order = [
        "Internet", "can be called by anybody", "door-a", "UrlConfig.AuthType is NONE", "acts with", "cut here",
        reverse("inventory:asset", args=[role.pk]), "may do anything in", "account 1", "one", "and 3 more",
    ]  # fmt: skip
    assert sorted(order, key=part.index) == order
    assert "Let lab-role do less." in page
    assert "closes 3 open paths" in page


def test_names_from_outside_are_text(viewer: Client, paths: list[Finding]) -> None:
    page = page_of(viewer, paths[0])
    assert "door-&lt;b&gt;c&lt;/b&gt;" in page
    assert "<b>c</b>" not in page


def test_the_cut_counts_only_open_findings_with_the_same_change(paths: list[Finding]) -> None:
    Finding.objects.filter(pk=paths[0].pk).update(status="accepted")
    told = queries.path_of(alice(), paths[1])
    assert told is not None
    assert (told.closes, told.priority) == (2, paths[1].priority + paths[2].priority)


def test_a_finding_that_is_no_path_has_none(viewer: Client, own_rules: Path) -> None:
    finding = build_path(make_source(), own_rules, "door")[0]
    finding.evidence = {"Public": True}
    assert queries.path_of(alice(), finding) is None


def test_the_asset_page_lists_paths_through_it_and_not_those_elsewhere(viewer: Client, paths: list[Finding]) -> None:
    role, door = Asset.objects.get(name="lab-role"), Asset.objects.get(name="door-a")
    assert len(queries.paths_through(alice(), role).findings) == 3
    page = viewer.get(reverse("inventory:asset", args=[door.pk])).content.decode()
    part = page.partition('id="paths"')[2].partition("</section>")[0]
    assert part.count("Internet leads to control of the account") == 1


def test_a_role_lists_paths_that_lead_to_it_from_another_source(paths: list[Finding]) -> None:
    role, member = Asset.objects.get(name="lab-role"), alice()
    Finding.objects.update(source=make_source())
    assert len(queries.paths_through(member, role).findings) == 3
    told = queries.path_of(member, Finding.objects.get(pk=paths[1].pk))
    assert told is not None
    assert role in [hop.asset for hop in told.hops]


def test_the_api_tells_the_path_and_filters_by_the_change_and_by_all_paths(
    viewer: Client, paths: list[Finding]
) -> None:
    told = viewer.get(f"/api/v1/findings/{paths[1].pk}/").json()["path"]
    assert [hop["name"] for hop in told["hops"]] == ["door-a", "lab-role", "account 1"]
    assert [hop["cut"] for hop in told["hops"]] == [False, True, False]
    for fix, number in (("aws-path:path-1", 3), ("aws-path", 3), ("aws-path:path-2", 0)):
        assert len(viewer.get("/api/v1/findings/", {"fix": fix}).json()["results"]) == number, fix


def test_one_change_is_one_fix_with_its_own_words(paths: list[Finding]) -> None:
    [first] = queries.what_first(alice())
    assert (first.key, first.summary, first.count) == ("aws-path:path-1", "Let lab-role do less.", 3)


def test_the_evidence_is_what_allows_each_hop(viewer: Client, paths: list[Finding]) -> None:
    part = page_of(viewer, paths[1]).partition(">Evidence<")[2].partition("</section>")[0]
    shown = ["UrlConfig.AuthType is NONE", "its configuration names the role", "policy permissions allows * on *"]
    assert sorted(shown, key=part.index) == shown


def test_an_asset_shows_graver_paths_first_and_leads_to_the_rest(
    viewer: Client, own_rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("findings.posture.queries.attack_paths.MOST_SHOWN", 1)
    found = build_path(make_source(), own_rules, "door-a", "door-b")
    Finding.objects.filter(pk=found[0].pk).update(severity=Severity.HIGH, priority=100)
    role = Asset.objects.get(name="lab-role")
    assert [one.pk for one in queries.paths_through(alice(), role).findings] == [found[1].pk]
    page = viewer.get(reverse("inventory:asset", args=[role.pk])).content.decode()
    part = page.partition('id="paths"')[2].partition("</section>")[0]
    address = part.partition("The gravest are shown.")[2].partition('href="')[2].partition('"')[0]
    rest = viewer.get(address.replace("&amp;", "&")).content.decode()
    assert "door-a" in rest
    assert "door-b" in rest
