"""Asking for runs, calling them off, and finding those that nobody holds."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Least
from django.utils import timezone

from aispm.accounts.models import User
from aispm.core.errors import Conflict
from findings.posture.services import leave_unjudged
from integrations import queries
from integrations.models import Connection, ConnectionKind, Origin, Purpose, Run, RunState
from inventory.models import Source

REDELIVER = timedelta(seconds=60)
HEARD_WITHIN = timedelta(seconds=10)


def request_run(
    *, source: Source, by: User | None = None, origin: Origin = Origin.REQUEST, handed_out: bool = True
) -> Run:
    """Queue a run of a source; Conflict when one is queued or running, or when the source has no connection.

    The caller starts the task after commit. If that message is lost, `take_due_runs` finds the run again; without
    `handed_out` it finds it at its next turn.
    """
    connection = Connection.objects.filter(source=source).first()
    if connection is None:
        raise Conflict(f"{source.name} has no connection: connect it first.")
    try:
        with transaction.atomic():
            until = timezone.now() + REDELIVER if handed_out else None
            run = Run.objects.create(source=source, requested_by=by, lease_until=until, origin=origin)
            _plan_next(connection)
    except IntegrityError:
        raise Conflict(
            f"{source.name} is already being collected, or removed: wait for that run, or cancel it."
        ) from None
    return run


def cancel_run(*, run: Run) -> Run:
    """A queued run ends at once; a running one ends within seconds, keeping what it has recorded.

    A removal can be called off while nobody is at it; what it had ended is judged again.
    """
    now = timezone.now()
    ended = Run.objects.filter(pk=run.pk).filter(
        Q(state=RunState.QUEUED) | Q(state=RunState.RUNNING, purpose=Purpose.REMOVE, lease_until__lte=now)
    )
    if not ended.update(cancel_requested_at=now, **_ended(now)):
        running = Run.objects.filter(pk=run.pk, state=RunState.RUNNING)
        soon = Least("lease_until", Value(now + HEARD_WITHIN))  # a worker that lives renews it before
        if not running.filter(purpose=Purpose.COLLECT).update(cancel_requested_at=now, lease_until=soon):
            raise Conflict("A removal that has begun goes on." if running.exists() else "This run has already ended.")
    run.refresh_from_db()
    if run.purpose == Purpose.REMOVE and run.attempts:
        leave_unjudged(source=run.source)
    return run


@transaction.atomic
def take_due_runs(*, at: datetime) -> list[uuid.UUID]:
    """Runs to hand to a worker now: newly due ones, and those whose worker or message was lost.

    Two callers at once never take the same run: rows are locked and skipped, and each is queued with a new lease.
    """
    for connection in queries.due_connections_for_system(at).select_for_update(skip_locked=True, of=("self",)):
        try:
            with transaction.atomic():
                Run.objects.create(source=connection.source, lease_until=None, origin=_why_due(connection))
        except IntegrityError:
            continue  # somebody asked for one meanwhile
        _plan_next(connection)
    lost = queries.undelivered_runs_for_system(at, Purpose.COLLECT).select_for_update(skip_locked=True, of=("self",))
    runs = list(lost.select_related("source"))
    unwanted = [run for run in runs if run.cancel_requested_at is not None]
    Run.objects.filter(pk__in=[run.pk for run in unwanted]).update(**_ended(at))
    for run in unwanted:
        leave_unjudged(source=run.source)
    ids = [run.pk for run in runs if run.cancel_requested_at is None]
    queued = {"state": RunState.QUEUED, "phase": "", "holder": None, "lease_until": at + REDELIVER}
    Run.objects.filter(pk__in=ids).update(**queued)
    return ids


def _ended(at: datetime) -> dict[str, Any]:
    """Columns of a run that was called off while no worker held it."""
    return {"state": RunState.CANCELLED, "phase": "", "finished_at": at, "lease_until": None, "holder": None}


def _why_due(connection: Connection) -> Origin:
    known = Run.objects.filter(source=connection.source, purpose=Purpose.COLLECT).exists()
    return Origin.SCHEDULE if known else Origin.CONNECT


def _plan_next(connection: Connection) -> None:
    later = timezone.now() + timedelta(minutes=connection.every_minutes)
    connection.next_due_at = None if connection.kind == ConnectionKind.SNAPSHOT else later
    connection.save(update_fields=["next_due_at"])
