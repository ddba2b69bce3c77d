"""The steps of a run, one at a time: what `integrations.services` does in one go, without lease and progress."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from aispm.core.memory import rare_collection
from integrations.base import Collector, Page
from inventory.documents import READ_TO_THE_END
from inventory.models import Source
from inventory.services import Recorded, Recorder
from inventory.services.bulk import flushed_together


@dataclass(frozen=True, slots=True)
class Collected:
    """What one collection saw and changed. `unread`: scopes that were not read to their end."""

    recorded: Recorded
    seen: int
    unread: int


@rare_collection()
def collect(collector: Collector, source: Source) -> Collected:
    """Reads everything and stores it."""
    recorder, seen, unread = Recorder(source=source, at=timezone.now()), 0, 0
    with flushed_together():
        for item in collector.collect(lambda: False):
            if isinstance(item, Page):
                recorder.page(item.scope, item.assets)
                seen += len(item.assets)
            else:
                recorder.close(item)
                unread += item.state not in READ_TO_THE_END
    return Collected(recorder.finish(), seen, unread)


def analyze() -> None:
    """What the database's own housekeeping does in time."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE")
