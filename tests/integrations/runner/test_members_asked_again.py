"""What is said of members when they are connected, and how often those that refuse are asked."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from aispm.accounts.models import Role
from demo.aws import SimulatedAws
from integrations import queries, services
from integrations.models import Connection
from integrations.queries import Standing
from inventory.models import Source
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
SAID: dict[str, Any] = {"environment": "development", "criticality": 1, "owner": "two@halden.example"}
OF_PARENT: dict[str, Any] = {"environment": "production", "criticality": 3, "owner": "platform@halden.example"}


def said_of(account: str) -> dict[str, Any]:
    return dict(Source.objects.values(*SAID).get(external_id=account))


@pytest.fixture
def known(parent: Connection) -> Connection:
    """The listing account, read, with something said of it."""
    Source.objects.filter(pk=parent.source_id).update(**OF_PARENT)
    parent.source.refresh_from_db()
    collected(parent)
    return parent


def administrator() -> Client:
    client = Client()
    client.force_login(make_user("ada", Role.ADMINISTRATOR))
    return client


def test_members_have_what_is_said_of_the_listing_account_unless_something_else_is(known: Connection) -> None:
    services.connect_members(parent=known, access=access(accounts=[ONE]))
    services.connect_members(parent=known, access=access(accounts=[TWO], **SAID))
    assert (said_of(ONE), said_of(TWO)) == (OF_PARENT, SAID)


def test_what_is_said_holds_for_those_that_join_later(parent: Connection) -> None:
    services.connect_members(parent=parent, access=access(join=True, **SAID))
    collected(parent)
    assert said_of(ONE) == said_of(TWO) == SAID


def test_the_form_offers_what_the_listing_account_has_and_takes_what_is_chosen(known: Connection) -> None:
    client, address = administrator(), f"/sources/{known.source_id}/members/"
    page = client.get(f"/sources/{known.source_id}/").content.decode()
    assert '<option value="production" selected>' in page
    assert OF_PARENT["owner"] in page
    given = {"role_name": ROLE, "external_id": EXTERNAL_ID, "which": "all", "regions": "us-east-1", **SAID}
    assert client.post(address, given).status_code == 303
    assert said_of(ONE) == SAID


def test_the_api_takes_what_is_said_of_members(known: Connection) -> None:
    asked = {"role_name": ROLE, "external_id": EXTERNAL_ID, "accounts": [ONE], **SAID}
    address = f"/api/v1/connections/{known.pk}/members/"
    client = administrator()
    assert client.post(address, json.dumps(asked), content_type="application/json").status_code == 202
    assert said_of(ONE) == SAID
    wrong = json.dumps(asked | {"environment": "moon"})
    assert client.post(address, wrong, content_type="application/json").status_code == 422


def test_the_command_says_it_of_members_reached_through_a_connected_account(known: Connection) -> None:
    given = {"external_id": EXTERNAL_ID, "accounts": ONE, **SAID}
    call_command("connect", "aws", organization=True, through="management", **given)
    assert said_of(ONE) == SAID
    assert said_of(known.source.external_id) == OF_PARENT


def test_an_account_that_refuses_is_asked_less_and_less_often_but_every_day(
    known: Connection, aws: SimulatedAws
) -> None:
    services.connect_members(parent=known, access=access(join=True))
    start, asked = timezone.now(), []
    for hour in range(128):
        aws.calls.clear()
        services.join_members(parent=known, at=start + timedelta(hours=hour))
        if aws.calls.count("sts", "AssumeRole"):
            asked.append(hour)
    assert asked == [1, 3, 7, 15, 31, 55, 79, 103, 127]


def test_an_account_that_is_found_meanwhile_does_not_wait_for_one_that_refuses(
    known: Connection, aws: SimulatedAws
) -> None:
    services.connect_members(parent=known, access=access(join=True))
    removal = services.remove_source(source=Source.objects.get(external_id=ONE))
    services.perform_removal(run_id=removal.pk)
    known.refresh_from_db()
    known.settings["members"]["left_out"] = []
    known.save()
    services.join_members(parent=known, at=timezone.now())
    assert members(known)[ONE] is Standing.CONNECTED
    assert members(known)[SHUT] is Standing.REFUSED, "it waits, and stays as it was"


def test_the_page_says_when_it_is_asked_again_and_asks_now(known: Connection, aws: SimulatedAws) -> None:
    services.connect_members(parent=known, access=access(join=True))
    later = timezone.now() + timedelta(hours=1)
    for _ in range(3):
        services.join_members(parent=known, at=later)
        later += timedelta(hours=8)
    client, address = administrator(), f"/sources/{known.source_id}/members/ask/"
    page = client.get(f"/sources/{known.source_id}/").content.decode()
    assert "Asked again" in page
    assert address in page
    client.post(address)
    (again_at,) = [one.again_at for one in queries.members_for_system(fresh(known)) if one.account == SHUT]
    assert again_at is not None
    assert again_at <= timezone.now() + timedelta(hours=1), "it waits as at first"
    let_in(aws, SHUT)
    assert client.post(address).status_code == 303
    assert reached(known) == {ONE, TWO, SHUT}


def fresh(connection: Connection) -> Connection:
    return Connection.objects.select_related("source").get(pk=connection.pk)


def test_only_who_manages_sources_asks_now(known: Connection) -> None:
    services.connect_members(parent=known, access=access(join=True))
    viewer = Client()
    viewer.force_login(make_user("bob", Role.VIEWER))
    assert viewer.post(f"/sources/{known.source_id}/members/ask/").status_code == 403
    page = viewer.get(f"/sources/{known.source_id}/").content.decode()
    assert "Asked again" in page
    assert "Ask now" not in page


def test_where_later_accounts_are_not_wanted_nobody_is_said_to_be_asked_again(known: Connection) -> None:
    services.connect_members(parent=known, access=access(join=False))
    found = {one.account: one for one in queries.members_for_system(known)}
    assert (found[SHUT].standing, found[SHUT].again_at) == (Standing.REFUSED, None)
    told = {row["account"]: row for row in administrator().get(f"/api/v1/connections/{known.pk}/members/").json()}
    assert told[SHUT]["again_at"] is None
