"""A cluster that changes all the time, followed: how long a turn takes, and whether it keeps up."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aispm.core import crypto
from bench.children import serving
from bench.figures import Figures, peak_mb
from bench.options import Options
from demo.cluster.events import FIRST
from findings.posture.services import sync_rules
from integrations import registry
from integrations.models import Connection, ConnectionKind
from integrations.services.following import GATHER_SECONDS, Follower
from inventory.models import SourceKind
from inventory.recognition.catalogue import catalogue
from inventory.services import ensure_source

QUIET, BUSY, SECONDS = 2, 200, 15
WORKLOADS = 1000


@dataclass(frozen=True, slots=True)
class Turned:
    """Seconds of each turn, and how many changes a second were heard."""

    turns: Sequence[float]
    heard: float


def watched(options: Options) -> dict[str, Any]:
    """First a change now and then, for what becomes of one; then 200 a second of pods and workloads."""
    figures = Figures()
    quiet, busy = _followed(options, QUIET), _followed(options, BUSY)
    figures.add("watch_workloads", options.workloads or WORKLOADS, "workloads")
    # The worst that may happen to a change: it just missed a turn, and waits for the next.
    figures.add("watch_change_to_page", GATHER_SECONDS + 2 * max(quiet.turns), "s", at_most=3)
    figures.add("watch_busy_heard", busy.heard, "1/s", at_least=BUSY * 0.9)
    figures.add("watch_busy_turn_first", busy.turns[0], "s")
    figures.add("watch_busy_turn_last", busy.turns[-1], "s")
    figures.add("watch_peak_rss", peak_mb(), "MB", at_most=350)
    return figures.values


def _followed(options: Options, changes: int) -> Turned:
    workloads, seconds = options.workloads or WORKLOADS, 1 if options.together else SECONDS
    with serving("bench.cluster", "--workloads", str(workloads), "--changes", str(changes)) as where:
        follower = _ready(where["kubeconfig"])
        watch = follower.begin()
        if watch is None:
            raise RuntimeError("The cluster is read by somebody else.")
        began, turns = time.monotonic(), list[float]()
        while time.monotonic() - began < seconds or not turns:
            time.sleep(GATHER_SECONDS)
            turn = time.monotonic()
            follower.turn(watch)
            turns.append(time.monotonic() - turn)
        heard = max(int(version) for _api, version in watch.ends.values()) - FIRST
        watch.stop()
    return Turned(turns, heard / (time.monotonic() - began))


def _ready(kubeconfig: str) -> Follower:
    sync_rules()
    catalogue()
    secret = {"kubeconfig": kubeconfig}
    identity = registry.live_collector(ConnectionKind.KUBERNETES, {}, secret).identify()
    source = ensure_source(kind=SourceKind.KUBERNETES, external_id=identity.external_id, name="followed")
    access = {"kind": ConnectionKind.KUBERNETES, "secret": crypto.seal(secret)}
    made, _ = Connection.objects.update_or_create(source=source, defaults=access)
    follower = Follower(made)
    follower.held_until = time.monotonic() + 3600
    return follower
