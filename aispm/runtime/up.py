"""`aispm up`: the whole stack on one machine, from one command, until Ctrl-C."""

from __future__ import annotations

import argparse
import errno
import http.client
import json
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aispm.core import places
from aispm.runtime import demonstration, postgres, programs, valkey
from aispm.runtime.home import Home, lock
from aispm.runtime.privileges import unprivileged
from aispm.runtime.processes import read_record, stop_leftovers
from aispm.runtime.supervisor import Stopped, Supervisor
from aispm.runtime.terminal import complain, say
from aispm.runtime.trouble import Trouble

READY_S = 180
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Options:
    host: str
    port: int
    demo: bool

    @property
    def url(self) -> str:
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 (compared, not bound)
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"


def main(argv: Sequence[str]) -> int:
    """Exit codes: 0 stopped on request, 1 could not start, 2 wrong usage or already running."""
    options = parse(argv)
    try:
        return run(options)
    except Trouble as trouble:
        complain(f"\naispm up: {trouble}")
        return trouble.code


def parse(argv: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="aispm up",
        description="Start AISPM on this machine: database, broker, web, worker, tick, watch. Ctrl-C stops them all.",
        epilog="State is kept under AISPM_HOME (default .aispm). DATABASE_URL and REDIS_URL name outside servers.",
    )
    parser.add_argument("--demo", action="store_true", help="also start a simulated AWS account and load a cluster")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default %(default)s)")
    given = parser.parse_args(argv)
    if not 1 <= given.port <= 65535:
        parser.error("--port must lie between 1 and 65535")
    return Options(given.host, given.port, given.demo)


def run(options: Options) -> int:
    home = Home(places.home(os.environ.get("AISPM_HOME", "")))
    embedded_database = not os.environ.get("DATABASE_URL") and not os.environ.get("DATABASE_URL_FILE")
    account = unprivileged() if embedded_database else None
    home.prepare(account)
    held = lock(home)
    if held is None:
        raise _already_running(home)
    say(f"AISPM · state in {home.root}")
    with held:
        for name in stop_leftovers(home):
            say(f"  {name} was left from a start that was killed; stopped it")
        with listening(options) as door:
            supervisor = Supervisor(home, environment(home, options), url=options.url)
            supervisor.listen()
            try:
                if embedded_database:
                    start_postgres(supervisor)
                start_the_rest(supervisor, door, options)
                supervisor.watch()
            except Stopped:
                say("\nStopping …")
            finally:
                supervisor.stop()
    say("Stopped.")
    return 0


def _already_running(home: Home) -> Trouble:
    record = read_record(home)
    where = f" at {record['url']}" if record.get("url") else ""
    pid = record.get("pid")
    how = f"Stop it with Ctrl-C in its terminal, or with: kill {pid}" if pid else "It is just starting or stopping."
    return Trouble(f"AISPM is already running{where} on the state in {home.root} (process {pid}).\n{how}", code=2)


def environment(home: Home, options: Options) -> dict[str, str]:
    """What the children see: our environment, with the state's place made absolute."""
    env = {**os.environ, "AISPM_HOME": str(home.root), "PYTHONUNBUFFERED": "1"}
    env.setdefault("DJANGO_SETTINGS_MODULE", "aispm.settings")
    if options.host not in LOOPBACK and not os.environ.get("AISPM_ALLOWED_HOSTS"):
        names = {options.host, socket.gethostname(), socket.getfqdn(), "localhost", "127.0.0.1", "[::1]"}
        env["AISPM_ALLOWED_HOSTS"] = ",".join(sorted(names))
    if options.demo:  # its account answers on this machine
        env.setdefault("AISPM_ALLOW_LOOPBACK", "on")
    return env


def listening(options: Options) -> socket.socket:
    """The open door. It belongs to the supervisor, so a web process that starts again refuses nobody."""
    try:
        family = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)[0][0]
        door = socket.create_server((options.host, options.port), family=family, backlog=128)
    except OSError as error:
        raise Trouble(_why_not_listening(options, error)) from error
    return door


def _why_not_listening(options: Options, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {options.port} on {options.host} is taken by another program.\n"
            f"Stop that program, or choose another port: aispm up --port {options.port + 1}"
        )
    if error.errno == errno.EACCES:
        return f"port {options.port} is reserved for the system's administrator. Choose one above 1023 with --port."
    return f"cannot listen on {options.host}:{options.port}: {error.strerror or error}"


def start_postgres(supervisor: Supervisor) -> None:
    home, account, began = supervisor.home, unprivileged(), time.monotonic()
    created = postgres.ensure_cluster(home, account)
    postgres.clear_stale(home)
    supervisor.start_until(postgres.program(home, account), lambda: postgres.answers(home), seconds=60)
    _done("PostgreSQL 18 created and started" if created else "PostgreSQL 18 started", began)


def start_the_rest(supervisor: Supervisor, door: socket.socket, options: Options) -> None:
    home, began = supervisor.home, time.monotonic()
    if not os.environ.get("REDIS_URL") and not os.environ.get("REDIS_URL_FILE"):
        valkey.socket_path(home).unlink(missing_ok=True)
        supervisor.start_until(valkey.program(home), lambda: valkey.answers(home), seconds=30)
        _done("Valkey 9 started", began)
    began = time.monotonic()
    if supervisor.finish(programs.prepare(), seconds=600):
        raise Trouble(f"the database could not be prepared. The end of {home.log('prepare')}:\n{home.tail('prepare')}")
    _done("Database is up to date", began)
    began = time.monotonic()
    for program in (programs.web(door.fileno()), programs.worker(), programs.tick(), programs.watch()):
        supervisor.start(program)
    wait_until_ready(supervisor, options)
    _done("Web, worker, tick and watch are up", began)
    if options.demo:
        demonstration.start(supervisor)
    elif demonstration.was_here(home):
        demonstration.resume(supervisor)
    welcome(home, options)


def _done(what: str, began: float) -> None:
    say(f"  {what} ({time.monotonic() - began:.1f} s)")


def wait_until_ready(supervisor: Supervisor, options: Options) -> None:
    until, problems, wait = time.monotonic() + READY_S, ["web does not answer"], 0.1
    while time.monotonic() < until:
        supervisor.tend(give_up_after=3)
        problems = not_ready(options)
        if not problems:
            return
        supervisor.pause(wait)
        wait = min(wait * 1.3, 2)
    raise Trouble(
        f"AISPM did not become ready within {READY_S} s: {'; '.join(problems)}.\nLogs: {supervisor.home.logs}"
    )


def not_ready(options: Options) -> list[str]:
    """What /health/ready names as broken; empty when all is well."""
    address = options.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        body = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        return [f"web does not answer ({error})"]
    finally:
        connection.close()
    broken = [f"{check['name']}: {check['problem']}" for check in body.get("checks", []) if not check["ok"]]
    return broken if answer.status != 200 else []


def welcome(home: Home, options: Options) -> None:
    say(f"\n  Open     {options.url}")
    for line in sign_in_lines(home.secrets / "initial-admin"):
        say(f"  {line}")
    say(f"  Logs     {home.logs}\n\nCtrl-C stops everything.")


def sign_in_lines(kept: Path) -> list[str]:
    """The login in full once; later only where it is kept."""
    shown = kept.with_name("initial-admin.shown")
    try:
        password = kept.read_text(encoding="utf-8").strip()
    except OSError:
        return ["Sign in  with your own account"]
    if shown.exists():
        return [f"Sign in  as admin; the first password is in {kept}"]
    shown.touch(mode=0o600)
    return [f"Sign in  admin / {password}", f"         (kept in {kept})"]
