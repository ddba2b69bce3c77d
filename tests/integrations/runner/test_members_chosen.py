"""Members are asked in the background, a few at a time; what was agreed before holds where nothing else is said."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from aispm.accounts.models import Role
from demo.aws import SimulatedAws
from integrations import registry, services, tasks
from integrations.models import Connection
from integrations.queries import Member, Standing
from integrations.services import MemberAccess
from integrations.services import members as asking
from tests.builders import make_user
from tests.integrations.runner.test_members import (
    EXTERNAL_ID,
    ONE,
    ROLE,
    SHUT,
    TWO,
    access,
    aws,
    collected,
    let_in,
    members,
    parent,
    reached,
)

__all__ = ["aws", "parent"]
pytestmark = pytest.mark.django_db(transaction=True)
AGREED: dict[str, Any] = {"regions": ["eu-central-1"], "join": False, "environment": "staging", "criticality": 1}
FORM = {"role_name": ROLE, "external_id": EXTERNAL_ID, "which": "all", "regions": "us-east-1", "join": "on",
        "environment": "unknown", "criticality": "2"}  # fmt: skip
HTMX = {"HX-Request": "true"}


@pytest.fixture
def known(parent: Connection) -> Connection:
    """The listing account, read."""
    collected(parent)
    return parent


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Connections whose members workers were asked to ask; none comes."""
    found: list[str] = []
    monkeypatch.setattr(tasks.ask_members, "delay", found.append)
    return found


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_user("ada", Role.ADMINISTRATOR))
    return client


def address(known: Connection) -> str:
    return f"/sources/{known.source_id}/members/"


def page(admin: Client, known: Connection) -> str:
    return admin.get(f"/sources/{known.source_id}/").content.decode()


def test_no_account_is_asked_before_the_page_answers(
    admin: Client, known: Connection, aws: SimulatedAws, handed: list[str]
) -> None:
    aws.calls.clear()
    assert admin.post(address(known), FORM).status_code == 303
    assert (aws.calls.count("sts", "AssumeRole"), handed) == (0, [str(known.pk)])
    shown = page(admin, known)
    assert "3 accounts are being asked" in shown
    assert shown.count("Being asked") == 3
    assert "Show how far it is" in shown
    tasks.ask_members(str(known.pk))
    assert "being asked" not in page(admin, known)
    assert reached(known) == {ONE, TWO}


def test_where_nobody_is_left_to_be_asked_the_page_says_so(admin: Client, known: Connection, aws: SimulatedAws) -> None:
    let_in(aws, SHUT)
    services.connect_members(parent=known, access=access())
    assert admin.post(address(known), FORM).status_code == 303
    assert "No account is left to be asked." in page(admin, known)


def test_accounts_that_refused_are_not_asked_before_the_page_answers(
    admin: Client, known: Connection, aws: SimulatedAws, handed: list[str]
) -> None:
    services.connect_members(parent=known, access=access())
    aws.calls.clear()
    assert admin.post(f"{address(known)}ask/").status_code == 303
    assert (aws.calls.count("sts", "AssumeRole"), handed) == (0, [str(known.pk)])
    assert members(Connection.objects.get(pk=known.pk))[SHUT] is Standing.ASKED


def test_a_choice_whose_message_was_lost_is_handed_out_again_and_no_sooner(
    known: Connection, handed: list[str]
) -> None:
    services.choose_members(parent=known, access=access())
    assert services.members_due(at=timezone.now()) == []
    later = timezone.now() + timedelta(minutes=3)
    assert services.members_due(at=later) == [known.pk]
    assert services.members_due(at=later) == [], "somebody is at it"
    services.ask_chosen(parent=known)
    assert services.members_due(at=later + timedelta(days=1)) == []
    assert tasks.hand_out() >= 0
    assert handed == []


def test_a_worker_that_dies_halfway_leaves_the_rest_to_the_next(
    known: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "TOGETHER", 1)
    services.choose_members(parent=known, access=access())
    stored: list[Any] = []
    store = asking._store

    def once(*given: Any) -> None:
        if stored:
            raise KeyboardInterrupt
        stored.append(given)
        store(*given)

    monkeypatch.setattr(asking, "_store", once)
    with pytest.raises(KeyboardInterrupt):
        services.ask_chosen(parent=known)
    assert reached(known) == {ONE}
    monkeypatch.setattr(asking, "_store", store)
    services.ask_chosen(parent=known)
    assert reached(known) == {ONE, TWO}


