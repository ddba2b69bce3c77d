"""Reads of connections and runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from aispm.accounts.models import User
from integrations.models import ACTIVE, Connection, ConnectionKind, Purpose, Run, RunState, Watch
from inventory import queries as inventory
from inventory.models import Asset, Source

MEMBER = "aws.organizations.account"


def connections_for(user: User) -> QuerySet[Connection]:
    return Connection.objects.visible_to(user).select_related("source").defer("secret").order_by("source__name", "id")


def runs_for(user: User) -> QuerySet[Run]:
    return Run.objects.visible_to(user).select_related("source", "requested_by")


def active_run_for_system(source_id: UUID) -> Run | None:
    return Run.objects.filter(source_id=source_id, state__in=ACTIVE).first()


def followable_for_system() -> QuerySet[Connection]:
    """Clusters whose changes can be followed."""
    removed = Run.objects.filter(state__in=ACTIVE, purpose=Purpose.REMOVE).values("source")
    clusters = Connection.objects.filter(kind=ConnectionKind.KUBERNETES, enabled=True)
    return clusters.exclude(source__in=removed).select_related("source")


def watch_for(user: User, source: Source) -> Watch | None:
    return Watch.objects.visible_to(user).filter(source=source).first()


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


def eks_clusters_for(user: User) -> QuerySet[Asset]:
    """Clusters of connected AWS accounts."""
    return _eks_clusters(inventory.assets_for(user))


def eks_clusters_for_system() -> QuerySet[Asset]:
    return _eks_clusters(Asset.objects.all())


def _eks_clusters(assets: QuerySet[Asset]) -> QuerySet[Asset]:
    found = assets.filter(kind="aws.eks.cluster", gone_at=None, source__connection__isnull=False)
    return found.select_related("source").order_by("name", "place", "id")


class Standing(StrEnum):
    """How an account of an organization stands here."""

    CONNECTED = "connected"
    APART = "connected apart"
    FREE = "not connected"
    ASKED = "being asked"
    REFUSED = "cannot be assumed"
    CLOSED = "closed"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Member:
    """An account that the management account lists, or that is reached through it and is not listed any more.

    `again_at`: when one that refuses is asked again; None where nobody will.
    """

    account: str
    name: str
    partition: str
    standing: Standing
    why: str = ""
    source: Source | None = None
    again_at: datetime | None = None


def members_for(user: User, parent: Connection) -> list[Member]:
    """By name. None where the source is told of no accounts: only a management account or a delegated one is."""
    return _members(inventory.assets_for(user), parent)


def members_for_system(parent: Connection) -> list[Member]:
    return _members(Asset.objects.all(), parent)


def parent_for_system(account: str) -> Connection | None:
    """The connection of the account through which others are reached."""
    found = Connection.objects.filter(kind=ConnectionKind.AWS, source__external_id=account)
    return found.select_related("source").first()


def resting_on(user: User, source: Source) -> QuerySet[Connection]:
    """Connections that use the keys of this source's."""
    return connections_for(user).filter(settings__through=source.external_id)


def _members(assets: QuerySet[Asset], parent: Connection) -> list[Member]:
    listed = assets.filter(source=parent.source_id, kind=MEMBER).values_list("external_id", "config", "gone_at")
    accounts = {arn.rpartition("/")[2]: (arn, config, gone) for arn, config, gone in listed}
    accounts.pop(parent.source.external_id, None)
    here = Q(source__external_id__in=accounts) | Q(settings__through=parent.source.external_id)
    connections = Connection.objects.filter(here, kind=ConnectionKind.AWS).select_related("source").defer("secret")
    known = {one.source.external_id: one for one in connections}
    found = [_member(account, accounts.get(account), known.get(account), parent) for account in {*accounts, *known}]
    return sorted((one for one in found if one is not None), key=lambda one: (one.name.lower(), one.account))


def _member(
    account: str, listed: tuple[str, Any, datetime | None] | None, connection: Connection | None, parent: Connection
) -> Member | None:
    """Nothing of an account that left and is not connected."""
    arn, config, gone = listed or ("", {}, None)
    source = connection.source if connection else None
    state = str(config.get("State") or config.get("Status") or "")
    terms = parent.settings.get("members") or {}
    refused = terms.get("refusals", {}).get(account, {})
    why, again_at = refused.get("why", ""), None
    if not arn or gone:
        if source is None:
            return None
        standing, why = Standing.LEFT, ""
    elif state not in ("", "ACTIVE"):
        standing, why = Standing.CLOSED, state.replace("_", " ").lower()
    elif connection is not None:
        mine = connection.settings.get("through") == parent.source.external_id
        standing, why = (Standing.CONNECTED if mine else Standing.APART), ""
    elif account in terms.get("pending", ()):
        standing, why = Standing.ASKED, ""
    else:
        standing = Standing.REFUSED if refused else Standing.FREE
        again_at = datetime.fromisoformat(refused["again_at"]) if refused and terms.get("join") else None
    name = str(config.get("Name") or (source.name if source else account))
    return Member(account, name, (arn or "arn:aws:").split(":")[1], standing, why, source, again_at)
