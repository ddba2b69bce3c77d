"""Connecting, collecting and removing sources on pages."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations import services, tasks
from integrations.models import Connection, Purpose, Run, RunState, Watch
from inventory.models import Scope, Source
from tests.builders import make_asset
from tests.ui.conftest import HTMX, Estate

pytestmark = pytest.mark.django_db
SNAPSHOT = "/sources/connect/snapshot/"
KUBERNETES = "/sources/connect/kubernetes/"
AWS = "/sources/connect/aws/"
DETAILS = {"environment": "unknown", "criticality": "2"}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> list[str]:
    """Ids of runs that were handed to a worker."""
    handed: list[str] = []
    monkeypatch.setattr(tasks.collect, "delay", handed.append)
    return handed


def snapshot(uid: str = "5f8f7a90-0000-4000-8000-000000000001") -> SimpleUploadedFile:
    """A cluster of one namespace."""
    space = {"metadata": {"name": "kube-system", "uid": uid}}
    body = {"kind": "NamespaceList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": [space]}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("api_v1_namespaces.json", json.dumps(body))
    return SimpleUploadedFile("snapshot.zip", packed.getvalue())


@pytest.fixture
def connected(estate: Estate) -> Connection:
    return Connection.objects.create(source=estate.source, kind="aws", settings={"regions": ["us-east-1"]})


def test_a_connection_is_told_in_words_and_can_be_changed_from_its_page(admin: Client, connected: Connection) -> None:
    connected.settings = {"regions": ["us-east-1", "eu-west-1"], "endpoint_url": "http://127.0.0.1:4566"}
    connected.save()
    page = admin.get(reverse("integrations:source", args=[connected.source_id])).content.decode()
    assert "<dt>Regions</dt>" in page
    assert "us-east-1, eu-west-1" in page
    assert "<dt>Endpoint</dt>" in page
    assert "endpoint_url" not in page
    again = f"{AWS}?source={connected.source_id}"
    assert again in page
    form = admin.get(again).content.decode()
    assert all(f'value="{value}"' in form for value in ("us-east-1, eu-west-1", "http://127.0.0.1:4566", "halden"))
    assert "Change access of halden" in form
    assert "Change access" not in admin.get(f"{AWS}?source=nonsense").content.decode()


def test_a_snapshot_is_connected_and_collected_at_once(
    admin: Client, started: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = admin.post(SNAPSHOT, {**DETAILS, "name": "lab", "file": snapshot(), "action": "connect"})
    source = Source.objects.get()
    assert (response.status_code, response["Location"]) == (303, reverse("integrations:source", args=[source.pk]))
    assert source.name == "lab"
    assert started == [str(Run.objects.get().pk)]


def test_a_snapshot_has_no_schedule_but_words_that_say_how_to_refresh_it(admin: Client, connected: Connection) -> None:
    url = reverse("integrations:source", args=[connected.source_id])
    assert "Collect on schedule" in admin.get(url).content.decode()
    Connection.objects.update(kind="snapshot")
    page = admin.get(url).content.decode()
    assert "Collect on schedule" not in page
    assert "A snapshot is read once. Load a newer one of this cluster to refresh it." in page


def test_what_is_no_snapshot_is_refused_in_words_and_keeps_the_form(admin: Client, started: list[str]) -> None:
    wrong = SimpleUploadedFile("holiday.jpg", b"\xff\xd8\xff not a snapshot")
    response = admin.post(SNAPSHOT, {**DETAILS, "name": "lab", "file": wrong, "action": "connect"})
    assert response.status_code == 422
    assert 'value="lab"' in response.content.decode()
    assert not Source.objects.exists()
    assert not started


def test_testing_a_snapshot_stores_nothing(admin: Client) -> None:
    response = admin.post(SNAPSHOT, {**DETAILS, "file": snapshot(), "action": "test"}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    assert "Reached" in page
    assert not Source.objects.exists()


def test_the_page_shows_the_cluster_role_and_the_commands(admin: Client) -> None:
    page = admin.get(KUBERNETES).content.decode()
    assert "kind: ClusterRole" in page
    assert "kubectl create token" in page
    role = page[page.index('id="k8s-role"') :]
    assert "- secrets\n" not in role[: role.index("</pre>")]


@pytest.mark.parametrize(
    ("kubeconfig", "words"),
    [("not: [a kubeconfig", ""), ("users: [{name: a, user: {exec: {command: rm}}}]", "")],
)
def test_a_kubeconfig_that_cannot_be_used_is_refused(admin: Client, kubeconfig: str, words: str) -> None:
    response = admin.post(KUBERNETES, {**DETAILS, "kubeconfig": kubeconfig, "action": "connect"})
    assert response.status_code == 422
    assert not Connection.objects.exists()


def test_keys_given_by_half_are_refused(admin: Client) -> None:
    given = {**DETAILS, "regions": "us-east-1", "access_key_id": "AKIA0000000000000000", "action": "connect"}
    response = admin.post(AWS, given)
    assert response.status_code == 422
    assert "both the access key id and the secret" in response.content.decode()


def test_the_secret_key_never_comes_back(admin: Client) -> None:
    given = {**DETAILS, "regions": "us-east-1", "secret_access_key": "s3cr3t-value", "action": "connect"}
    assert "s3cr3t-value" not in admin.post(AWS, given).content.decode()


def test_a_run_is_started_once(
    admin: Client, connected: Connection, started: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    url = reverse("integrations:start-run", args=[connected.source_id])
    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post(url).status_code == 303
        again = admin.post(url)
    assert again.status_code == 409
    assert "already being collected" in again.content.decode()
    assert len(started) == 1


def test_an_active_run_asks_for_itself_again_and_an_ended_one_does_not(admin: Client, connected: Connection) -> None:
    run = Run.objects.create(source=connected.source, state=RunState.RUNNING, phase="collecting", scopes_total=10)
    url = reverse("integrations:run", args=[run.pk])
    assert 'hx-trigger="every 2s"' in admin.get(url, headers=HTMX).content.decode()
    Run.objects.update(state=RunState.FAILED, error="The credentials have expired: enter new ones.")
    ended = admin.get(url, headers=HTMX).content.decode()
    assert "hx-trigger" not in ended
    assert "The credentials have expired" in ended


def test_a_run_can_be_called_off(admin: Client, connected: Connection) -> None:
    run = Run.objects.create(source=connected.source)
    admin.post(reverse("integrations:cancel-run", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_the_schedule_is_kept(admin: Client, connected: Connection) -> None:
    admin.post(reverse("integrations:schedule", args=[connected.source_id]), {"every_minutes": "60"})
    connected.refresh_from_db()
    assert (connected.every_minutes, connected.enabled) == (60, False)


def test_removing_asks_for_the_name(admin: Client, connected: Connection) -> None:
    url = reverse("integrations:remove-source", args=[connected.source_id])
    assert admin.post(url, {"name": "something else"}).status_code == 422
    assert not Run.objects.exists()
    assert admin.post(url, {"name": "halden"}).status_code == 303
    assert Run.objects.get().purpose == Purpose.REMOVE
    page = admin.get("/sources/").content.decode()
    assert "Being removed" in page
    assert "Being removed" in admin.get(reverse("integrations:source", args=[connected.source_id])).content.decode()


def test_an_ended_run_tells_the_page_that_shows_it(admin: Client, connected: Connection) -> None:
    run = Run.objects.create(source=connected.source, state=RunState.RUNNING, phase="collecting", scopes_total=10)
    url = reverse("integrations:run", args=[run.pk])
    assert "HX-Trigger" not in admin.get(url, headers=HTMX)
    Run.objects.update(state=RunState.COMPLETE)
    assert "run-ended" in admin.get(url, headers=HTMX)["HX-Trigger"]


@pytest.mark.parametrize("name", ["integrations:source", "integrations:run", "pages:overview"])
def test_a_page_with_a_run_waits_for_its_end(admin: Client, connected: Connection, name: str) -> None:
    run = Run.objects.create(source=connected.source, state=RunState.RUNNING)
    keys = {"integrations:source": [run.source_id], "integrations:run": [run.pk]}
    page = admin.get(reverse(name, args=keys.get(name, []))).content.decode()
    assert 'hx-trigger="run-ended from:body"' in page


def test_an_active_run_stands_above_the_table_and_not_in_it(admin: Client, connected: Connection) -> None:
    run = Run.objects.create(source=connected.source, state=RunState.RUNNING, phase="collecting", scopes_total=10)
    url = reverse("integrations:source", args=[connected.source_id])
    page = admin.get(url).content.decode()
    assert f'id="run-{run.pk}"' in page
    assert "Collect now" not in page
    assert "<tbody><tr>\n          <th scope" not in page
    Run.objects.update(state=RunState.COMPLETE)
    page = admin.get(url).content.decode()
    assert f'id="run-{run.pk}"' not in page
    assert "Collect now" in page
    assert reverse("integrations:run", args=[run.pk]) in page


def test_the_list_of_sources_asks_again_while_something_runs(admin: Client, connected: Connection) -> None:
    Run.objects.create(source=connected.source, state=RunState.RUNNING)
    assert 'hx-trigger="every 3s"' in admin.get("/sources/").content.decode()
    Run.objects.update(state=RunState.COMPLETE)
    assert "hx-trigger" not in admin.get("/sources/", headers=HTMX).content.decode()


def test_the_page_of_a_run_names_what_it_could_not_read_and_why(admin: Client, connected: Connection) -> None:
    began = timezone.now() - timedelta(minutes=2, seconds=5)
    ended = began + timedelta(seconds=65)
    run = Run.objects.create(
        source=connected.source, state=RunState.INCOMPLETE, started_at=began, finished_at=ended, scopes_done=1
    )
    url = reverse("integrations:run", args=[run.pk])
    Scope.objects.update(attempted_at=began - timedelta(days=1))
    assert "bedrock:ListAgents" not in admin.get(url).content.decode()
    Scope.objects.filter(state="denied").update(attempted_at=began + timedelta(seconds=3))
    page = admin.get(url).content.decode()
    assert "bedrock:ListAgents" in page
    assert "Bedrock agents" in page
    assert f"{ended:%Y-%m-%d %H:%M:%S} UTC" in page
    assert "1 min 5 s" in page
    assert f"/coverage/?source={connected.source_id}" in page


WATCHES = {
    "Live": {},
    "Partly live": {"missing": ["watch pods"]},
    "Interrupted": {"since": None, "trouble": "The cluster cannot be reached."},
    "Beginning": {"since": None},
    "Not followed": {"lease_until": None},
}


@pytest.mark.parametrize(("words", "fields"), WATCHES.items())
def test_the_page_of_a_cluster_says_how_far_its_changes_are_followed(
    admin: Client, estate: Estate, words: str, fields: dict[str, Any]
) -> None:
    now = timezone.now()
    Connection.objects.create(source=estate.source, kind="kubernetes", settings={})
    Watch.objects.create(
        source=estate.source, live=41, **{"since": now, "lease_until": now + timedelta(seconds=30)} | fields
    )
    page = admin.get(reverse("integrations:source", args=[estate.source.pk])).content.decode()
    assert words in page
    assert ("41 kinds of objects are followed" in page) == words.endswith("ive")
    assert ('<code class="small">watch pods</code>' in page) == (words == "Partly live")
    assert ("by schedule only" in page) == (words == "Partly live")
    assert ("cannot be reached" in page) == (words == "Interrupted")
    assert ("aispm watch" in page) == (words == "Not followed")


def test_the_page_of_what_is_no_cluster_says_nothing_of_following(admin: Client, connected: Connection) -> None:
    page = admin.get(reverse("integrations:source", args=[connected.source_id])).content.decode()
    assert "Not followed" not in page


def test_a_cluster_of_a_connected_account_is_chosen_by_name_and_needs_no_kubeconfig(
    admin: Client, connected: Connection, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'name="eks"' not in admin.get(KUBERNETES).content.decode(), "there is none yet"
    cluster = make_asset(connected.source, kind="aws.eks.cluster", name="serving", place="eu-west-1")
    asked: list[Any] = []

    def connect(*, cluster: Any, details: Any) -> Connection:
        asked.append(cluster)
        return connected

    monkeypatch.setattr(services, "connect_eks", connect)
    page = admin.get(KUBERNETES).content.decode()
    assert "serving · eu-west-1 · halden" in page
    assert "create-access-entry" in page
    answer = admin.post(KUBERNETES, {**DETAILS, "eks": str(cluster.pk), "action": "connect"})
    assert (answer.status_code, asked) == (303, [cluster])
