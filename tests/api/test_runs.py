"""Starting and cancelling runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from aispm.accounts.models import Role, User
from integrations.models import Purpose, Run, RunState
from inventory.models import Source
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    ids: list[str] = []
    monkeypatch.setattr("integrations.tasks.collect.delay", ids.append)
    return ids


@pytest.fixture
def analyst(calls_as: Callable[[User], APIClient]) -> APIClient:
    return calls_as(builders.make_user("alice", role=Role.ANALYST))


def test_a_run_is_handed_to_a_worker_after_commit(
    analyst: APIClient, source: Source, sent: list[str], django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        answer = analyst.post("/api/v1/runs/", {"source": str(source.pk)})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert sent == [answer.json()["id"]]


def test_a_second_run_of_a_source_is_refused_while_the_first_is_active(
    analyst: APIClient, source: Source, sent: list[str]
) -> None:
    ask = {"source": str(source.pk)}
    assert analyst.post("/api/v1/runs/", ask).status_code == 202
    answer = analyst.post("/api/v1/runs/", ask)
    assert (answer.status_code, answer.json()["status"]) == (409, 409)
    assert Run.objects.count() == 1


@pytest.mark.parametrize("body", [{}, {"source": "nonsense"}, {"source": 5}, {"source": None}])
def test_a_run_without_a_proper_source_is_refused(analyst: APIClient, body: dict[str, object]) -> None:
    answer = analyst.post("/api/v1/runs/", body, format="json")
    assert answer.status_code == 422
    assert "source" in answer.json()["errors"]


@pytest.mark.parametrize("body", [[], ["one"], "one", 1])
def test_a_body_that_is_no_object_is_refused_in_a_sentence(analyst: APIClient, body: object) -> None:
    answer = analyst.post("/api/v1/runs/", body, format="json")
    assert answer.status_code == 422
    assert answer.json()["detail"] == 'Send one JSON object: {"source": "<id of the source>"}.'
    assert "errors" not in answer.json()


def test_a_run_of_an_unknown_source_answers_404(analyst: APIClient) -> None:
    assert analyst.post("/api/v1/runs/", {"source": "0192f0c1-2345-7678-9abc-def012345678"}).status_code == 404


def test_a_run_can_be_called_off_once(analyst: APIClient, source: Source) -> None:
    run = Run.objects.create(source=source)
    assert analyst.post(f"/api/v1/runs/{run.pk}/cancel/").json()["state"] == RunState.CANCELLED
    assert analyst.post(f"/api/v1/runs/{run.pk}/cancel/").status_code == 409


def test_a_removal_is_called_off_only_by_who_may_remove(
    analyst: APIClient, source: Source, calls_as: Callable[[User], APIClient]
) -> None:
    run = Run.objects.create(source=source, purpose=Purpose.REMOVE)
    refused = analyst.post(f"/api/v1/runs/{run.pk}/cancel/")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    page = Client()
    page.force_login(User.objects.get(username="alice"))
    assert page.post(reverse("integrations:cancel-run", args=[run.pk])).status_code == 403
    run.refresh_from_db()
    assert run.state == RunState.QUEUED
    admin = calls_as(builders.make_user("eve", role=Role.ADMINISTRATOR))
    assert admin.post(f"/api/v1/runs/{run.pk}/cancel/").json()["state"] == RunState.CANCELLED
