"""A query that takes too long is stopped and answered with 503, on pages and in the API."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from findings.posture import queries
from tests import builders

pytestmark = pytest.mark.django_db


def take_too_long(*_args: object, **_options: object) -> object:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20")
        cursor.execute("SELECT pg_sleep(5)")
    raise AssertionError("the database should have stopped this")


def test_connections_have_a_limit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("10s",)


def test_the_database_stops_a_query_that_takes_too_long() -> None:
    with pytest.raises(OperationalError):
        take_too_long()


def test_a_page_and_the_api_answer_503(monkeypatch: pytest.MonkeyPatch) -> None:
    for question in ("findings_for", "findings_listed"):
        monkeypatch.setattr(queries, question, take_too_long)
    user = builders.make_user("bob")
    page, api = Client(), APIClient()
    page.force_login(user)
    api.force_login(user)
    assert page.get("/findings/").status_code == 503
    answer = api.get("/api/v1/findings/")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert int(answer["Retry-After"]) > 0
