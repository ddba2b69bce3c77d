"""Rows for a person: the only way pages and API reach the inventory."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from aispm.accounts.models import User
from inventory.models import Asset, Link, Scope, Source

HEAVY = ("config", "facts", "search")
LINK_HEAVY = tuple(f"{end}__{column}" for end in ("origin", "target") for column in (*HEAVY, "ai_evidence", "unread"))


def sources_for(user: User) -> QuerySet[Source]:
    return Source.objects.visible_to(user)


def scopes_for(user: User) -> QuerySet[Scope]:
    return Scope.objects.visible_to(user).select_related("source")


def scopes_asked(user: User, source: UUID, since: datetime | None, until: datetime | None) -> QuerySet[Scope]:
    """The scopes of a source that were asked last in that time; nothing before it began."""
    if since is None:
        return scopes_for(user).none()
    rows = scopes_for(user).filter(source=source, attempted_at__gte=since).order_by("collector", "region")
    return rows.filter(attempted_at__lte=until) if until else rows


def assets_for(user: User) -> QuerySet[Asset]:
    """Assets without their documents and facts, which come when asked for."""
    return Asset.objects.visible_to(user).select_related("source").defer(*HEAVY)


def asset_for(user: User, id: UUID | str) -> Asset:
    """One asset, whole. Answers 404 when there is none or the user may not see it."""
    rows = Asset.objects.visible_to(user).select_related("source", "scope").defer("search")
    return get_object_or_404(rows, pk=id)


def links_for(user: User) -> QuerySet[Link]:
    return Link.objects.visible_to(user).select_related("origin", "target").defer(*LINK_HEAVY)
