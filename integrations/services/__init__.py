"""Changes of connections and runs."""

from integrations.services.connecting import (
    AwsAccess,
    SourceDetails,
    connect_aws,
    connect_kubernetes,
    connect_snapshot,
    examine,
    remove_source,
    schedule_connection,
)
from integrations.services.requesting import cancel_run, request_run, take_due_runs
from integrations.services.running import perform_run

__all__ = [
    "AwsAccess",
    "SourceDetails",
    "cancel_run",
    "connect_aws",
    "connect_kubernetes",
    "connect_snapshot",
    "examine",
    "perform_run",
    "remove_source",
    "request_run",
    "schedule_connection",
    "take_due_runs",
]
