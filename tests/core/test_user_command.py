"""`aispm user`."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from aispm.accounts import services
from aispm.accounts.models import Role, User
from aispm.core.errors import Conflict

pytestmark = pytest.mark.django_db
GOOD, OTHER = "correct-horse-battery", "another-horse-battery"


def run(*arguments: str, stdin: str = "", monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    out = io.StringIO()
    if monkeypatch is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    call_command("user", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def bob(monkeypatch: pytest.MonkeyPatch) -> User:
    run("add", "bob", "--role", "analyst", stdin=f"{GOOD}\n", monkeypatch=monkeypatch)
    return User.objects.get(username="bob")


def test_somebody_who_was_added_can_sign_in(bob: User, client: Client) -> None:
    assert bob.role == Role.ANALYST
    assert client.login(username="bob", password=GOOD)


def test_a_weak_password_or_a_strange_name_adds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="too short"):
        run("add", "eve", stdin="short\n", monkeypatch=monkeypatch)
    with pytest.raises(CommandError):
        run("add", "eve", stdin="", monkeypatch=monkeypatch)
    with pytest.raises(CommandError, match="letters"):
        run("add", "no spaces, please!", stdin=f"{GOOD}\n", monkeypatch=monkeypatch)
    assert not User.objects.exists()


def test_a_name_is_given_once_and_an_unknown_one_is_named(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="already"):
        run("add", "bob", stdin=f"{GOOD}\n", monkeypatch=monkeypatch)
    with pytest.raises(CommandError, match="already"):
        run("add", "BOB", stdin=f"{GOOD}\n", monkeypatch=monkeypatch)
    with pytest.raises(Conflict, match="already"):
        services.add_user(name="Bob", role=Role.VIEWER, password=GOOD)
    with pytest.raises(CommandError, match="nobody called alice"):
        run("deactivate", "alice")


def test_a_new_password_ends_the_sessions(bob: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.force_login(bob)
    assert "API tokens stay valid" in run("password", "bob", stdin=f"{OTHER}\n", monkeypatch=monkeypatch)
    assert client.get("/").status_code == 302
    assert client.login(username="bob", password=OTHER)


def test_who_was_deactivated_is_out_until_activated(bob: User, client: Client) -> None:
    client.force_login(bob)
    run("deactivate", "bob")
    assert client.get("/").status_code == 302
    assert "deactivated" in run("list")
    run("activate", "bob")
    assert client.login(username="bob", password=GOOD)


def test_the_last_administrator_stays(bob: User) -> None:
    alice = User.objects.create_user("alice", password=GOOD, role=Role.ADMINISTRATOR)
    for refused in (("deactivate", "alice"), ("role", "alice", "viewer")):
        with pytest.raises(CommandError, match="last administrator"):
            run(*refused)
    run("role", "bob", "administrator")
    run("role", "alice", "viewer")
    alice.refresh_from_db()
    assert alice.role == Role.VIEWER
    rows: list[dict[str, Any]] = json.loads(run("list", "--json"))
    assert [(row["username"], row["role"]) for row in rows] == [("alice", "viewer"), ("bob", "administrator")]


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_give_up_at_once_one_stays() -> None:
    first, second = (User.objects.create_user(name, role=Role.ADMINISTRATOR) for name in ("alice", "carol"))
    refused: list[Conflict] = []

    def give_up() -> None:
        try:
            services.set_active(user=second, active=False)
        except Conflict as conflict:
            refused.append(conflict)
        finally:
            connection.close()

    other = threading.Thread(target=give_up)
    with transaction.atomic():
        services.set_role(user=first, role=Role.VIEWER)
        other.start()
        other.join(0.3)
        assert other.is_alive(), "it waits for the first"
    other.join(10)
    assert len(refused) == 1
    assert User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count() == 1
