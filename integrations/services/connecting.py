"""Making, checking, changing and removing the connection to a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from aispm.core import crypto
from aispm.core.errors import Conflict, Invalid
from aispm.core.outbound import check_form
from integrations import registry
from integrations.base import Check, Collector, Identity
from integrations.models import Connection, ConnectionKind, SnapshotPart
from inventory.documents import ScopeKey
from inventory.models import Asset, Source, SourceKind

PART_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceDetails:
    """What people say about a source. What they leave out (None, no name) stays as it is; a new name is the
    provider's."""

    name: str = ""
    environment: str | None = None
    criticality: int | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class AwsAccess:
    """How to reach an account: a role, keys, or neither (the worker's own credentials).

    `through`: the connected account whose keys assume the role, as for members of an organization. Own keys go first.
    """

    regions: Sequence[str]
    role_arn: str = ""
    external_id: str = ""
    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    endpoint_url: str = ""
    through: str = ""

    def parts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """(settings, secret) as they are stored; Invalid names the field that is wrong."""
        from integrations.aws import checking

        checking.check_keys(self.access_key_id, self.secret_access_key, self.session_token)
        checking.check_role(self.role_arn, self.external_id)
        regions = list(checking.regions_in(self.regions))
        if self.endpoint_url:
            check_form(self.endpoint_url, where="endpoint_url")
        through = self.through if self.role_arn and not self.access_key_id else ""
        public = {
            "regions": regions, "role_arn": self.role_arn, "endpoint_url": self.endpoint_url, "through": through,
        }  # fmt: skip
        hidden = {
            "external_id": self.external_id if self.role_arn else "",
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "session_token": self.session_token,
        }
        return {k: v for k, v in public.items() if v}, {k: v for k, v in hidden.items() if v}


def connect_aws(*, access: AwsAccess, details: SourceDetails, known: Connection | None = None) -> Connection:
    """Connect an account after asking it who it is; its id becomes the source's identity. `known`: the connection
    whose access is changed, which must lead to the same account as before."""
    public, hidden = access.parts()
    identity = registry.live_collector(ConnectionKind.AWS, *registry.reached(public, hidden)).identify()
    if known is not None and identity.external_id != known.source.external_id:
        raise Invalid(
            f"This access leads to account {identity.external_id}, not to {known.source.external_id}. Nothing was "
            "changed: connect that account as a source of its own, or correct the access."
        )
    return store(ConnectionKind.AWS, SourceKind.AWS, identity, details, (public, hidden))


def connect_kubernetes(*, kubeconfig: str, context: str = "", details: SourceDetails) -> Connection:
    """Connect a cluster after asking it who it is; an empty kubeconfig means the cluster we run in."""
    public: dict[str, Any] = {"context": context} if context else {}
    if not kubeconfig:
        public["in_cluster"] = True
    hidden = {"kubeconfig": kubeconfig} if kubeconfig else {}
    collector = registry.live_collector(ConnectionKind.KUBERNETES, public, hidden)
    server = str(getattr(collector, "server", ""))
    return store(
        ConnectionKind.KUBERNETES,
        SourceKind.KUBERNETES,
        collector.identify(),
        details,
        (public | {"server": server}, hidden),
    )


def connect_eks(*, cluster: Asset, details: SourceDetails) -> Connection:
    """Connect a cluster that was found in a connected account, by that account's own access."""
    collector = eks_collector(cluster)
    parts: tuple[dict[str, Any], dict[str, Any]] = (_eks_settings(cluster), {})
    return store(ConnectionKind.KUBERNETES, SourceKind.KUBERNETES, collector.identify(), details, parts)


def eks_collector(cluster: Asset) -> Collector:
    """Of a cluster that was found in a connected account and may not be connected itself."""
    account = Connection.objects.filter(source=cluster.source_id, kind=ConnectionKind.AWS).first()
    if account is None:
        raise Conflict(f"{cluster.source.name} is not connected any more: connect the account again.")
    return registry.live_collector(ConnectionKind.KUBERNETES, *registry.of_account(account, _eks_settings(cluster)))


