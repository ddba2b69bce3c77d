"""Who may call what: tokens, scopes, roles. Everything unnamed is denied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from aispm.accounts.models import ApiToken, Role, User
from aispm.accounts.permissions import Permission
from aispm.accounts.services import issue_token, revoke_token
from aispm.core.errors import Invalid
from integrations.models import Run
from inventory.models import Asset, Source
from tests import builders

pytestmark = pytest.mark.django_db
SOME_ID = "0192f0c1-2345-7678-9abc-def012345678"


def endpoints(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).replace("^", "").replace("$", "")
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern.url_patterns, route)
        elif route.startswith("api/v1/"):
            yield "/" + route


def api_paths() -> list[str]:
    filled = []
    for path in endpoints(get_resolver().url_patterns):
        head = path.partition("(?P<")[0]
        filled.append(path if head == path else head + SOME_ID + path[path.rindex(")") + 1 :])
    return sorted({path.replace("\\Z", "").replace("\\", "") for path in filled})


@pytest.mark.parametrize("path", api_paths())
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_the_anonymous_get_nothing_but_a_problem(path: str, method: str) -> None:
    answer = getattr(APIClient(), method)(path)
    assert answer.status_code in {401, 403, 405}
    assert answer["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("path", api_paths())
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_viewer_changes_nothing_anywhere(path: str, method: str, viewer: APIClient) -> None:
    assert getattr(viewer, method)(path, {}).status_code in {403, 405}


@pytest.mark.parametrize("path", api_paths())
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
def test_a_method_is_refused_by_role_only_where_somebody_may_use_it(path: str, method: str, viewer: APIClient) -> None:
    answer = getattr(viewer, method)(path)
    offered = {name.strip().lower() for name in answer["Allow"].split(",")}
    assert "get" in offered or path.endswith("/cancel/")
    assert (answer.status_code == 405) == (method not in offered)
    refused = method == "post" and method in offered
    assert (answer.status_code == 403) == refused


def test_the_changes_of_the_api_are_these() -> None:
    changing = {path for path in api_paths() if "post" in allowed_at(path)}
    assert changing == {"/api/v1/runs/", f"/api/v1/runs/{SOME_ID}/cancel/", f"/api/v1/connections/{SOME_ID}/members/"}
    assert not any({"put", "patch", "delete", "options"} & allowed_at(path) for path in api_paths())


def allowed_at(path: str) -> set[str]:
    answer = APIClient().get(path)
    return {name.strip().lower() for name in answer["Allow"].split(",")}


def test_there_are_endpoints_to_walk() -> None:
    assert len(api_paths()) >= 16


def authorized(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_a_token_is_kept_only_as_a_hash() -> None:
    token, secret = issue_token(user=builders.make_user("bob"), name="ci", scopes=[Permission.READ_FINDINGS], days=1)
    assert secret not in "".join(str(value) for value in ApiToken.objects.values_list().get(pk=token.pk))


def test_a_token_never_exceeds_its_owners_role() -> None:
    with pytest.raises(Invalid):
        issue_token(user=builders.make_user("bob"), name="ci", scopes=[Permission.RUN_COLLECTION], days=1)


@pytest.mark.parametrize("spoil", ["expire", "revoke", "deactivate", "garble"])
def test_a_token_that_is_not_valid_answers_401(spoil: str) -> None:
    user = builders.make_user("bob")
    token, secret = issue_token(user=user, name="ci", scopes=[Permission.READ_SOURCES], days=1)
    assert authorized(secret).get("/api/v1/sources/").status_code == 200
    if spoil == "expire":
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif spoil == "revoke":
        revoke_token(token=token)
    elif spoil == "deactivate":
        User.objects.update(is_active=False)
    else:
        secret += "x"
    answer = authorized(secret).get("/api/v1/sources/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_does_what_its_scopes_say_and_no_more() -> None:
    _token, secret = issue_token(user=builders.make_user("bob"), name="ci", scopes=[Permission.READ_SOURCES], days=1)
    assert authorized(secret).get("/api/v1/sources/").status_code == 200
    assert authorized(secret).get("/api/v1/findings/").status_code == 403


def test_a_viewer_may_not_start_a_run_and_an_analyst_may(
    source: Source, calls_as: Callable[[User], APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.tasks.collect.delay", lambda run_id: None)
    ask = {"source": str(source.pk)}
    assert calls_as(builders.make_user("bob")).post("/api/v1/runs/", ask).status_code == 403
    assert not Run.objects.exists()
    analyst = calls_as(builders.make_user("alice", role=Role.ANALYST))
    assert analyst.post("/api/v1/runs/", ask).status_code == 202
    assert Run.objects.get().requested_by is not None


def test_a_sessions_write_needs_the_csrf_token(source: Source) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(builders.make_user("alice", role=Role.ADMINISTRATOR))
    assert client.post("/api/v1/runs/", {"source": str(source.pk)}).status_code == 403


def test_what_does_not_exist_answers_404(viewer: APIClient, notebook: Asset) -> None:
    for name in ("sources", "scopes", "assets", "links", "findings", "runs"):
        assert viewer.get(f"/api/v1/{name}/{SOME_ID}/").status_code == 404
