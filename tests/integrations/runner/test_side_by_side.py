"""Ten accounts at once: no run waits for another one's collection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone

from integrations import registry, services
from integrations.base import Collector, Page
from integrations.models import Connection, ConnectionKind, Run, RunState
from inventory.documents import ScopeOutcome, ScopeState
from inventory.models import Asset, Source, SourceKind
from tests.integrations.runner.conftest import NOTEBOOKS, Scripted, notebook

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNTS = [f"{number:012}" for number in range(1, 11)]
PATIENCE_S = 30


def test_ten_accounts_are_read_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(len(ACCOUNTS))
    monkeypatch.setattr(registry, "collector_for", _meeting(together))
    for account in ACCOUNTS:
        source = Source.objects.create(kind=SourceKind.AWS, external_id=account, name=account)
        Connection.objects.create(source=source, kind=ConnectionKind.AWS, next_due_at=timezone.now())
    due = services.take_due_runs(at=timezone.now())
    assert len(due) == len(ACCOUNTS)
    with ThreadPoolExecutor(len(ACCOUNTS)) as workers:
        list(workers.map(_perform, due))
    assert set(Run.objects.values_list("state", flat=True)) == {RunState.COMPLETE}
    assert Asset.objects.filter(kind=NOTEBOOKS.collector).present().count() == len(ACCOUNTS)


def _meeting(together: threading.Barrier) -> Callable[[Connection], object]:
    """Collectors that have read something, and go on only when all of them have."""

    @contextmanager
    def build(connection: Connection) -> Iterator[Collector]:
        account = connection.source.external_id
        yield Scripted(
            account=account,
            script=[
                Page(NOTEBOOKS, [notebook(account)]),
                lambda _cancelled: together.wait(PATIENCE_S),
                ScopeOutcome(NOTEBOOKS, ScopeState.COMPLETE, calls=2),
            ],
        )

    return build


def _perform(run_id: UUID) -> None:
    try:
        services.perform_run(run_id=run_id)
    finally:
        connections.close_all()
