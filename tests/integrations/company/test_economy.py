"""What reading all accounts of the company costs, also when AWS throttles. Counted, never timed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from demo.aws import SimulatedAws
from demo.aws.estate.company import EXTERNAL_ID, MEMBER_ENVIRONMENTS, MEMBER_ROLE
from demo.aws.server import REGIONS
from integrations.aws.session import Tuning
from inventory.documents import ScopeKey, ScopeState
from tests.integrations.aws.collecting import Collected, collector, gather

MEMBERS = tuple(MEMBER_ENVIRONMENTS)
PATIENT = Tuning(connect_timeout=2, read_timeout=10, attempts=5, mode="standard", parallel=8)


class Counting:
    """A budget that grants everything and counts what was asked for."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, service: str, stopped: threading.Event) -> None:
        with self._lock:
            self.taken[service] += 1


def read(company: SimulatedAws, account: str, tuning: Tuning, budget: Counting | None = None) -> Collected:
    """One account of the company in both regions, members by the role that the organization has everywhere."""
    more: dict[str, Any] = {}
    if account != company.account_id:
        role = f"arn:aws:iam::{account}:role/{MEMBER_ROLE}"
        more = {"settings": {"role_arn": role}, "secret": {"external_id": EXTERNAL_ID}}
    reader = collector(company, regions=REGIONS, tuning=tuning, **more)
    reader._budget = budget
    return gather(reader)


@pytest.fixture(scope="module")
def members(company: SimulatedAws) -> dict[str, Collected]:
    return {account: read(company, account, PATIENT) for account in MEMBERS}


@pytest.fixture
def throttling(company: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every tenth call is refused for its rate; nobody waits for the next try."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    company.calls.clear()
    company.faults.inject("throttled", every=10)
    yield
    company.faults.clear()


def known(collected: Collected) -> set[tuple[str, str, str, str]]:
    return {(asset.kind, asset.external_id, asset.name, asset.place) for asset in collected.assets}


def states(collected: Collected) -> dict[ScopeKey, ScopeState]:
    return {key: outcome.state for key, outcome in collected.outcomes.items()}


def test_all_accounts_together_cost_at_most_thirteen_calls_for_ten_assets(
    collected: Collected, members: dict[str, Collected]
) -> None:
    everything = [collected, *members.values()]
    assets = sum(len(one.assets) for one in everything)
    assert assets >= 300
    assert sum(one.calls for one in everything) <= 1.3 * assets


def test_members_are_read_to_the_end(members: dict[str, Collected]) -> None:
    ended = {state for one in members.values() for state in states(one).values()}
    assert ended == {ScopeState.COMPLETE, ScopeState.NOT_OFFERED}, "a member is not told of the others"
    assert [asset.unread for one in members.values() for asset in one.assets if asset.unread] == []


def test_no_asset_is_lost_and_no_request_goes_past_its_budget_while_every_tenth_is_throttled(
    company: SimulatedAws, collected: Collected, members: dict[str, Collected], throttling: None
) -> None:
    for account, before in {company.account_id: collected, **members}.items():
        company.calls.clear()
        budget = Counting()
        after = read(company, account, PATIENT, budget)
        sent = company.calls.all()
        throttled = sum(served.fault == "throttled" for served in sent)
        assert known(after) == known(before)
        assert [asset.unread for asset in after.assets if asset.unread] == []
        assert states(after) == states(before)
        assert throttled >= len(sent) // 10 - 1 > 20
        asked = Counter(served.service for served in sent if served.operation != "AssumeRole")  # once an hour
        assert {name: number for name, number in asked.items() if budget.taken[name] < number} == {}
