"""The demo company, read over HTTP: the price of an asset, and that nothing refers into the void by mistake."""

from __future__ import annotations

from demo.aws import SimulatedAws
from demo.aws.estate.lab import PARTNER
from demo.aws.server import REGIONS
from inventory.documents import ScopeState
from tests.integrations.aws.collecting import CALM, Collected, collector, gather

LATENCY = 0.05
ABSENT = ("deleted", PARTNER)


def test_everything_is_read_to_its_end(collected: Collected) -> None:
    assert [outcome for outcome in collected.outcomes.values() if outcome.state is not ScopeState.COMPLETE] == []
    assert [(asset.kind, asset.name, asset.unread) for asset in collected.assets if asset.unread] == []


def test_thirteen_calls_or_fewer_for_ten_assets(collected: Collected) -> None:
    assert collected.calls <= 1.3 * len(collected.assets)


def test_what_a_link_names_is_there_unless_it_was_deleted_or_is_a_partners(collected: Collected) -> None:
    present = {(asset.kind, asset.external_id) for asset in collected.assets}
    dangling = {
        link.ref
        for asset in collected.assets
        for link in asset.links
        if link.kind and (link.kind, link.ref) not in present and not any(word in link.ref for word in ABSENT)
    }
    assert dangling == set()


def test_slow_answers_overlap(company: SimulatedAws) -> None:
    """DESIGN 12 allows 1.5 times of calls x latency / parallelism: the pool must be full most of the time."""
    reader = collector(company, regions=REGIONS)
    gather(reader)
    company.calls.clear()
    company.faults.inject("latency", seconds=LATENCY)
    try:
        gather(reader)
    finally:
        company.faults.clear()
    assert CALM.parallel * 3 // 4 <= company.calls.most_at_once <= CALM.parallel
