"""Every address that changes something: who may, by which method, and that none is forgotten here."""

from __future__ import annotations

import pytest
from django.test import Client

from aispm.accounts.models import ApiToken, Role, User
from integrations.models import Connection, Run
from inventory.models import Source
from tests.builders import bob, make_user
from tests.ui.addresses import address, page_names
from tests.ui.conftest import Estate, signed_in

pytestmark = pytest.mark.django_db
NOBODYS = {"accounts:sign-in", "accounts:sign-out"}
ONES_OWN = {
    "accounts:preferences",
    "accounts:theme",
    "accounts:password",
    "accounts:issue-token",
    "accounts:revoke-token",
}
FORMS = {f"integrations:{name}" for name in ("connect-aws", "connect-kubernetes", "connect-snapshot", "remove-source")}
BUTTONS = {f"integrations:{name}" for name in ("start-run", "cancel-run", "schedule", "connect-members", "ask-members")}


def where(name: str, estate: Estate) -> str:
    return address(name, pk=estate.source.pk)


def test_no_address_that_takes_a_post_is_missing_here(estate: Estate) -> None:
    client = signed_in(make_user("root", Role.ADMINISTRATOR))
    taking = set()
    for name in page_names():
        client.force_login(User.objects.get(username="root"))  # signing out is among them
        if client.post(where(name, estate)).status_code != 405:
            taking.add(name)
    assert taking == NOBODYS | ONES_OWN | FORMS | BUTTONS


@pytest.mark.parametrize("name", sorted(ONES_OWN))
def test_what_changes_something_at_once_refuses_a_get(estate: Estate, name: str) -> None:
    assert signed_in(make_user("root", Role.ADMINISTRATOR)).get(where(name, estate)).status_code == 405


@pytest.mark.parametrize("name", sorted(BUTTONS))
def test_a_get_of_a_button_changes_nothing_and_leads_to_its_page(estate: Estate, name: str) -> None:
    root = signed_in(make_user("root", Role.ADMINISTRATOR))
    before = everything()
    answer = root.get(where(name, estate))
    assert (answer.status_code, answer["Location"].rpartition("/")[0] in where(name, estate)) == (302, True)
    assert everything() == before


@pytest.mark.parametrize("name", sorted(ONES_OWN | FORMS | BUTTONS))
def test_the_anonymous_change_nothing(estate: Estate, name: str) -> None:
    before = everything()
    assert Client().post(where(name, estate))["Location"].startswith("/accounts/sign-in/")
    assert everything() == before


@pytest.mark.parametrize("name", sorted(FORMS | BUTTONS))
def test_a_viewer_changes_nothing_but_their_own_settings(estate: Estate, name: str) -> None:
    Connection.objects.create(source=estate.source, kind="aws")
    viewer = signed_in(bob())
    before = everything()
    assert viewer.post(where(name, estate), {"name": estate.source.name}).status_code == 403
    assert everything() == before


def everything() -> list[object]:
    rows: list[object] = []
    for model in (Source, Connection, Run, ApiToken, User):
        rows += model.objects.order_by("pk").values_list()
    return rows
