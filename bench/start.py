"""From a command to a page that answers, the first and the second time, and to a filled dashboard."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from bench.children import ROOT
from bench.figures import Figures
from bench.options import Options
from bench.stack import OPEN, Stack, aispm, stack

DEMO_S = 180


def measure(options: Options, root: Path) -> dict[str, Any]:
    figures = Figures()
    with stack(root / "first") as running:
        figures.add("first_start", _opened(running), "s")
    with stack(root / "first") as running:
        figures.add("second_start", _opened(running), "s")
    with stack(root / "demo", "--demo") as running:
        figures.add("demo_start", _opened(running), "s", at_most=DEMO_S)
        posture = _told(running, "posture", "--json")
        peak = max(process.memory_info().rss for process in running.processes()) / 2**20
    figures.add("demo_score", posture["overall"]["value"] or 0, "points", at_least=1)
    figures.add("demo_largest_process_rss", peak, "MB")
    return {"parameters": {}, "figures": figures.values}


def _opened(running: Stack) -> float:
    return running.said(OPEN) or 0.0


def _told(running: Stack, *words: str) -> Any:
    done = subprocess.run(aispm(*words), cwd=ROOT, env=running.environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
