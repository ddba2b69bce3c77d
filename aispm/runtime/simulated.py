"""The simulated AWS account of the demo, in a process of its own."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path


def main(argv: Sequence[str]) -> int:
    """Serves until SIGTERM. `--since`: what everything is dated from; `--ready`: the file made when all is there."""
    parser = argparse.ArgumentParser(description="Serve the simulated AWS account of the demo on loopback.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--since", type=datetime.fromisoformat, required=True)
    parser.add_argument("--ready", type=Path, required=True)
    given = parser.parse_args(argv)
    from demo.aws.estate import seed
    from demo.aws.server import SimulatedAws

    ended = threading.Event()
    for which in (signal.SIGTERM, signal.SIGINT):
        signal.signal(which, lambda _signal, _frame: ended.set())
    with SimulatedAws(port=given.port, epoch=given.since) as aws:
        seed(aws)
        given.ready.touch()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
