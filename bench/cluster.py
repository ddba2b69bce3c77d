"""`python -m bench.cluster --workloads N`: a generated cluster behind a loopback API server, until it is stopped.

Prints one line of JSON when it is ready: kubeconfig, and how many objects there are of each kind.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from threading import Event

from demo.cluster import generate
from demo.cluster.server import Cluster, kubeconfig, serve


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description="A generated cluster.")
    parser.add_argument("--workloads", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    bodies = generate(given.workloads, given.seed)
    documents = dict(bodies.documents())
    cluster = Cluster.of(documents)
    megabytes = sum(len(item) for served in cluster.lists.values() for item in served.items) / 1e6
    counts = {name: len(items) for name, items in bodies.lists.items()}
    del bodies, documents
    with serve(cluster) as address:
        where = {"kubeconfig": kubeconfig(address), "counts": counts, "megabytes": megabytes}
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
