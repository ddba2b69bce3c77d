"""What an asset was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from inventory.documents import Document
from inventory.models import Asset, Revision
from inventory.patches import Change, apply, changes


@dataclass(frozen=True, slots=True)
class Step:
    """One change of an asset's document."""

    id: UUID
    at: datetime
    changes: Sequence[Change]


def revisions_of(user: User, asset: Asset, limit: int = 50) -> list[Step]:
    """The last changes, newest first."""
    steps: list[Step] = []
    document: Document = asset.config
    for revision in _revisions(user, asset)[:limit]:
        steps.append(Step(revision.pk, revision.at, changes(document, revision.patch)))
        document = apply(document, revision.patch)
    return steps


def _revisions(user: User, asset: Asset) -> QuerySet[Revision]:
    rows = Revision.objects.filter(asset=asset).order_by("-at", "-id")
    return rows if user.may(Permission.READ_INVENTORY) else rows.none()
