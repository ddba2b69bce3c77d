"""Changes of connections and runs."""

from integrations.services.connecting import (
    AwsAccess,
    SourceDetails,
    connect_aws,
    connect_eks,
    connect_kubernetes,
    connect_snapshot,
    eks_collector,
    examine,
    schedule_connection,
)
from integrations.services.following import Follower
from integrations.services.judging import judge_differing, judge_source, sources_to_judge
from integrations.services.members import (
    MemberAccess,
    ask_chosen,
    choose_members,
    choose_refused,
    connect_members,
    join_members,
    members_due,
    try_members,
)
from integrations.services.removing import perform_removal, removals_due, remove_source
from integrations.services.requesting import cancel_run, request_run, take_due_runs
from integrations.services.running import perform_run
from integrations.services.watching import record_changes, release_watches, take_watches

__all__ = [
    "AwsAccess",
    "Follower",
    "MemberAccess",
    "SourceDetails",
    "ask_chosen",
    "cancel_run",
    "choose_members",
    "choose_refused",
    "connect_aws",
    "connect_eks",
    "connect_kubernetes",
    "connect_members",
    "connect_snapshot",
    "eks_collector",
    "examine",
    "join_members",
    "judge_differing",
    "judge_source",
    "members_due",
    "perform_removal",
    "perform_run",
    "record_changes",
    "release_watches",
    "removals_due",
    "remove_source",
    "request_run",
    "schedule_connection",
    "sources_to_judge",
    "take_due_runs",
    "take_watches",
    "try_members",
]
