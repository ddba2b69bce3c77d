"""`python -m bench.cluster --workloads N`: a generated cluster behind a loopback API server, until it is stopped.

Prints one line of JSON when it is ready: kubeconfig, and how many objects there are of each kind.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from random import Random
from threading import Event, Thread

from demo.cluster import generate
from demo.cluster.server import Cluster, kubeconfig, serve

PODS, DEPLOYMENTS = "/api/v1/pods", "/apis/apps/v1/deployments"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description="A generated cluster.")
    parser.add_argument("--workloads", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changes", type=float, default=0, help="a second, once somebody watches pods")
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
        if given.changes:
            Thread(target=live, args=(cluster, given.changes, stopped), daemon=True).start()
        stopped.wait()
    return 0


def live(cluster: Cluster, a_second: float, stopped: Event) -> None:
    """Of five changes three are pods that say they are well, one a pod's phase, one the size of a workload."""
    chance, made, began = Random(1), 0, 0.0  # noqa: S311  # the same changes every time
    while not stopped.is_set():
        if not cluster.events.open[PODS]:
            stopped.wait(0.05)
            continue
        began = began or time.monotonic()
        while made < (time.monotonic() - began) * a_second:
            made += 1
            path = DEPLOYMENTS if made % 5 == 0 else PODS
            item = json.loads(chance.choice(cluster.lists[path].items))
            if path == DEPLOYMENTS:
                item["spec"]["replicas"] = made
            elif made % 5 == 1:
                item.setdefault("status", {})["phase"] = chance.choice(["Running", "Pending", "Failed"])
            cluster.change(path, item)
        stopped.wait(0.02)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
