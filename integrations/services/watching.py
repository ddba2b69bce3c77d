"""Who follows which cluster, and what becomes of a change that was seen. docs/adr/0060 says why it is done so."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db.models import Case, F, Q, When
from django.utils import timezone

from integrations import queries
from integrations.base import Changes
from integrations.models import Connection, Watch
from inventory.models import Source
from inventory.services import Recorder, derive

LEASE = timedelta(seconds=30)


def take_watches(*, holder: uuid.UUID) -> list[Connection]:
    """Renews what this process holds and takes what nobody holds. Answers the clusters that it has to follow."""
    clusters = queries.followable_for_system()
    known = Watch.objects.values("source")
    fresh = clusters.exclude(source__in=known).values_list("source", flat=True)
    Watch.objects.bulk_create([Watch(source_id=source) for source in fresh], ignore_conflicts=True)
    now = timezone.now()
    free = Q(holder=holder) | Q(holder=None) | Q(lease_until__lte=now)
    since = Case(When(holder=holder, then=F("since")), default=None)  # one that is taken over begins anew
    taken = Watch.objects.filter(free, source__in=clusters.values("source"))
    taken.update(holder=holder, lease_until=now + LEASE, since=since)
    return list(clusters.filter(source__watch__holder=holder))


def release_watches(*, holder: uuid.UUID) -> None:
    """This process ends in order: the next one need not wait for its leases to run out."""
    Watch.objects.filter(holder=holder).update(holder=None, lease_until=None, since=None)


def record_changes(*, source: Source, changes: Changes) -> bool:
    """Stores changes of single assets and derives what depends on them. Whether anything is to be judged again.

    The completeness of scopes stays what the last whole reading found.
    """
    recorder = Recorder(source=source, at=timezone.now())
    for page in changes.pages:
        recorder.page(page.scope, page.assets)
    for key, refs in changes.gone.items():
        recorder.lose(key, refs)
    for key in sorted({page.scope for page in changes.pages} | changes.gone.keys(), key=str):
        recorder.count(key)
    touched = recorder.finish().touched
    return bool(touched) and bool(derive(source=source, touched=touched))
