"""A run is held by a lease: whoever stops renewing it loses it, and the next worker takes it up."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from types import TracebackType

import structlog
from django.db import DatabaseError, connection
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from integrations.models import ACTIVE, WAITING, Run, RunState

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
BEAT_SECONDS = 3.0


class Lease:
    """Holds one run while the block runs; a thread renews it and notices cancellation and loss."""

    def __init__(self, run_id: uuid.UUID) -> None:
        self.run_id = run_id
        self.holder = uuid.uuid4()
        self._ended = threading.Event()
        self._stop = threading.Event()
        self.lost = False
        self.cancelled = False

    def claim(self) -> bool:
        """Take the run if it is queued and not waiting for another try, or running with a lease that ran out."""
        now = timezone.now()
        free = Q(state=RunState.QUEUED) & ~Q(phase=WAITING)
        return bool(
            Run.objects.filter(pk=self.run_id)
            .filter(free | Q(state__in=ACTIVE, lease_until__lte=now))
            .update(
                state=RunState.RUNNING,
                phase="",
                holder=self.holder,
                lease_until=now + LEASE,
                attempts=F("attempts") + 1,
                started_at=Coalesce("started_at", now),
            )
        )

    def stopped(self) -> bool:
        """Whether the work should end now: cancelled, or taken over by another worker."""
        return self._stop.is_set()

    def __enter__(self) -> Lease:
        self._thread = threading.Thread(target=self._beat, name=f"lease-{self.run_id}", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=10)

    def _beat(self) -> None:
        try:
            while not self._ended.wait(BEAT_SECONDS):
                self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        try:
            mine = Run.objects.filter(pk=self.run_id, holder=self.holder, state=RunState.RUNNING)
            held = mine.update(lease_until=timezone.now() + LEASE)
            self.cancelled = held > 0 and mine.filter(cancel_requested_at__isnull=False).exists()
            self.lost = held == 0
        except DatabaseError as error:
            log.warning("lease_not_renewed", run=str(self.run_id), error=str(error))
            connection.close()  # a fresh connection at the next beat; the lease outlives several
            return
        if self.cancelled or self.lost:
            self._stop.set()
