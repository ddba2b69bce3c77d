"""AWS collection: the ordinary collector and recorder against the simulated account over HTTP."""

from __future__ import annotations

from typing import Any

from bench.account import REGIONS, account
from bench.children import stage
from bench.figures import Figures, forget_peak, peak_mb, span
from bench.options import Options
from bench.recording import collect
from integrations import registry
from integrations.aws.session import Tuning
from inventory.models import Asset

ASSETS = 1000
CALLS_PER_ASSET = 1.3
SLACK = 1.5


def measure(options: Options) -> dict[str, Any]:
    """First as fast as it goes, then from nothing again with latency; both with one account and with several."""
    asked = options.assets or ASSETS
    parameters = {
        "assets": asked, "accounts": options.accounts, "seed": options.seed, "regions": list(REGIONS),
        "latency_ms": options.latency,
    }  # fmt: skip
    figures: dict[str, Any] = {}
    for name in ("collect", "accounts") if options.accounts else ("collect",):
        figures |= stage(name, "at_full_speed", options)
        if options.latency:
            figures |= stage(name, "with_latency", options)
    return {"parameters": parameters, "figures": figures}


def at_full_speed(options: Options) -> dict[str, Any]:
    figures = Figures()
    with account(options.assets or ASSETS, options.seed) as aws:
        connection = aws.connected()
        aws.forget()
        forget_peak()
        with registry.collector_for(connection) as collector, span() as taken:
            found = collect(collector, connection.source)
        peak, calls = peak_mb(), aws.calls()
    total = sum(row["count"] for row in calls)
    assets = Asset.objects.filter(source=connection.source).present().count()
    figures.add("assets", assets, "assets")
    figures.add("calls", total, "calls")
    figures.add("calls_per_asset", total / assets, "calls", at_most=CALLS_PER_ASSET)
    outside = sum(row["count"] for row in calls if row["region"] not in REGIONS)
    figures.add("calls_outside_regions", outside, "calls", at_most=0)
    figures.add("scopes_unread", found.unread, "scopes", at_most=0)
    figures.add("wall", taken.wall, "s")
    figures.add("cpu", taken.cpu, "s")
    figures.add("peak_rss", peak, "MB")
    return figures.values


def with_latency(options: Options) -> dict[str, Any]:
    """The bound: 1.5 times what the calls take when the allowed parallelism is used all the time."""
    figures = Figures()
    with account(options.assets or ASSETS, options.seed) as aws:
        connection = aws.connected()
        connection.source.assets.all().delete()
        aws.forget()
        aws.slow_down(options.latency)
        before = aws.cpu()
        with registry.collector_for(connection) as collector, span() as taken:
            collect(collector, connection.source)
        calls, simulator = sum(row["count"] for row in aws.calls()), aws.cpu() - before
    parallel = Tuning().parallel
    least = calls * options.latency / 1000 / parallel
    figures.add("latency_calls", calls, "calls")
    figures.add("latency_parallelism", parallel, "calls at once")
    figures.add("latency_wall", taken.wall, "s", at_most=SLACK * least)
    figures.add("latency_cpu", taken.cpu, "s")
    figures.add("latency_simulator_cpu", simulator, "s")
    return figures.values
