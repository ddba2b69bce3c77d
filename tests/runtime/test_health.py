"""/health and /metrics: what orchestrators and Prometheus see."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db.utils import ConnectionHandler
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries, Settings
from redis import Redis

from aispm.core import health, heartbeat


@pytest.fixture
def worker() -> Iterator[str]:
    heartbeat.beat("aispm@test")
    heartbeat.beat_tick()
    yield "aispm@test"
    heartbeat.broker().delete(f"{heartbeat.PREFIX}aispm@test", heartbeat.TICK)


@pytest.fixture(autouse=True)
def not_looked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health._looked, "good_until", 0.0)


def test_live_asks_nobody(client: Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_every_part_works(client: Client, worker: str) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200, answer.json()
    assert [check["name"] for check in answer.json()["checks"]] == list(health.PARTS)
    assert heartbeat.living_workers() == [worker]


@pytest.mark.django_db
def test_ready_names_the_missing_worker_and_tick(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["broken"] == ["worker", "tick"]


@pytest.mark.django_db
def test_ready_can_be_asked_about_some_parts_alone(client: Client) -> None:
    answer = client.get("/health/ready?only=database,migrations")
    assert answer.status_code == 200
    assert [check["name"] for check in answer.json()["checks"]] == ["database", "migrations"]


def test_ready_refuses_names_of_parts_that_there_are_not(client: Client) -> None:
    answer = client.get("/health/ready?only=nonsense,database")
    assert answer.status_code == 400
    assert answer.json()["problem"].startswith("There is no part nonsense: use some of database, migrations,")


@pytest.mark.django_db
def test_migrations_are_not_read_again_while_all_is_well(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/health/ready?only=migrations").status_code == 200
    monkeypatch.setattr(health, "MigrationExecutor", lambda _: pytest.fail("read again"))
    assert client.get("/health/ready?only=migrations").status_code == 200


@pytest.mark.django_db
def test_ready_names_a_broker_that_does_not_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(heartbeat, "broker", lambda: Redis.from_url(f"unix://{tmp_path}/none.sock"))
    assert client.get("/health/ready").json()["broken"] == ["broker", "worker", "tick"]


@pytest.mark.django_db
def test_ready_names_a_database_that_does_not_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, worker: str
) -> None:
    nowhere = ConnectionHandler({"default": {**configured.DATABASES["default"], "HOST": str(tmp_path)}})["default"]
    monkeypatch.setattr(health, "connection", nowhere)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["broken"] == ["database", "migrations"]


@pytest.mark.django_db
def test_metrics_count_what_there_is(client: Client, worker: str) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    lines = answer.content.decode().splitlines()
    assert "aispm_assets 0.0" in lines
    assert 'aispm_findings_open{severity="critical"} 0.0' in lines
    assert 'aispm_runs{state="queued"} 0.0' in lines
    assert 'aispm_queue_depth{queue="collect"} 0.0' in lines
    assert "aispm_workers 1.0" in lines


@pytest.mark.django_db
def test_metrics_take_few_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(5):
        client.get("/metrics")


@pytest.mark.django_db
def test_metrics_answer_strangers_only_with_the_token(client: Client, settings: Settings) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 401
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 401
    settings.AISPM_METRICS_TOKEN = "m" * 40
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {'x' * 40}"}).status_code == 401
    allowed = client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 40}"}, REMOTE_ADDR="192.0.2.7")
    assert allowed.status_code == 200


@pytest.mark.django_db
def test_metrics_survive_a_broker_that_does_not_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(heartbeat, "broker", lambda: Redis.from_url(f"unix://{tmp_path}/none.sock"))
    assert "aispm_broker_up 0.0" in client.get("/metrics").content.decode()
