"""Removing a source with everything known of it: asked for at once, done in the background under a lease."""

from __future__ import annotations

import time
import uuid

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from aispm.accounts.models import User
from aispm.core.errors import Conflict
from findings.posture.services import Busy, forget_source
from integrations import queries
from integrations.models import Connection, Origin, Purpose, Run, RunState
from integrations.services.leasing import Lease
from inventory.models import Source
from inventory.services import delete_source

log = structlog.get_logger(__name__)

BUSY_SECONDS = 2.0
REMOVING = "removing"


@transaction.atomic
def remove_source(*, source: Source, by: User | None = None) -> Run:
    """Ask for a source to be forgotten; Conflict while it is collected or removed. The tick sees to it.

    From now on it is neither collected nor judged: only one run of a source is active.
    """
    try:
        with transaction.atomic():
            run = Run.objects.create(source=source, requested_by=by, purpose=Purpose.REMOVE, origin=Origin.REQUEST)
    except IntegrityError:
        raise Conflict(f"{source.name} is being collected or removed: cancel that run first, or wait for it.") from None
    Connection.objects.filter(source=source).update(enabled=False)
    return run


def removals_due() -> list[uuid.UUID]:
    """Removals that nobody does at this moment."""
    waiting = queries.undelivered_runs_for_system(timezone.now(), Purpose.REMOVE)
    return list(waiting.order_by("queued_at").values_list("pk", flat=True))


def perform_removal(*, run_id: uuid.UUID) -> None:
    """Remove the source unless somebody else is at it. Killed anywhere, the next call goes on.

    First its findings end and its verdicts leave the scores, a batch at a time, so that every sum stays exact and the
    ledger says why; then its rows are deleted.
    """
    lease = Lease(run_id)
    if not lease.claim():
        log.info("removal_not_claimed", run=str(run_id))
        return
    run = Run.objects.select_related("source").get(pk=run_id)
    name = run.source.name
    Run.objects.filter(pk=run_id, holder=lease.holder).update(phase=REMOVING)

    def progress(done: int) -> bool:
        """Whether to go on."""
        return bool(Run.objects.filter(pk=run_id, holder=lease.holder, state=RunState.RUNNING).update(assets_gone=done))

    with structlog.contextvars.bound_contextvars(run=str(run_id), source=name), lease:
        while True:
            try:
                with forget_source(source=run.source, run=run_id, go_on=progress) as forgotten:
                    if forgotten:
                        delete_source(source=run.source)
                        log.info("source_removed")
                    return
            except Busy:
                if lease.stopped():
                    return
                time.sleep(BUSY_SECONDS)
