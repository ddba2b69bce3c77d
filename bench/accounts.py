"""Several AWS accounts collected at the same time, each by a process of its own: what as many workers do."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections

from bench.account import REGIONS, Account, accounts
from bench.collect import ASSETS, CALLS_PER_ASSET, SLACK
from bench.figures import Figures, forget_peak, peak_mb, span
from bench.options import Options
from bench.recording import collect
from integrations import registry
from integrations.aws.session import Tuning
from integrations.models import Connection
from inventory.models import Asset

AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Read:
    """One account: scopes that were not read to their end, processor seconds, most memory of its process."""

    unread: int
    cpu: float
    peak: float


def at_full_speed(options: Options) -> dict[str, Any]:
    figures = Figures()
    with accounts(options.accounts, options.assets or ASSETS, options.seed) as found:
        ids = _connected(found)
        with span() as taken:
            read = _all_at_once(ids)
        calls, at_once = found[0].calls(), found[0].most_at_once()
    total, assets = sum(row["count"] for row in calls), Asset.objects.present().count()
    figures.add("accounts", len(read), "accounts", at_least=AT_ONCE)
    figures.add("accounts_assets", assets, "assets")
    figures.add("accounts_calls", total, "calls")
    figures.add("accounts_calls_per_asset", total / assets, "calls", at_most=CALLS_PER_ASSET)
    outside = sum(row["count"] for row in calls if row["region"] not in REGIONS)
    figures.add("accounts_calls_outside_regions", outside, "calls", at_most=0)
    figures.add("accounts_calls_at_once", at_once, "calls")
    figures.add("accounts_scopes_unread", sum(one.unread for one in read), "scopes", at_most=0)
    figures.add("accounts_wall", taken.wall, "s")
    figures.add("accounts_cpu", sum(one.cpu for one in read), "s")
    figures.add("accounts_peak_rss", max(one.peak for one in read), "MB")
    figures.add("accounts_peak_rss_sum", sum(one.peak for one in read), "MB")
    return figures.values


def with_latency(options: Options) -> dict[str, Any]:
    """The bound is that of one account, with the parallelism of all: it takes the cores to keep it up."""
    figures = Figures()
    with accounts(options.accounts, options.assets or ASSETS, options.seed) as found:
        ids = _connected(found)
        Asset.objects.all().delete()
        found[0].slow_down(options.latency)
        before = found[0].cpu()
        with span() as taken:
            read = _all_at_once(ids)
        calls, at_once = sum(row["count"] for row in found[0].calls()), found[0].most_at_once()
        simulator = found[0].cpu() - before
    least = calls * options.latency / 1000 / (Tuning().parallel * len(read))
    figures.add("accounts_latency_calls", calls, "calls")
    figures.add("accounts_latency_calls_at_once", at_once, "calls")
    figures.add("accounts_latency_wall", taken.wall, "s", at_most=SLACK * least)
    figures.add("accounts_latency_cpu", sum(one.cpu for one in read), "s")
    figures.add("accounts_latency_simulator_cpu", simulator, "s")
    return figures.values


def _connected(found: Sequence[Account]) -> list[UUID]:
    """The connections; from here on the calls are counted."""
    ids = [one.connected(f"bench {number}").pk for number, one in enumerate(found, 1)]
    found[0].forget()
    return ids


def _all_at_once(ids: Sequence[UUID]) -> list[Read]:
    connections.close_all()  # a fork would share them
    with ProcessPoolExecutor(len(ids), multiprocessing.get_context("fork")) as workers:
        return list(workers.map(_read, ids))


def _read(connection_id: UUID) -> Read:
    connection = Connection.objects.select_related("source").get(pk=connection_id)
    forget_peak()
    before = time.process_time()
    with registry.collector_for(connection) as collector:
        found = collect(collector, connection.source)
    return Read(found.unread, time.process_time() - before, peak_mb())
