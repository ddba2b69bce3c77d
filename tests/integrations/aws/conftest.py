"""One simulated AWS account for all tests of the collector, with the small estate in it."""

from collections.abc import Iterator

import pytest

from demo.aws import SimulatedAws
from tests.integrations.aws.collecting import Collected, collect
from tests.integrations.aws.estate import Estate


@pytest.fixture(scope="package")
def estate() -> Iterator[Estate]:
    with SimulatedAws() as simulated:
        yield Estate(simulated).make()


@pytest.fixture
def aws(estate: Estate) -> Iterator[SimulatedAws]:
    """The account without faults and with an empty call log."""
    estate.aws.faults.clear()
    estate.aws.calls.clear()
    yield estate.aws
    estate.aws.faults.clear()


@pytest.fixture(scope="package")
def collected(estate: Estate) -> Collected:
    """Everything of the estate, read once."""
    estate.aws.faults.clear()
    return collect(estate.aws)
