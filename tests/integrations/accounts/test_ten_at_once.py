"""Ten AWS accounts read at the same time over HTTP: none loses anything, waits for another or is spoilt by it.

Nothing is timed: what must not hold up the others does not end at all until it is called off.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone
from redis import Redis

from demo.aws import SimulatedAws
from demo.aws.estate.generator import generate
from demo.aws.server import COLLECTOR_USER
from integrations import registry, services
from integrations.aws import collector
from integrations.aws.budget import SharedBudget
from integrations.aws.resources import RESOURCES
from integrations.aws.session import Tuning
from integrations.models import Run, RunState
from integrations.services import AwsAccess, SourceDetails
from inventory.models import Asset, Scope
from tests.integrations.aws.collecting import gather

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNTS = [f"7{number:011}" for number in range(1, 11)]
ILL, WELL = ACCOUNTS[0], ACCOUNTS[1:4]
REGION, SERVICE = "us-east-1", "sagemaker"
FEW = [row for row in RESOURCES if row.client in (SERVICE, "iam", "lambda", "s3")]
PATIENT = Tuning(connect_timeout=60, read_timeout=600, attempts=1, mode="standard", stop_within=1)
PATIENCE_S = 240  # only failures wait this long
Known = set[tuple[str, str, str]]


@pytest.fixture(scope="module")
def ten() -> Iterator[SimulatedAws]:
    with SimulatedAws() as simulated:
        for number, account in enumerate(ACCOUNTS):
            generate(simulated, assets=20, seed=number, account=account)
        yield simulated


@pytest.fixture(scope="module")
def alone(ten: SimulatedAws) -> dict[str, Known]:
    """What each account shows when it is read by itself."""
    found = {}
    for account in ACCOUNTS:
        key = ten.keys.user_key(account, COLLECTOR_USER)
        secret = {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key}
        place = {"regions": [REGION], "endpoint_url": ten.url}
        reader = collector.AwsCollector(place, secret, tuning=PATIENT, table=FEW)
        found[account] = {(asset.kind, asset.external_id, asset.name) for asset in gather(reader).assets}
    return found


Due = Callable[[list[str]], dict[str, UUID]]


@pytest.fixture
def due(ten: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Due]:
    """Connects accounts; answers their first runs, handed out."""

    def few(_kind: str, public: dict[str, object], hidden: dict[str, object]) -> collector.AwsCollector:
        return collector.AwsCollector(public, hidden, tuning=PATIENT, table=FEW)

    def connected(accounts: list[str]) -> dict[str, UUID]:
        for account in accounts:
            key = ten.keys.user_key(account, COLLECTOR_USER)
            access = AwsAccess([REGION], "", "", key.access_key_id, key.secret_access_key, "", ten.url)
            services.connect_aws(access=access, details=SourceDetails())
        ten.calls.clear()
        services.take_due_runs(at=timezone.now())
        return dict(Run.objects.values_list("source__external_id", "pk"))

    monkeypatch.setattr(registry, "live_collector", few)
    yield connected
    ten.faults.clear()


@dataclass
class Going:
    """Runs under way, by account."""

    due: dict[str, UUID]
    futures: dict[str, Future[None]] = field(default_factory=dict)

    def end(self, accounts: list[str]) -> None:
        wait([self.futures[account] for account in accounts], PATIENCE_S)
        assert [account for account in accounts if not self.futures[account].done()] == []

    def goes_on(self, account: str) -> bool:
        return not self.futures[account].done()


@contextmanager
def going(due: dict[str, UUID]) -> Iterator[Going]:
    """Whatever still goes on afterwards is called off."""
    with ThreadPoolExecutor(len(due)) as workers:
        under_way = Going(due, {account: workers.submit(_perform, run) for account, run in due.items()})
        try:
            yield under_way
        finally:
            for account in due:
                if under_way.goes_on(account):
                    services.cancel_run(run=Run.objects.get(pk=due[account]))


def _perform(run_id: UUID) -> None:
    try:
        services.perform_run(run_id=run_id)
    finally:
        connections.close_all()


def states() -> dict[str, str]:
    return dict(Run.objects.values_list("source__external_id", "state"))


def stored(account: str) -> Known:
    assets = Asset.objects.filter(source__external_id=account).present()
    return set(assets.values_list("kind", "external_id", "name"))


def test_ten_accounts_at_once_lose_nothing(due: Due, alone: dict[str, Known]) -> None:
    with going(due(ACCOUNTS)) as runs:
        runs.end(ACCOUNTS)
    assert states() == dict.fromkeys(ACCOUNTS, RunState.COMPLETE)
    assert min(map(len, alone.values())) > 20
    assert {account: stored(account) for account in ACCOUNTS} == alone


def test_an_account_that_has_used_up_its_rate_starves_no_other(
    due: Due, alone: dict[str, Known], ten: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its calls to one service never get a token; the same service of the others, and its other services, go on."""

    def budget(account: str, _custom: bool) -> SharedBudget:
        client = Redis.from_url(os.environ["REDIS_URL"])
        return SharedBudget(client, account, {SERVICE: 0.0001} if account == ILL else {SERVICE: 1000.0})

    monkeypatch.setattr(collector, "budget_for", budget)
    with going(due([ILL, *WELL])) as runs:
        runs.end(WELL)
        assert runs.goes_on(ILL)
        assert ten.calls.count(service=SERVICE, account=ILL) == 0
        assert ten.calls.count(service="iam", account=ILL) > 0
    assert {account: stored(account) for account in WELL} == {account: alone[account] for account in WELL}
    assert states() == {**dict.fromkeys(WELL, RunState.COMPLETE), ILL: RunState.CANCELLED}


def test_an_account_that_hangs_holds_up_no_other(due: Due, alone: dict[str, Known], ten: SimulatedAws) -> None:
    ten.faults.inject("timeout", SERVICE, account=ILL, seconds=600)
    with going(due([ILL, *WELL])) as runs:
        runs.end(WELL)
        assert runs.goes_on(ILL)
    assert {account: stored(account) for account in WELL} == {account: alone[account] for account in WELL}
    assert states() == {**dict.fromkeys(WELL, RunState.COMPLETE), ILL: RunState.CANCELLED}


def test_an_account_that_is_denied_spoils_no_other(due: Due, alone: dict[str, Known], ten: SimulatedAws) -> None:
    for service in sorted({row.client for row in FEW}):
        ten.faults.inject("denied", service, account=ILL)
    with going(due([ILL, *WELL])) as runs:
        runs.end([ILL, *WELL])
    assert states() == {**dict.fromkeys(WELL, RunState.COMPLETE), ILL: RunState.INCOMPLETE}
    assert {account: stored(account) for account in WELL} == {account: alone[account] for account in WELL}
    unread = Scope.objects.filter(state="denied").values_list("source__external_id", flat=True)
    assert set(unread) == {ILL}
