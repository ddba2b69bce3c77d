"""Who collects what. The clients are imported when they are needed: a page that lists sources loads none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aispm.core import crypto
from aispm.core.errors import PermanentError
from integrations.base import Collector
from integrations.models import Connection, ConnectionKind

if TYPE_CHECKING:
    from integrations.kubernetes.collector import KubernetesCollector

KEYS = ("access_key_id", "secret_access_key", "session_token")
EKS_REFUSES = (
    "Let the identity that reads the account in: an access entry of the cluster with the group aispm-readers, and the "
    "ClusterRole bound to that group. The page that connects a cluster shows the commands."
)


@contextmanager
def collector_for(connection: Connection) -> Iterator[Collector]:
    """The collector of a stored connection; what it needs on disk is removed afterwards."""
    if connection.kind == ConnectionKind.SNAPSHOT:
        with tempfile.TemporaryDirectory(prefix="aispm-snapshot-") as folder:
            archive = Path(folder) / str(connection.settings.get("file", "snapshot"))
            with archive.open("wb") as target:
                for part in connection.snapshot_parts.order_by("number").iterator(chunk_size=8):
                    target.write(part.body)
            yield snapshot_collector(archive)
        return
    yield live_collector(connection.kind, *parts_of(connection))


def secret_of(connection: Connection) -> dict[str, Any]:
    """The secret part, in clear."""
    secret: dict[str, Any] = crypto.unseal(bytes(connection.secret)) if connection.secret else {}
    return secret


def keys_of(connection: Connection) -> dict[str, str]:
    """The keys of its own that an account is reached with; none where it has none."""
    return {name: value for name, value in secret_of(connection).items() if name in KEYS}


def parts_of(connection: Connection) -> tuple[dict[str, Any], dict[str, Any]]:
    """(settings, secret) with which the source is reached."""
    return reached(connection.settings, secret_of(connection))


def reached(public: dict[str, Any], hidden: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same, where a member's keys are those of the account it rests on."""
    account = public.get("through")
    if not account:
        return public, hidden
    parent = Connection.objects.filter(kind=ConnectionKind.AWS, source__external_id=account).first()
    if parent is None:
        raise PermanentError(
            f"This account is reached through account {account}, which is not connected any more: connect that one "
            "again, or give this one an access of its own."
        )
    return of_account(parent, public) if "cluster" in public else through(parent, public, hidden)


def of_account(parent: Connection, public: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings and secret of a cluster that an account runs: the whole access of the account, and which cluster."""
    access, secret = parts_of(parent)
    return access | public, secret


def through(
    parent: Connection, public: dict[str, Any], hidden: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A member's settings and secret with the keys, and the endpoint, of the account that lists it."""
    endpoint = {name: value for name, value in parent.settings.items() if name == "endpoint_url"}
    return endpoint | public, keys_of(parent) | hidden


def live_collector(kind: str, settings: dict[str, Any], secret: dict[str, Any]) -> Collector:
    """A collector from settings that may not be stored yet (the doctor of a new connection)."""
    if kind == ConnectionKind.AWS:
        from integrations.aws.collector import AwsCollector

        return AwsCollector(settings, secret)
    return _cluster(settings, secret)


def cluster_collector(connection: Connection) -> KubernetesCollector:
    """The collector of a cluster that is to be watched."""
    return _cluster(*parts_of(connection))


def _cluster(settings: dict[str, Any], secret: dict[str, Any]) -> KubernetesCollector:
    from integrations.kubernetes.collector import KubernetesCollector
    from integrations.kubernetes.kubeconfig import Access

    if "cluster" not in settings:
        return KubernetesCollector(settings, secret)
    from integrations.aws.eks import eks_cluster

    run = eks_cluster(settings, secret, str(settings["cluster"]), str(settings["region"]))
    reached = Access(run.address, run.name, run.ca, token_source=run.token, renewal=EKS_REFUSES)
    return KubernetesCollector(settings, access=reached)


def snapshot_collector(path: Path) -> Collector:
    """A collector of a snapshot file or folder."""
    from integrations.kubernetes.collector import SnapshotCollector

    return SnapshotCollector(path)
