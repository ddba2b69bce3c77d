"""Signing in, preferences and tokens."""

from __future__ import annotations

import re
import shlex
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from aispm.accounts.forms import SCOPES
from aispm.accounts.models import ApiToken, User
from findings.posture.api.viewsets import FindingViewSet, PostureView
from integrations.api.viewsets import RunViewSet
from integrations.models import Purpose, Run
from inventory.api.viewsets import AssetViewSet, SourceViewSet
from tests.builders import make_user
from tests.ui.conftest import signed_in

pytestmark = pytest.mark.django_db
TOKENS = "/accounts/settings/tokens/"


def test_a_wrong_password_is_said_in_words() -> None:
    make_user("alice")
    page = Client().post("/accounts/sign-in/", {"username": "alice", "password": "wrong"})
    assert "Name and password do not match" in page.content.decode()


def test_signing_out_ends_the_session(viewer: Client) -> None:
    viewer.post("/accounts/sign-out/")
    assert viewer.get("/").status_code == 302


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_theme_is_rendered_by_the_server(viewer: Client, theme: str) -> None:
    viewer.post(reverse("accounts:theme"), {"theme": theme, "next": "/rules/"})
    assert f'data-bs-theme="{theme}"' in viewer.get("/accounts/settings/").content.decode()


def test_an_unknown_theme_changes_nothing(viewer: Client) -> None:
    viewer.post(reverse("accounts:theme"), {"theme": "pink"})
    assert User.objects.get(username="viewer").theme == "auto"


def test_the_theme_switch_comes_back_to_the_page_but_to_no_other_site(viewer: Client) -> None:
    assert viewer.post(reverse("accounts:theme"), {"theme": "dark", "next": "/rules/"})["Location"] == "/rules/"
    away = viewer.post(reverse("accounts:theme"), {"theme": "dark", "next": "https://evil.example/"})
    assert away["Location"] == "/"


def test_shortcuts_can_be_switched_off(viewer: Client) -> None:
    viewer.post(reverse("accounts:preferences"), {"theme": "light"})
    page = viewer.get("/accounts/settings/").content.decode()
    assert 'data-shortcuts="off"' in page
    assert 'id="keys"' not in page


PASSWORD = "/accounts/settings/password/"
OLD, NEW = "correct horse battery", "a longer and quite different one"


def signed_in_with_password() -> Client:
    client = Client()
    assert client.login(username="alice", password=OLD)
    return client


def test_a_new_password_ends_the_other_sessions_and_not_this_one() -> None:
    make_user("alice", password=OLD)
    here, elsewhere = signed_in_with_password(), signed_in_with_password()
    given = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert here.post(PASSWORD, given).status_code == 303
    assert "Your password is changed" in here.get("/accounts/settings/").content.decode()
    assert elsewhere.get("/accounts/settings/").status_code == 302
    assert Client().login(username="alice", password=NEW)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"old_password": "guess"}, "That is not your present password"),
        ({"new_password2": "something else again"}, "match"),
        ({"new_password1": "short", "new_password2": "short"}, "at least 12 characters"),
        ({"new_password1": "qwertyuiop12", "new_password2": "qwertyuiop12"}, "too common"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words(change: dict[str, str], words: str) -> None:
    make_user("alice", password=OLD)
    given = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW} | change
    answer = signed_in_with_password().post(PASSWORD, given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert NEW not in answer.content.decode()
    assert signed_in_with_password()


def test_a_token_is_shown_once_and_only_its_hash_is_kept(viewer: Client) -> None:
    made = viewer.post(TOKENS, {"name": "tickets", "scopes": ["findings:read"], "days": "90"})
    secret = re.search(r"aispm_[\w-]+", made.content.decode())
    assert secret is not None
    assert made["Cache-Control"] == "no-store"
    token = ApiToken.objects.get()
    assert secret[0] not in f"{token.digest}{token.hint}"
    assert secret[0] not in viewer.get("/accounts/settings/").content.decode()


@pytest.mark.parametrize("wrong", [{"scopes": []}, {"name": ""}, {"scopes": ["sources:write"]}, {"days": "9999"}])
def test_a_token_form_with_a_mistake_comes_back_as_422(viewer: Client, wrong: dict[str, object]) -> None:
    given = {"name": "tickets", "scopes": ["findings:read"], "days": "90"} | wrong
    response = viewer.post(TOKENS, given)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode() or "errors" in response.content.decode()
    assert not ApiToken.objects.exists()


def test_a_new_token_comes_with_a_command_that_a_shell_takes_as_it_stands(viewer: Client) -> None:
    page = viewer.post(TOKENS, {"name": "tickets", "scopes": ["findings:read"], "days": "90"}).content.decode()
    words = shlex.split(unescape(re.search(r"curl [^<]*", page)[0]))  # type: ignore[index]
    assert words == ["curl", "-H", "Authorization: Bearer $TOKEN", "http://testserver/api/v1/findings/?limit=5"]
    assert "&quot;http://testserver/" in page


def test_a_token_is_offered_only_what_the_api_asks_for() -> None:
    asked = {needed for view in (FindingViewSet, AssetViewSet, SourceViewSet, PostureView, RunViewSet)
             for needed in view.permissions.values()}  # fmt: skip
    assert set(SCOPES) == asked | {Run(purpose=Purpose.REMOVE).permission}


def test_a_revoked_token_leaves_the_list(viewer: Client) -> None:
    viewer.post(TOKENS, {"name": "tickets", "scopes": ["findings:read"], "days": "90"})
    viewer.post(reverse("accounts:revoke-token", args=[ApiToken.objects.get().pk]))
    assert ApiToken.objects.get().revoked_at is not None
    assert "tickets" not in viewer.get("/accounts/settings/").content.decode()


def test_nobody_revokes_the_token_of_somebody_else(viewer: Client) -> None:
    viewer.post(TOKENS, {"name": "tickets", "scopes": ["findings:read"], "days": "90"})
    other = signed_in(make_user("other"))
    assert other.post(reverse("accounts:revoke-token", args=[ApiToken.objects.get().pk])).status_code == 404
    assert ApiToken.objects.get().revoked_at is None
