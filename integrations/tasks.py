"""What workers do: collect a source, judge it again, and ask every few seconds what is due."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from aispm.core.errors import TransientError
from findings.posture import services as posture
from integrations import services


@shared_task(
    acks_late=True,
    ignore_result=True,
    time_limit=3600,
    autoretry_for=(TransientError,),
    retry_backoff=10,
    retry_backoff_max=120,
    max_retries=5,
)
def collect(run_id: str) -> None:
    services.perform_run(run_id=uuid.UUID(run_id))


@shared_task(acks_late=True, ignore_result=True, time_limit=900)
def judge(source_id: str) -> None:
    posture.evaluate_source(source_id=uuid.UUID(source_id))


@shared_task(ignore_result=True, time_limit=60, expires=10)
def tick() -> None:
    for run_id in services.take_due_runs(at=timezone.now()):
        collect.delay(str(run_id))
    for source_id in posture.sources_with_other_rules():
        judge.delay(str(source_id))
