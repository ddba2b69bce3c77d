"""Members of an organization: found by the management account's collection, each connected once, by a role."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import timezone

from aispm.accounts.models import Role
from aispm.core.crypto import unseal
from aispm.core.errors import Invalid
from demo.aws import SimulatedAws
from demo.aws.build import identity, organization
from demo.aws.build.organization import Member
from demo.aws.build.site import Site
from integrations import queries, registry, services, tasks
from integrations.aws.collector import AwsCollector
from integrations.aws.resources import RESOURCES
from integrations.models import Connection, Run, RunState
from integrations.queries import Standing
from integrations.services import AwsAccess, MemberAccess, SourceDetails
from inventory.models import Asset, Source
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO, SHUT, CLOSED = "222233334444", "333344445555", "444455556666", "555566667777"
ROLE, EXTERNAL_ID = "AispmReader", "members-0123"
KINDS = frozenset({"aws.account", "aws.organizations.organization", "aws.organizations.account"})


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAws]:
    """A management account, two members with the role, one without it, and one that is closed; little is read."""
    few = [row for row in RESOURCES if row.kind in KINDS]
    monkeypatch.setattr(registry, "live_collector", lambda _, public, hidden: AwsCollector(public, hidden, table=few))
    monkeypatch.setattr(tasks.collect, "delay", lambda _run: None)
    monkeypatch.setattr(tasks.ask_members, "delay", tasks.ask_members)
    with SimulatedAws() as simulated:
        site = Site(simulated, "us-east-1", simulated.account_id)
        members = [Member(ONE, "one"), Member(TWO, "two"), Member(SHUT, "shut"), Member(CLOSED, "old", (), "SUSPENDED")]
        organization.organization(site, members)
        for account in (ONE, TWO):
            let_in(simulated, account)
        yield simulated


def let_in(aws: SimulatedAws, account: str) -> None:
    identity.cross_account_role(Site(aws, "us-east-1", account), ROLE, EXTERNAL_ID, aws.account_id)


@pytest.fixture
def parent(aws: SimulatedAws) -> Connection:
    access = AwsAccess(
        regions=["us-east-1"],
        access_key_id=aws.key.access_key_id,
        secret_access_key=aws.key.secret_access_key,
        endpoint_url=aws.url,
    )
    return services.connect_aws(access=access, details=SourceDetails(name="management"))


def collected(connection: Connection) -> Run:
    run = services.request_run(source=connection.source)
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    return run


def members(parent: Connection) -> dict[str, Standing]:
    return {one.account: one.standing for one in queries.members_for_system(parent)}


def access(**more: object) -> MemberAccess:
    return MemberAccess(role_name=ROLE, external_id=EXTERNAL_ID, **more)  # type: ignore[arg-type]


def standings(rows: list[dict[str, str]]) -> dict[str, str]:
    return {row["account"]: row["standing"] for row in rows}


def reached(parent: Connection) -> set[str]:
    found = Connection.objects.filter(settings__through=parent.source.external_id)
    return set(found.values_list("source__external_id", flat=True))


def test_members_are_connected_by_their_role_and_hold_no_key(parent: Connection) -> None:
    collected(parent)
    assert set(members(parent).values()) == {Standing.FREE, Standing.CLOSED}
    found = {one.account: one for one in services.connect_members(parent=parent, access=access())}
    assert {account: one.standing for account, one in found.items()} == {
        ONE: Standing.CONNECTED, TWO: Standing.CONNECTED, SHUT: Standing.REFUSED, CLOSED: Standing.CLOSED,
    }  # fmt: skip
    assert "cannot be assumed" in found[SHUT].why
    one = Connection.objects.get(source__external_id=ONE)
    assert one.secret is not None
    assert unseal(bytes(one.secret)) == {"external_id": EXTERNAL_ID}
    assert one.settings["role_arn"] == f"arn:aws:iam::{ONE}:role/{ROLE}"
    assert collected(one).state == RunState.COMPLETE
    assert Asset.objects.get(source=one.source, kind="aws.account").external_id == ONE


def test_new_keys_of_the_listing_account_serve_its_members(parent: Connection, aws: SimulatedAws) -> None:
    collected(parent)
    services.connect_members(parent=parent, access=access(join=True))
    key = aws.keys.user_key(aws.account_id, "other")
    changed = AwsAccess(["us-east-1"], "", "", key.access_key_id, key.secret_access_key, "", aws.url)
    services.connect_aws(access=changed, details=SourceDetails())
    public, hidden = registry.parts_of(Connection.objects.get(source__external_id=ONE))
    assert (hidden["access_key_id"], public["endpoint_url"]) == (key.access_key_id, aws.url)
    parent.refresh_from_db()
    assert parent.settings["members"]["join"], "connecting again keeps what holds for members"
    let_in(aws, SHUT)
    services.choose_refused(parent=parent)
    services.ask_chosen(parent=parent)
    assert members(parent)[SHUT] is Standing.CONNECTED


def test_whom_the_first_collection_finds_is_connected_after_it(parent: Connection) -> None:
    assert services.connect_members(parent=parent, access=access(join=True)) == []
    assert reached(parent) == set()
    collected(parent)
    assert reached(parent) == {ONE, TWO}
    assert len(services.take_due_runs(at=timezone.now())) == 2


def test_an_account_that_joins_later_is_connected_only_where_that_was_asked_for(
    parent: Connection, aws: SimulatedAws
) -> None:
    later = "666677778888"
    for join, expected in ((False, {ONE, TWO}), (True, {ONE, TWO, later})):
        services.connect_members(parent=parent, access=access(join=join))
        collected(parent)
        site = Site(aws, "us-east-1", aws.account_id)
        services.connect_members(parent=parent, access=access(join=join))
        if later not in members(parent):
            organization.organization(site, [Member(ONE, "one"), Member(TWO, "two"), Member(later, "later")])
            let_in(aws, later)
        collected(parent)
        assert reached(parent) == expected


def test_only_the_chosen_are_connected_and_the_others_do_not_follow(parent: Connection) -> None:
    collected(parent)
    services.connect_members(parent=parent, access=access(accounts=[ONE], join=True))
    collected(parent)
    assert reached(parent) == {ONE}


def test_a_member_that_was_removed_does_not_come_back_by_itself(parent: Connection) -> None:
    collected(parent)
    services.connect_members(parent=parent, access=access(join=True))
    removal = services.remove_source(source=Source.objects.get(external_id=ONE))
    services.perform_removal(run_id=removal.pk)
    collected(parent)
    assert reached(parent) == {TWO}
    services.connect_members(parent=parent, access=access(accounts=[ONE], join=True))
    assert reached(parent) == {ONE, TWO}


def test_an_account_that_left_keeps_its_source_and_says_so(parent: Connection, aws: SimulatedAws) -> None:
    collected(parent)
    services.connect_members(parent=parent, access=access())
    aws.remove("organizations.account", ONE)
    collected(parent)
    assert members(parent)[ONE] is Standing.LEFT
    client = Client()
    client.force_login(make_user("ada", Role.VIEWER))
    page = client.get(f"/sources/{Source.objects.get(external_id=ONE).pk}/").content.decode()
    assert "no longer in the organization" in page


def test_without_the_listing_account_a_member_says_what_is_missing(parent: Connection) -> None:
    collected(parent)
    services.connect_members(parent=parent, access=access())
    client = Client()
    client.force_login(make_user("ada", Role.ADMINISTRATOR))
    page = client.get(f"/sources/{parent.source_id}/remove/").content.decode()
    assert "2 other accounts are reached through this one" in page
    one = Connection.objects.get(source__external_id=ONE)
    parent.delete()
    run = collected(one)
    assert run.state == RunState.FAILED
    assert f"reached through account {parent.source.external_id}, which is not connected any more" in run.error


def test_two_at_once_connect_nobody_twice(parent: Connection) -> None:
    collected(parent)
    together = threading.Barrier(3)

    def connect(_number: int) -> None:
        mine = Connection.objects.select_related("source").get(pk=parent.pk)
        together.wait(20)
        try:
            services.connect_members(parent=mine, access=access(join=True))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(connect, range(3)))
    assert reached(parent) == {ONE, TWO}
    assert Source.objects.count() == 3


@pytest.mark.parametrize(
    ("changes", "where", "words"),
    [
        ({"role_name": "arn:aws:iam::1:role/x"}, "role_name", "name of the role alone"),
        ({"accounts": ["999999999999"]}, "accounts", "Not in the organization: 999999999999"),
        ({"regions": ["us-esat-1"]}, "regions", "no such region"),
    ],
)
def test_wrong_terms_are_refused_and_change_nothing(
    parent: Connection, changes: dict[str, object], where: str, words: str
) -> None:
    collected(parent)
    given = {"role_name": ROLE, "external_id": EXTERNAL_ID} | changes
    with pytest.raises(Invalid, match=words) as refused:
        services.connect_members(parent=parent, access=MemberAccess(**given))  # type: ignore[arg-type]
    assert refused.value.where == where
    parent.refresh_from_db()
    assert "members" not in parent.settings


def test_an_account_that_is_told_of_no_members_says_so(parent: Connection, aws: SimulatedAws) -> None:
    aws.faults.inject("denied", "organizations", "ListAccounts")
    collected(parent)
    parent.source.refresh_from_db()
    with pytest.raises(Invalid, match="is not told which accounts"):
        services.connect_members(parent=parent, access=access())


def test_the_page_says_why_nobody_is_listed_where_members_are_wanted(parent: Connection, aws: SimulatedAws) -> None:
    client = Client()
    client.force_login(make_user("ada", Role.VIEWER))
    page = f"/sources/{parent.source_id}/"
    assert "Member accounts" not in client.get(page).content.decode()
    services.connect_members(parent=parent, access=access(join=True))
    assert "when it has been collected for the first time" in client.get(page).content.decode()
    aws.faults.inject("denied", "organizations", "ListAccounts")
    collected(parent)
    assert "is not told which accounts its organization has" in client.get(page).content.decode()


def test_the_page_tests_the_role_and_connects_members(parent: Connection) -> None:
    collected(parent)
    client = Client()
    client.force_login(make_user("ada", Role.ADMINISTRATOR))
    page, address = f"/sources/{parent.source_id}/", f"/sources/{parent.source_id}/members/"
    assert "Member accounts" in client.get(page).content.decode()
    given = {"role_name": ROLE, "external_id": EXTERNAL_ID, "which": "all", "regions": "us-east-1", "join": "on",
             "environment": "unknown", "criticality": "2"}  # fmt: skip
    tested = client.post(address, given | {"action": "test"}).content.decode()
    assert "Reached 2 of 3 accounts by their role, and tried everything that is read in one, two." in tested
    assert f"<li>{SHUT}</li>" in tested
    assert reached(parent) == set()
    assert client.post(address, given | {"which": "chosen"}).status_code == 422
    assert client.post(address, given).status_code == 303
    assert reached(parent) == {ONE, TWO}
    viewer = Client()
    viewer.force_login(make_user("bob", Role.VIEWER))
    assert viewer.post(address, given).status_code == 403
    assert "Connect members" not in viewer.get(page).content.decode()


def test_the_test_of_members_reads_what_their_role_may_read(parent: Connection, aws: SimulatedAws) -> None:
    collected(parent)
    aws.faults.inject("denied", "account", "GetAlternateContact")
    aws.faults.inject("denied", "iam", "ListAccountAliases")
    aws.calls.clear()
    trial = services.try_members(parent=parent, access=access(accounts=[ONE, SHUT]))
    assert {account: bool(why) for account, why in trial.asked.items()} == {ONE: False, SHUT: True}
    assert "iam:ListAccountAliases" in {check.permission for check in trial.reads["one"]}
    asked = {(one.service, one.operation) for one in aws.calls.all() if one.account == ONE}
    aws.calls.clear()
    services.connect_members(parent=parent, access=access(accounts=[ONE]))
    with registry.collector_for(Connection.objects.get(source__external_id=ONE)) as reader:
        services.examine(reader)
    assert asked == {(one.service, one.operation) for one in aws.calls.all() if one.account == ONE}


def test_a_members_own_page_tests_and_keeps_the_keys_of_the_listing_account(parent: Connection) -> None:
    collected(parent)
    services.connect_members(parent=parent, access=access())
    one = Connection.objects.get(source__external_id=ONE)
    client = Client()
    client.force_login(make_user("ada", Role.ADMINISTRATOR))
    address = f"/sources/connect/aws/?source={one.source_id}"
    page = client.get(address).content.decode()
    assert f"with the keys of account {parent.source.external_id}" in page
    given = {"regions": "us-east-1", "role_arn": one.settings["role_arn"], "external_id": EXTERNAL_ID,
             "environment": "staging", "criticality": 3}  # fmt: skip
    assert f"Reached AWS {ONE}" in client.post(address, given | {"action": "test"}).content.decode()
    assert client.post(address, given).status_code == 303
    changed = Connection.objects.select_related("source").get(pk=one.pk)
    assert (changed.settings["through"], changed.source.environment) == (parent.source.external_id, "staging")


def test_the_api_lists_and_connects_members(parent: Connection) -> None:
    collected(parent)
    client = Client()
    client.force_login(make_user("ada", Role.ADMINISTRATOR))
    address = f"/api/v1/connections/{parent.pk}/members/"
    assert {row["standing"] for row in client.get(address).json()} == {"not connected", "closed"}
    asked = {"role_name": ROLE, "external_id": EXTERNAL_ID, "accounts": [ONE]}
    answer = client.post(address, json.dumps(asked), content_type="application/json")
    assert (answer.status_code, standings(answer.json())[ONE]) == (202, "being asked")
    assert standings(client.get(address).json())[ONE] == "connected"
    told = client.get(f"/api/v1/connections/{parent.pk}/").json()
    assert EXTERNAL_ID not in json.dumps(told)
    assert "members" not in told["settings"]


def test_the_command_connects_through_a_connected_account_and_says_that_one_refuses(
    parent: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    collected(parent)
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        call_command("connect", "aws", organization=True, through="management", external_id=EXTERNAL_ID, json=True)
    assert ended.value.code == 3
    told = capsys.readouterr()
    assert standings(json.loads(told.out)["members"]) == {
        ONE: "connected", TWO: "connected", SHUT: "cannot be assumed", CLOSED: "closed",
    }  # fmt: skip
    assert told.err == "", "words for people only"
    assert reached(parent) == {ONE, TWO}


@pytest.mark.parametrize(("account", "code"), [(ONE, 0), (SHUT, 3)])
def test_only_those_that_were_asked_count_for_the_exit_code(parent: Connection, account: str, code: int) -> None:
    collected(parent)
    services.connect_members(parent=parent, access=access())
    ended = 0
    try:
        call_command("connect", "aws", organization=True, through="management", accounts=account)
    except SystemExit as end:
        ended = int(end.code or 0)
    assert ended == code
