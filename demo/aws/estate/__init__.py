"""The estate of an invented company, Halden, an online retailer with its own payments: good and bad side by side.

Two regions. Every weakness has a counterpart that does it right, and a few chains are complete from the bucket with
the data to the endpoint that answers customers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.aws.estate import (
    assistants,
    concierge,
    forecasting,
    foundation,
    fraud,
    gateway,
    generative,
    lab,
    members,
    operations,
    oversight,
    recommender,
    search,
    support,
    vectors,
    watch,
    workbench,
)

if TYPE_CHECKING:
    from demo.aws.server import SimulatedAws

TEAMS = (
    fraud, support, search, forecasting, recommender, lab, gateway, concierge, assistants, vectors, workbench,
    oversight, generative, watch, operations,
)  # fmt: skip


def seed(aws: SimulatedAws) -> None:
    """Builds the whole company: the simulator's main account, which manages the organization, and its members."""
    company = foundation.build(aws)
    for team in TEAMS:
        team.build(company)
    members.build(aws)
