"""One simulated AWS account a test; the company's estate once for all tests that only read it."""

from collections.abc import Iterator

import pytest

from demo.aws import SimulatedAws, estate


@pytest.fixture
def aws() -> Iterator[SimulatedAws]:
    with SimulatedAws() as simulated:
        yield simulated


@pytest.fixture(scope="module")
def halden() -> Iterator[SimulatedAws]:
    with SimulatedAws() as simulated:
        estate.seed(simulated)
        yield simulated
