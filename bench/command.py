"""The command line: which figures, how large, and one JSON object on standard output."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from typing import Any

from bench import machine
from bench.children import Failed, measured
from bench.options import Options

# name → what it measures, and whether it needs servers of its own (`aispm up` brings its own).
BENCHES = {
    "collect": ("AWS collection over HTTP, one account and several at once: calls, time, memory", True),
    "kubernetes": ("a cluster collected over HTTP, and judged", True),
    "evaluate": ("rules over an estate: all of it, one changed asset, findings again", True),
    "rescan": ("what an unchanged rescan writes", True),
    "drift": ("findings written until there are a million: whether it slows down", True),
    "pages": ("lists and pages with many findings", True),
    "idle": ("memory of the whole embedded stack at rest", False),
    "start": ("from a command to a page, and to a filled dashboard", False),
}


def main(argv: Sequence[str]) -> int:
    """Exit codes: 0 measured (whatever the figures), 2 wrong usage, 3 a measurement failed."""
    options = parse(argv)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))  # what was started is stopped and removed
    try:
        report = run_all(options) if options.name == "all" else run(options.name, options)
    except Failed as failed:
        sys.stderr.write(f"aispm bench: {failed}\n")
        return 3
    sys.stdout.write(json.dumps(report, indent=None if options.compact else 2, ensure_ascii=False) + "\n")
    return 0


def run(name: str, options: Options) -> dict[str, Any]:
    """One bench as a report."""
    here = machine.described()
    return {"name": name, **measured(name, options, servers=BENCHES[name][1]), "machine": here}


def run_all(options: Options) -> dict[str, Any]:
    """Every bench, one after the other."""
    here, reports = machine.described(), []
    for name, (_, servers) in BENCHES.items():
        sys.stderr.write(f"{name} …\n")
        reports.append({"name": name, **measured(name, options, servers=servers)})
    return {"name": "all", "benches": reports, "machine": here}


def parse(argv: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="aispm bench",
        description="Measure AISPM on this machine, in throw-away databases. Prints one JSON object.",
        epilog="\n".join(f"  {name:11} {words}" for name, (words, _) in BENCHES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=(*BENCHES, "all"), metavar="name", help="one of those below, or all")
    parser.add_argument("--assets", type=_count, default=0, help="size of a simulated account (0: the bench's own)")
    parser.add_argument("--accounts", type=_count, default=10, help="AWS accounts collected at once (%(default)s)")
    parser.add_argument("--workloads", type=_count, default=0, help="size of the simulated cluster (0: 1000 and 2500)")
    parser.add_argument("--findings", type=_count, default=100_000, help="findings behind the pages (%(default)s)")
    parser.add_argument("--repeat", type=_count, default=20, help="requests for each address (%(default)s)")
    parser.add_argument("--latency", type=_milliseconds, default=50, help="of each AWS call, e.g. 50ms")
    parser.add_argument("--seed", type=_count, default=1, help="the same seed, the same estate (%(default)s)")
    parser.add_argument("--compact", action="store_true", help="JSON on one line")
    parser.add_argument("--together", action="store_true", help="quick, in one process: peaks of memory are not apart")
    return Options(**vars(parser.parse_args(argv)))


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("use a number from 0")
    return number


def _milliseconds(text: str) -> int:
    return _count(text.removesuffix("ms"))
