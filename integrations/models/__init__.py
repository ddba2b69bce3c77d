"""Tables of integrations: credentials, uploaded snapshots, runs and watches."""

from integrations.models.connection import Connection, ConnectionKind
from integrations.models.run import ACTIVE, WAITING, Origin, Purpose, Run, RunState
from integrations.models.snapshot import SnapshotPart
from integrations.models.watch import Watch

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
    "Watch",
]
