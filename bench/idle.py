"""Memory of the whole embedded stack when nobody asks anything of it."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil

from bench.figures import Figures
from bench.options import Options
from bench.stack import memory_mb, role_of, stack

SETTLE_S = 20
CHILD = "worker"


def measure(options: Options, root: Path) -> dict[str, Any]:
    """Proportional set sizes sum to what the stack really takes: a page that processes share counts once."""
    figures, by_role, children = Figures(), defaultdict[str, float](float), [0.0]
    with stack(root) as running:
        time.sleep(SETTLE_S)
        resident = 0.0
        for process in running.processes():
            try:
                role, (share, rss) = role_of(process), memory_mb(process)
                by_role[role] += share
                resident += rss
                if role == CHILD and role_of(process.parent() or process) == CHILD:
                    children.append(rss)
            except psutil.NoSuchProcess:
                continue
    figures.add("idle_pss", sum(by_role.values()), "MB", at_most=800)
    figures.add("idle_rss_sum", resident, "MB")
    for role, share in sorted(by_role.items()):
        figures.add(f"idle_pss_{role}", share, "MB")
    figures.add("worker_child_rss", max(children), "MB", at_most=150)
    return {"parameters": {"settled_s": SETTLE_S}, "figures": figures.values}
