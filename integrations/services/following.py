"""One cluster followed: read as a whole by a run of its own, then told change by change."""

from __future__ import annotations

import random
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from django.db import connection as database
from django.utils import timezone

from aispm.core.errors import Conflict, DomainError, PermanentError, TransientError
from findings.posture.services import Busy, evaluate
from integrations import queries, registry
from integrations.models import Connection, Origin, RunState, Watch
from integrations.services.requesting import request_run
from integrations.services.running import perform_run
from integrations.services.watching import record_changes

if TYPE_CHECKING:
    from integrations.kubernetes.watch import ClusterWatch, Pace

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.3
"""What changes within so long is told together."""
LOOK_SECONDS = 1.0
AGAIN_SECONDS, LONGEST_AGAIN_SECONDS = 15.0, 1800.0
"""Before the next whole reading; each one that fails is a run, so they become fewer."""
ONE_AT_A_TIME = threading.Lock()
"""Deriving and judging take a whole source into memory: of one cluster after the other."""


class Follower:
    """Follows a cluster as long as this process holds its watch: until `held_until`, which whoever renews moves on."""

    def __init__(self, connection: Connection, pace: Pace | None = None) -> None:
        self.connection, self.source = connection, connection.source
        self.held_until = 0.0
        self._pace = pace
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"follow-{self.source.pk}", daemon=True)
        self._failures = 0
        self._unjudged = False
        self._said: dict[str, object] = {}

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def is_for(self, connection: Connection) -> bool:
        """Whether that connection reaches the cluster as this one does."""
        ours, other = self.connection, connection
        return (ours.settings, bytes(ours.secret or b"")) == (other.settings, bytes(other.secret or b""))

    def begin(self) -> ClusterWatch | None:
        """Reads the whole cluster and goes on from there; None while another run reads it."""
        from integrations.kubernetes.watch import ClusterWatch

        collector = registry.cluster_collector(self.connection)
        lists = collector.mirrored()
        try:
            run = request_run(source=self.source, origin=Origin.WATCH)
        except Conflict:
            return None
        perform_run(run_id=run.pk, collector=collector)
        run.refresh_from_db()
        if run.state not in (RunState.COMPLETE, RunState.INCOMPLETE):
            raise PermanentError(run.error or "The reading of the cluster was called off.")
        watch = ClusterWatch(lists, self._pace)
        watch.start()
        self._failures = 0
        return watch

    def pause(self) -> float:
        """Seconds until the next whole reading."""
        longest = min(AGAIN_SECONDS * 2.0**self._failures, LONGEST_AGAIN_SECONDS)
        return longest * (0.5 + random.random() / 2)  # noqa: S311  # jitter, not a secret

    def turn(self, watch: ClusterWatch) -> None:
        """Tells what changed since the last turn.

        Not while a run reads the source, which may write an older state of the same asset later; whether one does is
        asked after the changes were taken, because one that begins then reads newer ones.
        """
        if queries.active_run_for_system(self.source.pk):
            return
        changes, taken = watch.mirror.read()
        told = False
        try:
            with ONE_AT_A_TIME:
                if monotonic() < self.held_until and not queries.active_run_for_system(self.source.pk):
                    self._unjudged |= bool(taken) and record_changes(source=self.source, changes=changes)
                    told = True
        finally:
            if not told:
                watch.mirror.give_back(taken)
        self._judge()

    def _judge(self) -> None:
        if self._unjudged:
            with suppress(Busy), ONE_AT_A_TIME:
                evaluate(source=self.source)
                self._unjudged = False

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                self.follow()
                self._stopped.wait(self.pause())
        finally:
            database.close()

    def follow(self) -> None:
        """Until it is stopped, or has to begin again."""
        watch = None
        try:
            watch = self.begin()
            if watch is not None:
                self._keep(watch)
        except (DomainError, PermanentError, TransientError) as error:
            self._failures += 1
            self._say(since=None, live=0, missing=[], trouble=str(error))
        except Exception:
            # The boundary of background work: whatever broke, the next try begins with a whole reading.
            self._failures += 1
            log.exception("watch_broken", source=self.source.name)
            database.close()
        finally:
            if watch is not None:
                watch.stop()

    def _keep(self, watch: ClusterWatch) -> None:
        since = timezone.now()
        while not self._stopped.is_set() and not watch.outgrown:
            standing = watch.standing()
            self._say(since=since, live=standing.live, missing=list(standing.missing), trouble=standing.trouble)
            if watch.mirror.wait(LOOK_SECONDS) or self._unjudged:
                self._stopped.wait(GATHER_SECONDS)
                self.turn(watch)
        self._say(since=None, live=0, missing=[], trouble="")

    def _say(self, **standing: object) -> None:
        """For the page; once, not at every turn."""
        if standing != self._said and monotonic() < self.held_until:
            Watch.objects.filter(source=self.source).update(**standing)
            self._said = standing
