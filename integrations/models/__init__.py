"""Tables of integrations: credentials and runs."""

from integrations.models.connection import Connection, ConnectionKind
from integrations.models.run import ACTIVE, Run, RunState

__all__ = ["ACTIVE", "Connection", "ConnectionKind", "Run", "RunState"]
