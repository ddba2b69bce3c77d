"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from aispm.runtime.postgres import BINARIES

ROOT = Path(__file__).resolve().parent.parent


def described() -> dict[str, Any]:
    """Taken before measuring: `load` tells whether others were using the machine."""
    return {
        "cores": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total // 2**20,
        "load": [round(load, 2) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "postgres": _words(str(BINARIES / "postgres"), "--version").rpartition(" ")[2],
        "django": version("django"),
        "commit": _words("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"),
    }


def _words(*argv: str) -> str:
    """What a command prints; empty when there is none."""
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=10).stdout.strip()
    except OSError:
        return ""
