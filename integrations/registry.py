"""Who collects what. The clients are imported when they are needed: a page that lists sources loads none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aispm.core import crypto
from integrations.base import Collector
from integrations.models import Connection, ConnectionKind


@contextmanager
def collector_for(connection: Connection) -> Iterator[Collector]:
    """The collector of a stored connection; what it needs on disk is removed afterwards."""
    secret = crypto.unseal(bytes(connection.secret)) if connection.secret else {}
    if connection.kind == ConnectionKind.SNAPSHOT:
        with tempfile.TemporaryDirectory(prefix="aispm-snapshot-") as folder:
            archive = Path(folder) / str(connection.settings.get("file", "snapshot"))
            with archive.open("wb") as target:
                for part in connection.snapshot_parts.order_by("number").iterator(chunk_size=8):
                    target.write(part.body)
            yield snapshot_collector(archive)
        return
    yield live_collector(connection.kind, connection.settings, secret)


def live_collector(kind: str, settings: dict[str, Any], secret: dict[str, Any]) -> Collector:
    """A collector from settings that may not be stored yet (the doctor of a new connection)."""
    if kind == ConnectionKind.AWS:
        from integrations.aws.collector import AwsCollector

        return AwsCollector(settings, secret)
    from integrations.kubernetes.collector import KubernetesCollector

    return KubernetesCollector(settings, secret)


def snapshot_collector(path: Path) -> Collector:
    """A collector of a snapshot file or folder."""
    from integrations.kubernetes.collector import SnapshotCollector

    return SnapshotCollector(path)