def test_who_is_chosen_while_others_are_asked_is_asked_too(known: Connection) -> None:
    services.choose_members(parent=known, access=access(accounts=[ONE]))
    services.choose_members(parent=known, access=access(accounts=[TWO]))
    services.ask_chosen(parent=known)
    assert reached(known) == {ONE, TWO}


def agreed(known: Connection) -> dict[str, Any]:
    known.refresh_from_db()
    terms = {name: known.settings["members"][name] for name in ("role_name", *AGREED)}
    return terms | {"external_id": registry.secret_of(known)["members_external_id"]}


def test_naming_accounts_alone_leaves_what_was_agreed(admin: Client, known: Connection) -> None:
    services.connect_members(parent=known, access=access(accounts=[ONE], **AGREED))
    before = agreed(known)
    assert before == AGREED | {"role_name": ROLE, "external_id": EXTERNAL_ID}
    asked = json.dumps({"accounts": [TWO]})
    admin.post(f"/api/v1/connections/{known.pk}/members/", asked, content_type="application/json")
    assert agreed(known) == before
    assert reached(known) == {ONE, TWO}


def test_naming_one_account_more_keeps_who_else_joins_and_who_refused(known: Connection) -> None:
    services.connect_members(parent=known, access=access())
    services.connect_members(parent=known, access=MemberAccess(accounts=[ONE]))
    known.refresh_from_db()
    assert known.settings["members"]["left_out"] == []
    assert members(known)[SHUT] is Standing.REFUSED


def test_the_form_offers_what_was_agreed(admin: Client, known: Connection) -> None:
    services.connect_members(parent=known, access=access(accounts=[ONE], **AGREED))
    shown = page(admin, known)
    assert f'name="external_id" value="{EXTERNAL_ID}"' in shown
    assert f'name="role_name" value="{ROLE}"' in shown
    assert re.search(r'name="join"[^>]*checked', shown) is None


def test_wrong_terms_are_told_in_one_place_and_not_as_a_page_in_the_page(admin: Client, known: Connection) -> None:
    for wrong in ({"role_name": "Nope Role!"}, {"regions": "mars-1"}, {"which": "chosen"}):
        answer = admin.post(address(known), FORM | wrong | {"action": "test"}, headers=HTMX)
        told = answer.content.decode()
        assert answer.status_code == 422
        assert "<h1" not in told
        assert "<form" not in told
        assert 'class="note' in told


@pytest.mark.parametrize("path", ["members/", "members/ask/", "collect/", "schedule/"])
def test_an_address_that_only_takes_changes_leads_back_to_the_source(
    admin: Client, known: Connection, path: str
) -> None:
    answer = admin.get(f"/sources/{known.source_id}/{path}")
    assert (answer.status_code, answer["Location"]) == (302, f"/sources/{known.source_id}/")


def test_a_role_that_exists_nowhere_is_not_connected(admin: Client, known: Connection) -> None:
    given = FORM | {"role_name": "Nowhere", "action": "test"}
    told = admin.post(address(known), given, headers=HTMX).content.decode()
    assert "Not connected." in told
    assert "None of 3 accounts lets us in." in told
    assert "can connect now" not in told
    one = given | {"which": "chosen", "accounts": [ONE]}
    told = admin.post(address(known), one, headers=HTMX).content.decode()
    assert "Not connected." in told
    assert f"arn:aws:iam::{ONE}:role/Nowhere cannot be assumed" in told


def test_only_the_first_of_many_accounts_are_tried(known: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TRIED", 1)
    trial = services.try_members(parent=known, access=access())
    assert (len(trial.asked), trial.of) == (1, 3)


def test_what_is_no_account_id_gets_into_no_role(known: Connection, aws: SimulatedAws) -> None:
    odd = Member("1:role/x", "odd", "aws", Standing.FREE)
    aws.calls.clear()
    asked = asking._asked(known, {"role_name": ROLE, "regions": ["us-east-1"]}, EXTERNAL_ID, [odd])
    assert asked == {"1:role/x": "An account id has 12 digits."}
    assert len(aws.calls.all()) == 0
