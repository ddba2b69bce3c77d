"""Running the collector against the simulator, patiently for nobody: one attempt, short timeouts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from demo.aws import SimulatedAws
from integrations.aws.collector import AwsCollector
from integrations.aws.resources import RESOURCES
from integrations.aws.session import Access, Clients, Tuning
from integrations.aws.table import Resource
from integrations.base import Page
from inventory.documents import Observed, ScopeKey, ScopeOutcome

IMPATIENT = Tuning(
    connect_timeout=2, read_timeout=0.2, attempts=1, mode="standard", parallel=8, queue_pages=16, stop_within=1
)
CALM = Tuning(connect_timeout=2, read_timeout=10, attempts=1, mode="standard", parallel=8)


class HurriedClients(Clients):
    """Waits shortly for the answer to one operation, calmly for all others: a busy machine answers some of them late.

    `hurry` is (client, operation) as botocore's Python names them.
    """

    hurry: tuple[str, str] = ("", "")

    def __init__(self, access: Access) -> None:
        super().__init__(access, CALM)
        self._hurried = Clients(access, IMPATIENT)

    def get(self, service: str, region: str) -> Any:
        calm = super().get(service, region)
        client, operation = self.hurry
        return OneHurried(calm, self._hurried.get(service, region), operation) if client == service else calm


@dataclass(frozen=True, slots=True)
class OneHurried:
    calm: Any
    hurried: Any
    operation: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.hurried if name == self.operation else self.calm, name)

    def get_paginator(self, operation: str) -> Any:
        return (self.hurried if operation == self.operation else self.calm).get_paginator(operation)


@dataclass(slots=True)
class Collected:
    assets: list[Observed] = field(default_factory=list)
    outcomes: dict[ScopeKey, ScopeOutcome] = field(default_factory=dict)

    def of(self, kind: str) -> list[Observed]:
        return [asset for asset in self.assets if asset.kind == kind]

    def one(self, kind: str) -> Observed:
        found = self.of(kind)
        assert len(found) == 1, f"{len(found)} of {kind}: {[asset.name for asset in found]}"
        return found[0]

    def scope(self, kind: str, region: str = "us-east-1") -> ScopeOutcome:
        return self.outcomes.get(ScopeKey(region, kind)) or self.outcomes[ScopeKey("-", kind)]

    @property
    def calls(self) -> int:
        return sum(outcome.calls for outcome in self.outcomes.values())


def collector(
    aws: SimulatedAws,
    *,
    regions: Iterable[str] = ("us-east-1",),
    kinds: Iterable[str] = (),
    tuning: Tuning = CALM,
    **more: Any,
) -> AwsCollector:
    key = aws.key
    secret = {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key}
    wanted = set(kinds)
    return AwsCollector(
        {"regions": list(regions), "endpoint_url": aws.url} | more.get("settings", {}),
        secret | more.get("secret", {}),
        tuning=tuning,
        table=[one for one in RESOURCES if (not wanted or one.kind in wanted) and _of(one, more.get("services"))],
    )


def _of(resource: Resource, services: Iterable[str] | None) -> bool:
    """Whether a resource belongs to these services; the account itself always does."""
    return not services or resource.kind == "aws.account" or bool({resource.service, resource.client} & set(services))


def gather(reader: AwsCollector, cancelled: Callable[[], bool] = lambda: False) -> Collected:
    collected = Collected()
    for event in reader.collect(cancelled):
        if isinstance(event, Page):
            collected.assets.extend(event.assets)
        else:
            assert event.key not in collected.outcomes, f"{event.key} was closed twice"
            collected.outcomes[event.key] = event
    return collected


def collect(aws: SimulatedAws, **more: Any) -> Collected:
    return gather(collector(aws, **more))
