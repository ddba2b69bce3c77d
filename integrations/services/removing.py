"""Removing a source with everything known of it: asked for at once, done in the background under a lease."""

from __future__ import annotations

import uuid
from datetime import timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from aispm.accounts.models import User
from aispm.core.errors import Conflict, DomainError, TransientError
from findings.posture.services import Busy, forget_source
from integrations import queries
from integrations.models import WAITING, Origin, Purpose, Run, RunState
from integrations.services.leasing import Lease
from integrations.services.members import leave_out
from inventory.models import Source
from inventory.services import delete_source

log = structlog.get_logger(__name__)

BUSY = timedelta(seconds=10)
BACK_OFF = (30, 60, 300, 600, 1800)  # seconds before the next attempt
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
    leave_out(source=source)
    return run


def removals_due() -> list[uuid.UUID]:
    """Removals that nobody does at this moment."""
    waiting = queries.undelivered_runs_for_system(timezone.now(), Purpose.REMOVE)
    return list(waiting.order_by("queued_at").values_list("pk", flat=True))


def perform_removal(*, run_id: uuid.UUID) -> None:
    """Remove the source unless somebody else is at it. Killed anywhere, the next call goes on.

    First its findings end and its verdicts leave the scores, a batch at a time, so that every sum stays exact and the
    ledger says why; then its rows are deleted. What fails is said at the run, which waits and is then tried again.
    """
    lease = Lease(run_id)
    if not lease.claim():
        log.info("removal_not_claimed", run=str(run_id))
        return
    run = Run.objects.select_related("source").get(pk=run_id)
    with structlog.contextvars.bound_contextvars(run=str(run_id), source=run.source.name), lease:
        try:
            _remove(run, lease)
        except Busy:
            log.info("removal_busy")
            _again(run, lease, BUSY, error=run.error)
        except Exception as error:
            # The boundary of a removal: whatever broke, people are told, and may call it off while it waits.
            log.exception("removal_failed")
            later = timedelta(seconds=BACK_OFF[min(run.attempts, len(BACK_OFF)) - 1])
            _again(run, lease, later, error=_told(error))


def _remove(run: Run, lease: Lease) -> None:
    held = Run.objects.filter(pk=run.pk, holder=lease.holder, state=RunState.RUNNING)
    held.update(phase=REMOVING)
    with forget_source(source=run.source, run=run.pk, go_on=lambda done: bool(held.update(assets_gone=done))) as whole:
        if whole:
            delete_source(source=run.source)
            log.info("source_removed")


def _again(run: Run, lease: Lease, later: timedelta, *, error: str) -> None:
    held = Run.objects.filter(pk=run.pk, holder=lease.holder, state=RunState.RUNNING)
    until = timezone.now() + later
    held.update(state=RunState.QUEUED, phase=WAITING, error=error, holder=None, lease_until=until)


def _told(error: Exception) -> str:
    if isinstance(error, DomainError | TransientError):
        return f"{error} It is tried again."
    return f"Internal error ({type(error).__name__}). The log has the details. It is tried again."
