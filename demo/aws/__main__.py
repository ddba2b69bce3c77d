"""`python -m demo.aws --port P [--state DIR] [--seed N] [--assets N] [--accounts N]`: the demo's AWS account.

It runs until it is stopped.

With --state the moment of the first start is kept there, so that every later start shows the same estate, times
included. Prints one line of JSON when it is ready: url,
account, access key, role and external id for the connection, and the keys of further accounts.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from datetime import UTC, datetime, time
from pathlib import Path
from threading import Event

from demo.aws import SimulatedAws, estate
from demo.aws.credentials import Key
from demo.aws.estate.company import EXTERNAL_ID, READER_ROLE
from demo.aws.estate.generator import generate
from demo.aws.moto_server import SEED
from demo.aws.server import COLLECTOR_USER


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with SimulatedAws(port=options.port, seed=options.seed, epoch=_epoch(options.state)) as aws:
        estate.seed(aws)
        if options.assets:
            generate(aws, assets=options.assets, seed=options.seed)
        further = [f"7{number:011}" for number in range(1, options.accounts)]
        for place, account in enumerate(further, 1):
            generate(aws, assets=options.assets, seed=options.seed + 2 * place, account=account)
        keys = [aws.keys.user_key(account, COLLECTOR_USER) for account in further]
        sys.stdout.write(json.dumps(described(aws) | {"further": list(map(_shown, keys))}) + "\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


def described(aws: SimulatedAws) -> dict[str, str]:
    """What a connection needs."""
    return {
        "url": aws.url,
        "account": aws.account_id,
        "access_key_id": aws.key.access_key_id,
        "secret_access_key": aws.key.secret_access_key,
        "role_arn": f"arn:aws:iam::{aws.account_id}:role/{READER_ROLE}",
        "external_id": EXTERNAL_ID,
    }


def _shown(key: Key) -> dict[str, str]:
    return {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key}


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.aws", description="A simulated AWS account.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=SEED, help="number from which all identifiers are drawn")
    parser.add_argument("--assets", type=int, default=0, help="generate about that many assets besides the company's")
    parser.add_argument("--accounts", type=int, default=1, help="as many accounts, each with that many assets")
    parser.add_argument("--state", type=Path, help="folder that keeps the moment of the first start")
    return parser.parse_args(arguments)


def _epoch(state: Path | None) -> datetime:
    today = datetime.combine(datetime.now(UTC), time(), UTC)
    if state is None:
        return today
    kept = state / "simulated-aws.json"
    if kept.exists():
        return datetime.fromisoformat(json.loads(kept.read_text())["epoch"])
    state.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"epoch": today.isoformat()}))
    return today


if __name__ == "__main__":
    sys.exit(main())
