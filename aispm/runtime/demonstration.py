"""`aispm up --demo`: a simulated AWS account beside the stack, collected together with a bundled cluster."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from aispm.runtime.home import Home, explained, write_private
from aispm.runtime.processes import Program
from aispm.runtime.programs import CODE
from aispm.runtime.supervisor import Supervisor
from aispm.runtime.terminal import say
from aispm.runtime.trouble import Trouble

SEEDED_WITHIN_S = 120
COLLECTED_WITHIN_S = 900


@dataclass(frozen=True, slots=True)
class Account:
    """Where the simulated account answers and what it is dated from: the same at every start on one state."""

    port: int
    since: str

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def start(supervisor: Supervisor) -> None:
    """Bring up the account and see to it that both sources have been collected."""
    if find_spec("moto") is None:
        raise Trouble("the demo needs the development packages. Run: make setup")
    home, account = supervisor.home, _answering(supervisor)
    if supervisor.finish(collecting(account), seconds=COLLECTED_WITHIN_S):
        raise Trouble(f"the demo could not be collected. The end of {home.log('demo')}:\n{home.tail('demo')}")


def was_here(home: Home) -> bool:
    """Whether this state was started with the demo before."""
    return _kept(home).exists()


def resume(supervisor: Supervisor) -> None:
    """A start without --demo on a state that holds the demo: its account must answer, or its source would go stale."""
    if find_spec("moto") is None:
        say("  This state holds the demo, whose simulated account needs the development packages: it is not read now.")
        return
    _answering(supervisor)
    say("  This state holds the demo. To begin without it, name another AISPM_HOME or remove its two sources.")


def _answering(supervisor: Supervisor) -> Account:
    home, began = supervisor.home, time.monotonic()
    account, ready = remembered(home), home.root / "demo-ready"
    ready.unlink(missing_ok=True)
    supervisor.start_until(simulated(account, ready), ready.exists, seconds=SEEDED_WITHIN_S)
    say(f"  Simulated AWS account answers on {account.endpoint} ({time.monotonic() - began:.1f} s)")
    return account


def _kept(home: Home) -> Path:
    return home.root / "demo.json"


def remembered(home: Home) -> Account:
    path = _kept(home)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        account = Account(int(kept["port"]), str(kept["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        account = Account(0, midnight.isoformat())
    if not account.port or not _free(account.port):
        account = Account(_any_port(), account.since)
    with explained(path):
        write_private(path, json.dumps({"port": account.port, "since": account.since}))
    return account


def _free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def _any_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def simulated(account: Account, ready: Path) -> Program:
    return Program(
        name="aws",
        argv=(
            *(sys.executable, "-m", "aispm.runtime.simulated"),
            *("--port", str(account.port), "--since", account.since, "--ready", str(ready)),
        ),
        stop=((signal.SIGTERM, 5),),
        cwd=CODE,
    )


def collecting(account: Account) -> Program:
    return Program(
        name="demo",
        argv=(sys.executable, "-m", "aispm.runtime.estate", "--endpoint", account.endpoint),
        stop=((signal.SIGTERM, 5),),
        cwd=CODE,
        shown=True,
    )
