"""Tables of integrations: credentials, uploaded snapshots and runs."""

from integrations.models.connection import Connection, ConnectionKind
from integrations.models.run import ACTIVE, Run, RunState
from integrations.models.snapshot import SnapshotPart

__all__ = ["ACTIVE", "Connection", "ConnectionKind", "Run", "RunState", "SnapshotPart"]
