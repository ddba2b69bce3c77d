"""Whatever goes wrong below /api/ is answered as a problem, and nothing that is sent breaks it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from rest_framework.test import APIClient

from aispm.accounts.models import Role, User
from aispm.pages.index import NAMES
from findings.posture import queries
from inventory.models import Asset
from tests import builders

pytestmark = pytest.mark.django_db
LISTS = ("sources", "scopes", "assets", "links", "findings", "rules", "runs")
FAR = ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01", "9999-12-31T23:59:59.999999Z")
LONE: tuple[Any, ...] = ("\ud800", ["\ud800"], {"a": "\ud800"}, ["a", None])
NASTY: tuple[Any, ...] = ("a\x00b", *FAR, *LONE, 10**30, -(2**63), 1e308, float("nan"), True, [], {}, "", None)


def problem(answer: Any) -> tuple[int, int]:
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["title"]
    assert body["detail"]
    return answer.status_code, body["status"]


@pytest.mark.parametrize("path", ["/api/nowhere/", "/api/v1/nowhere/", "/api/v1/findings/1/", "/api/v2/findings"])
def test_an_address_that_does_not_exist_is_a_problem(path: str) -> None:
    assert problem(Client().get(path)) == (404, 404)


@pytest.mark.parametrize("path", ["/nowhere/", "/findings/1/"])
def test_elsewhere_it_is_a_page(path: str) -> None:
    assert Client().get(path)["Content-Type"].startswith("text/html")


def test_a_method_that_is_not_offered_is_a_problem(viewer: APIClient) -> None:
    assert problem(viewer.patch("/api/v1/")) == (405, 405)


def test_a_fault_of_ours_is_a_problem_without_details(viewer: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the inner workings")

    monkeypatch.setattr(queries, "posture_now", fail)
    viewer.raise_request_exception = False
    answer = viewer.get("/api/v1/posture/")
    assert problem(answer) == (500, 500)
    assert "inner workings" not in answer.content.decode()


def test_a_body_that_is_no_json_is_a_problem(calls_as: Callable[[User], APIClient]) -> None:
    analyst = calls_as(builders.make_user("alice", role=Role.ANALYST))
    assert problem(analyst.post("/api/v1/runs/", "{", content_type="application/json")) == (400, 400)


def test_a_write_takes_no_parameters_and_offers_none(calls_as: Callable[[User], APIClient]) -> None:
    analyst = calls_as(builders.make_user("alice", role=Role.ANALYST))
    answer = analyst.post("/api/v1/runs/?fields=id", {}, format="json")
    assert problem(answer) == (422, 422)
    assert answer.json()["detail"] == "No such parameter: fields. None is taken here."


def test_an_unknown_parameter_is_refused_with_those_that_are_known(viewer: APIClient) -> None:
    answer = viewer.get("/api/v1/findings/?severty=high")
    assert problem(answer) == (422, 422)
    assert "severity" in answer.json()["detail"]


@pytest.mark.parametrize("listing", ["assets", "findings", "scopes", "links", "runs"])
@pytest.mark.parametrize("source", ["abc", "00000000-0000-0000-0000-000000000000"])
def test_a_source_that_does_not_exist_is_refused_by_name(viewer: APIClient, listing: str, source: str) -> None:
    answer = viewer.get(f"/api/v1/{listing}/", {"source": source})
    assert problem(answer) == (422, 422)
    assert answer.json()["detail"] == f"Source: There is no source {source}."


@pytest.mark.parametrize(("sent", "told"), [("Token x", "Authorization: Bearer"), ("aispm_x", "Authorization: Bearer")])
def test_another_scheme_is_told_that_bearer_is_needed(sent: str, told: str) -> None:
    answer = Client().get("/api/v1/", headers={"Authorization": sent})
    assert problem(answer) == (401, 401)
    assert told in answer.json()["detail"]


def test_what_a_gateway_before_us_asks_for_leaves_a_session_alone() -> None:
    client = Client()
    client.force_login(builders.make_user("alice", role=Role.VIEWER))
    assert client.get("/api/v1/", headers={"Authorization": "Basic Z2F0ZTpnYXRl"}).status_code == 200


def test_the_head_of_the_api_names_every_list() -> None:
    from django.urls import get_resolver

    lists = {
        name for name in get_resolver().reverse_dict if str(name).startswith("api-") and str(name).endswith("-list")
    }
    assert lists
    assert lists <= set(NAMES.values())


def test_the_head_of_the_api_leads_to_everything(viewer: APIClient) -> None:
    for name, address in viewer.get("/api/v1/").json().items():
        answer = viewer.get(address, {"step": "data"} if name == "arithmetic" else {})
        assert answer.status_code == 200, name


@pytest.mark.parametrize("path", LISTS)
def test_no_cursor_breaks_a_list(viewer: APIClient, notebook: Asset, path: str) -> None:
    offered = viewer.get(f"/api/v1/{path}/", {"sort": "none"}).json()["detail"]
    sorts = offered.partition("one of ")[2].rstrip(".").split(", ")
    for sort in sorts:
        for values in spoilt(values_of(viewer.get(f"/api/v1/{path}/", {"sort": sort, "limit": 1}).json()["next"])):
            made = base64.urlsafe_b64encode(json.dumps([sort, 0, values]).encode()).decode()
            answer = viewer.get(f"/api/v1/{path}/", {"sort": sort, "cursor": made})
            assert answer.status_code in {200, 422}, (sort, values)


@pytest.mark.parametrize("path", ["/inventory/", "/findings/"])
@pytest.mark.parametrize("bad", [*LONE, "a\x00b"])
def test_no_cursor_breaks_a_page(notebook: Asset, path: str, bad: Any) -> None:
    client = Client()
    client.force_login(builders.make_user("carol"))
    sort = "name" if path == "/inventory/" else "priority"
    made = base64.urlsafe_b64encode(json.dumps([sort, 0, [bad, bad]]).encode()).decode()
    assert client.get(path, {"sort": sort, "cursor": made}).status_code == 400


def values_of(address: str | None) -> list[Any]:
    """What a cursor that was given out holds; two numbers when the list has only one page."""
    if address is None:
        return [1, 2]
    cursor = parse_qs(urlsplit(address).query)["cursor"][0]
    held: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[2]
    return held


def spoilt(values: list[Any]) -> Iterator[list[Any]]:
    for place in range(len(values)):
        for bad in NASTY:
            yield [*values[:place], bad, *values[place + 1 :]]


@pytest.mark.parametrize(
    ("path", "name"),
    [("assets", "changed_since"), ("assets", "seen_since"), ("findings", "opened_since")],
)
@pytest.mark.parametrize("when", FAR)
def test_no_date_breaks_a_list(viewer: APIClient, notebook: Asset, path: str, name: str, when: str) -> None:
    assert viewer.get(f"/api/v1/{path}/", {name: when}).status_code in {200, 422}
