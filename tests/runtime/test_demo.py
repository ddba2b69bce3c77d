"""`aispm up --demo`: from nothing to a filled dashboard, through the ordinary ways in."""

import socket
from pathlib import Path

import pytest

from aispm.runtime import demonstration, estate
from aispm.runtime.home import Home
from integrations.models import Connection
from tests import builders
from tests.runtime.stack import Stack


def figure(metrics: str, name: str) -> float:
    return sum(float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines() if line.startswith(name))


@pytest.mark.slow
def test_the_demo_is_collected_by_the_ordinary_workers(tmp_path: Path) -> None:
    stack = Stack.start(tmp_path / "home", tmp_path / "out", "--demo")
    try:
        metrics = stack.get("/metrics")[1]
        assert figure(metrics, "aispm_assets") > 300
        assert figure(metrics, "aispm_findings_open") > 100
        assert figure(metrics, 'aispm_runs{state="failed"}') == 0
        assert "Halden AWS" in stack.said
        assert "Halden cluster" in stack.said
        assert "halden-production: complete" in stack.said
        assert "halden-science: complete" in stack.said
        assert "kelp-analytics" not in stack.said, "its role is not there yet"
        assert "aws" in stack.children()
        assert stack.stop() == 0
        stack = Stack.start(tmp_path / "home", tmp_path / "again")
        assert "aws" in stack.children(), "its source would go stale without the account"
        assert "This state holds the demo" in stack.said
        assert "was collected before" not in stack.said
        assert stack.stop() == 0
    finally:
        if stack.process.poll() is None:
            stack.kill_everything()


def test_the_account_keeps_its_address_and_its_dates(tmp_path: Path) -> None:
    first = demonstration.remembered(Home(tmp_path))
    assert demonstration.remembered(Home(tmp_path)) == first


def test_an_address_that_was_taken_meanwhile_is_changed_and_the_dates_stay(tmp_path: Path) -> None:
    first = demonstration.remembered(Home(tmp_path))
    with socket.create_server(("127.0.0.1", first.port)):
        second = demonstration.remembered(Home(tmp_path))
    assert second.port != first.port
    assert second.since == first.since


@pytest.mark.django_db
def test_the_demo_says_when_it_joins_other_sources() -> None:
    endpoint = "http://127.0.0.1:1"
    for settings in ({"endpoint_url": endpoint}, {"regions": ["eu-central-1"]}):
        Connection.objects.create(source=builders.make_source(), kind="aws", settings=settings)
    account = Connection.objects.get(settings__endpoint_url=endpoint).source.external_id
    Connection.objects.create(source=builders.make_source(), kind="aws", settings={"through": account})
    Connection.objects.create(source=builders.make_source(), kind="snapshot", settings={"file": estate.CLUSTER})
    assert estate.other_sources(endpoint) == 1


@pytest.mark.django_db
def test_a_source_that_was_collected_is_not_collected_again() -> None:
    source = builders.make_source(collected_at=builders.moment())
    known = Connection.objects.create(source=source, kind="aws", settings={"endpoint_url": "http://127.0.0.1:1"})
    assert estate.known_account("http://127.0.0.1:1") == known
    assert estate.requested(known, connect=lambda: pytest.fail("connected again")) is None
    assert not source.runs.exists()
