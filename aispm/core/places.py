"""Where the embedded stack keeps its state. Plain paths: the supervisor reads them before there are settings."""

import hashlib
import os
import tempfile
from pathlib import Path

DEFAULT_HOME = ".aispm"
SOCKET_PATH_LIMIT = 100  # bytes; the kernel's limit is 107 on Linux, 103 on macOS


def home(value: str) -> Path:
    """The folder that AISPM_HOME names, absolute."""
    return Path(value or DEFAULT_HOME).expanduser().resolve()


def run_dir(root: Path) -> Path:
    """Where the embedded servers listen: under AISPM_HOME, unless a socket's path would grow too long there."""
    inside = root / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
        return inside
    return Path(tempfile.gettempdir()) / f"aispm-{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}"


def postgres_url(root: Path) -> str:
    return f"postgresql://postgres@/aispm?host={run_dir(root)}"


def valkey_url(root: Path) -> str:
    return f"unix://{run_dir(root) / 'valkey.sock'}"
