"""Reads of connections and runs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from aispm.accounts.models import User
from integrations.models import ACTIVE, Connection, Purpose, Run, RunState


def connections_for(user: User) -> QuerySet[Connection]:
    return Connection.objects.visible_to(user).select_related("source").defer("secret").order_by("source__name", "id")


def runs_for(user: User) -> QuerySet[Run]:
    return Run.objects.visible_to(user).select_related("source", "requested_by")


def active_run_for_system(source_id: UUID) -> Run | None:
    return Run.objects.filter(source_id=source_id, state__in=ACTIVE).first()


def due_connections_for_system(at: datetime) -> QuerySet[Connection]:
    """Connections whose next collection is due and that are not being collected."""
    return (
        Connection.objects.filter(enabled=True, next_due_at__lte=at)
        .exclude(source__runs__state__in=ACTIVE)
        .select_related("source")
        .order_by("next_due_at")
    )


def undelivered_runs_for_system(at: datetime, purpose: Purpose) -> QuerySet[Run]:
    """Runs whose holder, or whose message, has been lost, or that have waited long enough: the lease ran out."""
    return Run.objects.filter(Q(lease_until__lte=at) | Q(lease_until=None), state__in=ACTIVE, purpose=purpose)


def previous_run_finished_for_system(run: Run) -> bool:
    """Whether the run before this one recorded everything that it saw."""
    earlier = Run.objects.filter(source_id=run.source_id, queued_at__lt=run.queued_at, purpose=Purpose.COLLECT)
    before = earlier.order_by("-queued_at").first()
    return before is not None and before.state in {RunState.COMPLETE, RunState.INCOMPLETE}
