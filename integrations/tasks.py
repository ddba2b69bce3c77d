"""What workers do: collect a source. The tick hands out what is due."""

from __future__ import annotations

import uuid
from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from aispm.core.errors import TransientError
from integrations import services

MESSAGE_LIVES_S = 120
"""A run that nobody has taken up is handed out again, so an older message need not wait for a free worker."""


@shared_task(acks_late=True, ignore_result=True, time_limit=3600, expires=MESSAGE_LIVES_S)
def collect(run_id: str) -> None:
    with suppress(TransientError):  # queued again; the tick hands it out when it has waited long enough
        services.perform_run(run_id=uuid.UUID(run_id))


def hand_out() -> int:
    """Hand every run that is due, or that was lost, to the workers. Answers how many."""
    due = services.take_due_runs(at=timezone.now())
    for run_id in due:
        collect.delay(str(run_id))
    return len(due)
