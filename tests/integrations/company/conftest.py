"""The demo company, seeded and read once over HTTP for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.aws import SimulatedAws, estate
from demo.aws.server import REGIONS
from tests.integrations.aws.collecting import Collected, collect
from tests.integrations.company.judging import Answer, Verdicts, answers


@pytest.fixture(scope="package")
def company() -> Iterator[SimulatedAws]:
    with SimulatedAws() as simulated:
        estate.seed(simulated)
        yield simulated


@pytest.fixture(scope="package")
def collected(company: SimulatedAws) -> Collected:
    return collect(company, regions=REGIONS)


@pytest.fixture(scope="package")
def answered(company: SimulatedAws, collected: Collected) -> list[Answer]:
    return answers(collected, company.account_id)


@pytest.fixture(scope="package")
def judged(answered: list[Answer]) -> Verdicts:
    return dict(answered)
