"""What workers do: collect a source, connect members of an organization. The tick hands out what is due."""

from __future__ import annotations

import uuid
from collections import Counter
from contextlib import suppress

import structlog
from celery import shared_task
from django.utils import timezone

from aispm.core.errors import TransientError
from integrations import services
from integrations.models import Connection

log = structlog.get_logger(__name__)
MESSAGE_LIVES_S = 120
"""A run that nobody has taken up is handed out again, so an older message need not wait for a free worker."""


@shared_task(acks_late=True, ignore_result=True, time_limit=3600, expires=MESSAGE_LIVES_S)
def collect(run_id: str) -> None:
    with suppress(TransientError):  # queued again; the tick hands it out when it has waited long enough
        services.perform_run(run_id=uuid.UUID(run_id))


@shared_task(acks_late=True, ignore_result=True, time_limit=3600, expires=MESSAGE_LIVES_S)
def ask_members(connection_id: str) -> None:
    parent = Connection.objects.select_related("source").filter(pk=connection_id).first()
    if parent is not None:
        members = services.ask_chosen(parent=parent)
        log.info("members_asked", parent=parent.source.name, standing=Counter(one.standing.value for one in members))


def hand_out() -> int:
    """Hand every run, and every choice of members, that is due or was lost to the workers. Answers how many runs."""
    now = timezone.now()
    for connection_id in services.members_due(at=now):
        ask_members.delay(str(connection_id))
    due = services.take_due_runs(at=now)
    for run_id in due:
        collect.delay(str(run_id))
    return len(due)
