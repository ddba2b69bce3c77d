"""Every address refuses whoever may not see it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import Connection
from tests.builders import bob, charlie
from tests.ui.addresses import OPEN_TO_ALL, address, page_names
from tests.ui.conftest import HTMX, Estate, signed_in

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"
SIGNED_OUT_TOO = frozenset({"accounts:sign-out"})


def test_the_walk_finds_the_pages() -> None:
    assert {"pages:overview", "posture:finding", "inventory:asset", "integrations:connect-aws"} <= set(page_names())
    assert len(page_names()) >= 25


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", [name for name in page_names() if name not in OPEN_TO_ALL | SIGNED_OUT_TOO])
def test_the_anonymous_is_sent_to_sign_in(name: str, method: str) -> None:
    response = getattr(Client(), method)(address(name))
    assert response.status_code in {302, 405}
    if response.status_code == 302:
        assert response["Location"].startswith(SIGN_IN)
        assert "next=" in response["Location"]


@pytest.mark.parametrize("name", ["pages:overview", "posture:findings", "inventory:assets", "accounts:settings"])
def test_somebody_switched_off_is_sent_to_sign_in(name: str) -> None:
    assert signed_in(charlie()).get(address(name))["Location"].startswith(SIGN_IN)


def test_htmx_is_told_to_load_the_sign_in_page() -> None:
    response = Client().get(address("posture:findings"), headers=HTMX)
    assert (response.status_code, response["HX-Redirect"].startswith(SIGN_IN)) == (204, True)


@pytest.mark.parametrize("name", ["connect-aws", "connect-kubernetes", "connect-snapshot", "remove-source"])
def test_a_viewer_may_not_connect_or_remove(estate: Estate, name: str) -> None:
    response = signed_in(bob()).get(address(f"integrations:{name}", pk=estate.source.pk))
    assert response.status_code == 403
    assert "Your role does not allow this" in response.content.decode()


def test_a_viewer_may_not_start_a_run(estate: Estate) -> None:
    Connection.objects.create(source=estate.source, kind="aws")
    response = signed_in(bob()).post(reverse("integrations:start-run", args=[estate.source.pk]))
    assert response.status_code == 403
    assert not estate.source.runs.exists()


def test_a_refusal_reaches_htmx_as_one_line(estate: Estate) -> None:
    response = signed_in(bob()).get(address("integrations:connect-aws"), headers=HTMX)
    assert response.status_code == 403
    assert response["HX-Retarget"] == "#flash"
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize("name", ["inventory:asset", "posture:finding", "integrations:source", "integrations:run"])
def test_what_does_not_exist_is_a_404_in_words(estate: Estate, name: str) -> None:
    response = signed_in(bob()).get(address(name))
    assert response.status_code == 404
    assert "gone, or was never here" in response.content.decode()


def test_a_form_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob())
    assert client.post(reverse("accounts:theme"), {"theme": "dark"}).status_code == 403


def test_after_signing_in_nobody_is_sent_to_another_site() -> None:
    bob()
    words = {"username": "bob", "password": "correct horse battery", "next": "https://evil.example/"}
    assert Client().post(SIGN_IN, words)["Location"] == "/"
