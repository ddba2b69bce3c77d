"""Tables of integrations: credentials, uploaded snapshots and runs."""

from integrations.models.connection import Connection, ConnectionKind
from integrations.models.run import ACTIVE, WAITING, Origin, Purpose, Run, RunState
from integrations.models.snapshot import SnapshotPart

__all__ = [
    "ACTIVE",
    "WAITING",
    "Connection",
    "ConnectionKind",
    "Origin",
    "Purpose",
    "Run",
    "RunState",
    "SnapshotPart",
]
