"""Simulated AWS accounts in a process of their own, and the ordinary connections to them."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from bench.children import serving
from integrations.models import Connection
from integrations.services import AwsAccess, SourceDetails, connect_aws

REGIONS = ("us-east-1", "eu-central-1")


@dataclass(frozen=True, slots=True)
class Account:
    """Where it answers, and what was asked of it since `forget`."""

    url: str
    key: str
    secret: str
    pid: int

    def connected(self, name: str = "bench") -> Connection:
        access = AwsAccess(
            regions=REGIONS, access_key_id=self.key, secret_access_key=self.secret, endpoint_url=self.url
        )
        return connect_aws(access=access, details=SourceDetails(name=name, environment="production"))

    def slow_down(self, milliseconds: int) -> None:
        """Every call takes so much longer from now on."""
        self._ask("faults", "POST", {"kind": "latency", "seconds": milliseconds / 1000})

    def forget(self) -> None:
        self._ask("calls", "DELETE")
        self._ask("faults", "DELETE")

    def calls(self) -> list[dict[str, Any]]:
        """Rows of service, operation, region, account and count."""
        counts: list[dict[str, Any]] = self._ask("calls", "GET")["counts"]
        return counts

    def most_at_once(self) -> int:
        """How many calls it was answering at the same time, all accounts together."""
        most: int = self._ask("calls", "GET")["most_at_once"]
        return most

    def cpu(self) -> float:
        """Seconds of processor time that the simulator has used: a limit of the double, not of the product."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def _ask(self, what: str, method: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"{self.url}/_sim/{what}", data=data, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            document: dict[str, Any] = json.loads(answer.read())
        return document


@contextmanager
def account(assets: int, seed: int) -> Iterator[Account]:
    """An account with about so many assets besides the demo company's own."""
    with accounts(1, assets, seed) as (only,):
        yield only


@contextmanager
def accounts(number: int, assets: int, seed: int) -> Iterator[list[Account]]:
    """So many accounts of one endpoint, each with about so many assets; the company's own are in the first."""
    sizes = ("--accounts", str(number), "--assets", str(assets), "--seed", str(seed))
    with serving("demo.aws", *sizes) as where:
        keys = [where, *where["further"]]
        yield [Account(where["url"], one["access_key_id"], one["secret_access_key"], where["pid"]) for one in keys]
