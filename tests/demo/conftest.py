"""One simulated AWS account for a test."""

from collections.abc import Iterator

import pytest

from demo.aws import SimulatedAws


@pytest.fixture
def aws() -> Iterator[SimulatedAws]:
    with SimulatedAws() as simulated:
        yield simulated