def _eks_settings(cluster: Asset) -> dict[str, Any]:
    return {"through": cluster.source.external_id, "cluster": cluster.name, "region": cluster.place}


def connect_snapshot(*, path: Path, details: SourceDetails) -> Connection:
    """Take in a snapshot file. A newer snapshot of the same cluster replaces the older one."""
    size = path.stat().st_size
    if size > settings.AISPM_SNAPSHOT_MAX_BYTES:
        limit = settings.AISPM_SNAPSHOT_MAX_BYTES // (1024 * 1024)
        raise Invalid(
            f"The snapshot has {size // (1024 * 1024)} MB; at most {limit} MB are taken (AISPM_SNAPSHOT_MAX_MB)."
        )
    identity = registry.snapshot_collector(path).identify()
    with transaction.atomic():
        connection = store(ConnectionKind.SNAPSHOT, SourceKind.KUBERNETES, identity, details, ({"file": path.name}, {}))
        connection.snapshot_parts.all().delete()
        with path.open("rb") as file:
            number = 0
            while body := file.read(PART_BYTES):
                SnapshotPart.objects.create(connection=connection, number=number, body=body)
                number += 1
    return connection


def no_longer_asked(connection: Connection, key: ScopeKey) -> bool:
    """Whether somebody took the region of a scope out of the connection: it is not wanted any more.

    With all regions nobody did: a region that is missing then may be switched off for a day, or not told.
    """
    regions = connection.settings.get("regions") or ()
    chosen = connection.kind == ConnectionKind.AWS and "all" not in regions
    return chosen and key.region != "-" and key.region not in regions


def examine(collector: Collector) -> tuple[Identity, Sequence[Check]]:
    """What a new or stored connection can and cannot read."""
    return collector.identify(), collector.doctor()


def schedule_connection(*, connection: Connection, every_minutes: int, enabled: bool) -> None:
    if connection.kind == ConnectionKind.SNAPSHOT:
        raise Conflict("A snapshot does not change: it is read when a newer one is loaded.")
    if every_minutes < 1:
        raise Invalid("Collect every minute at the most often.", where="every_minutes")
    connection.every_minutes, connection.enabled = every_minutes, enabled
    connection.save(update_fields=["every_minutes", "enabled"])


@transaction.atomic
def store(
    kind: ConnectionKind,
    source_kind: SourceKind,
    identity: Identity,
    details: SourceDetails,
    parts: tuple[dict[str, Any], dict[str, Any]],
) -> Connection:
    """Makes source and connection, or replaces the connection's access. What holds for members of the organization
    stays as it was."""
    source = Source.objects.filter(kind=source_kind, external_id=identity.external_id).first()
    if source is None:
        source = Source(kind=source_kind, external_id=identity.external_id, name=identity.name)
    _refuse_other_kind(source, kind)
    for name, value in asdict(details).items():
        if value is not None and (name, value) != ("name", ""):
            setattr(source, name, value)
    source.save()
    public, hidden = _with_terms(Connection.objects.filter(source=source).first(), *parts)
    connection, _ = Connection.objects.update_or_create(
        source=source,
        defaults={
            "kind": kind,
            "settings": public,
            "secret": crypto.seal(hidden) if hidden else None,
            "enabled": True,
            "next_due_at": timezone.now(),
        },
    )
    return connection


def _with_terms(
    known: Connection | None, public: dict[str, Any], hidden: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    if known is None or "members" not in known.settings:
        return public, hidden
    agreed = {name: value for name, value in registry.secret_of(known).items() if name == "members_external_id"}
    return public | {"members": known.settings["members"]}, hidden | agreed


def _refuse_other_kind(source: Source, kind: ConnectionKind) -> None:
    """A snapshot of a cluster that is connected would take the place of its credentials."""
    existing = Connection.objects.filter(source=source).exclude(kind=kind).first()
    if existing is not None:
        raise Conflict(
            f"{source.name} is already connected as {existing.get_kind_display()}. Remove that source first, "
            "or go on with its connection."
        )
