"""The asset's page and the API tell who can do what to it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import Asset
from tests.builders import make_asset, make_source
from tests.ui.conftest import HTMX

pytestmark = pytest.mark.django_db

ANSWER: dict[str, Any] = {
    "count": 15, "administrators": 2, "names": ["role/loader", "user/<b>ann</b>"], "unsure": 3,
    "unsure_names": ["role/office"], "because": ["It depends on the time."], "outside": ["999988887777"],
    "outside_unsure": [],
}  # fmt: skip
NOBODY: dict[str, Any] = {
    "count": 0, "administrators": 0, "names": [], "unsure": 0, "unsure_names": [], "because": [], "outside": [],
    "outside_unsure": [],
}  # fmt: skip


def bucket(**facts: Any) -> Asset:
    return make_asset(make_source(), name="data", ai_role="dataset", facts=facts)


def page_of(client: Client, asset: Asset, **headers: str) -> str:
    response = client.get(reverse("inventory:asset", args=[asset.pk]), headers=headers)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_names_counts_doubts_and_reasons_are_shown(admin: Client, headers: dict[str, str]) -> None:
    said = {"answers": {"write": ANSWER, "delete": NOBODY}, "assumes": ["Nothing else was read."]}
    page = page_of(admin, bucket(who_can=said), **headers)
    for words in (
        "write to it", "role/loader", "and 11 more", "2 administrators", "account 999988887777", "perhaps",
        "role/office", "and 2 more", "It depends on the time.", "delete it or what is in it", "Nobody",
        "Nothing else was read.",
    ):  # fmt: skip
        assert words in page, words
    assert "user/&lt;b&gt;ann" in page


def test_names_that_have_no_room_can_be_unfolded(admin: Client) -> None:
    names = [f"role/r{number:03}" for number in range(100)]
    many = ANSWER | {"count": 103, "administrators": 0, "names": names}
    page = page_of(admin, bucket(who_can={"answers": {"write": many}, "assumes": []}))
    assert "<summary>and 93 more</summary>" in page
    assert all(name in page for name in names)


def test_anybody_is_said_first_of_all(admin: Client) -> None:
    said = {"answers": {"read": NOBODY | {"outside": ["anybody"]}}, "assumes": []}
    part = page_of(admin, bucket(who_can=said)).partition('id="who-can"')[2].partition("</section>")[0]
    assert "anybody" in part
    assert "Nobody" not in part


def test_what_is_not_known_is_said_with_its_reason(admin: Client) -> None:
    page = page_of(admin, bucket(who_can={"unknown": "The account's principals were not read completely."}))
    assert "The account&#x27;s principals were not read completely." in page


def test_assets_that_are_not_asked_about_have_no_such_part(admin: Client) -> None:
    assert "Who can …" not in page_of(admin, bucket())
    assert "Who can …" not in page_of(admin, bucket(who_can={}))


def test_the_api_gives_the_same_answers(admin: Client) -> None:
    said = {"answers": {"write": ANSWER}, "assumes": []}
    asset = bucket(who_can=said)
    assert admin.get(f"/api/v1/assets/{asset.pk}/").json()["who_can"] == said
    assert admin.get(f"/api/v1/assets/{bucket().pk}/").json()["who_can"] is None
