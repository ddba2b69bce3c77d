"""Connects the demo's sources, a cluster and the accounts of an organization, through the ordinary services, has the
workers collect them, and says how far they are. Does nothing for a source that was collected before."""

from __future__ import annotations

import argparse
import os
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import django

from aispm.runtime.terminal import say

if TYPE_CHECKING:
    from integrations.models import Connection, Run
    from integrations.services import MemberAccess, SourceDetails

CLUSTER = "demo-cluster.tar.gz"
EVERY_S = 0.5
SHOWN_EVERY_S = 3.0


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Connect and collect the demo's sources.")
    parser.add_argument("--endpoint", required=True, help="where the simulated AWS account answers")
    endpoint = parser.parse_args(argv).endpoint
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aispm.settings")
    django.setup()
    if others := other_sources(endpoint):
        say(f"  The demo joins {others} sources that are here already. For a demo alone, name another AISPM_HOME.")
    runs = [
        requested(known_account(endpoint), connect=lambda: account(endpoint)),
        requested(known_cluster(), connect=cluster),
    ]
    follow([run for run in runs if run is not None])
    follow([run for run in map(member, members(endpoint)) if run is not None])
    for line in practice(endpoint):
        say(line)
    return 0


def practice(endpoint: str) -> list[str]:
    """How to connect the simulated account by hand. Its keys open nothing else."""
    from demo.aws.credentials import Keys
    from demo.aws.estate.company import EXTERNAL_ID, READER_ROLE
    from demo.aws.server import ACCOUNT, COLLECTOR_USER

    key = Keys().user_key(ACCOUNT, COLLECTOR_USER)
    return [
        "  To practise connecting an AWS account (Sources → Connect AWS), take the simulated one again:",
        f"    endpoint     {endpoint}",
        f"    key id       {key.access_key_id}",
        f"    secret key   {key.secret_access_key}",
        f"    role         arn:aws:iam::{ACCOUNT}:role/{READER_ROLE} (if you like; external id {EXTERNAL_ID})",
    ]


def requested(known: Connection | None, *, connect: Callable[[], Connection]) -> Run | None:
    """A run of a source that was never collected; None when there is nothing to do."""
    from aispm.core.errors import Conflict
    from integrations import queries, services, tasks
    from integrations.models import Origin

    if known is not None and known.source.collected_at is not None:
        say(f"  {known.source.name} was collected before")
        return None
    source = (known or connect()).source
    try:
        run = services.request_run(source=source, origin=Origin.CONNECT)
    except Conflict:
        return queries.active_run_for_system(source.pk)  # the tick was faster
    tasks.collect.delay(str(run.pk))
    return run


def other_sources(endpoint: str) -> int:
    """How many sources are not the demo's."""
    from integrations.models import Connection

    demo = Connection.objects.filter(kind="aws", settings__endpoint_url=endpoint)
    demo |= Connection.objects.filter(kind="snapshot", settings__file=CLUSTER)
    demo |= Connection.objects.filter(settings__through__in=list(demo.values_list("source__external_id", flat=True)))
    return Connection.objects.exclude(pk__in=demo.values("pk")).count()


def known_account(endpoint: str) -> Connection | None:
    from integrations.models import Connection

    return Connection.objects.filter(kind="aws", settings__endpoint_url=endpoint).select_related("source").first()


def account(endpoint: str) -> Connection:
    from demo.aws.credentials import Keys
    from demo.aws.server import ACCOUNT, COLLECTOR_USER, REGIONS
    from integrations import services

    key = Keys().user_key(ACCOUNT, COLLECTOR_USER)
    access = services.AwsAccess(
        regions=REGIONS,
        access_key_id=key.access_key_id,
        secret_access_key=key.secret_access_key,
        endpoint_url=endpoint,
    )
    connection = services.connect_aws(access=access, details=_details("Halden AWS", 3))
    services.connect_members(parent=connection, access=_member_access())  # they follow once it is collected
    return connection


def _member_access() -> MemberAccess:
    from demo.aws.estate.company import EXTERNAL_ID, MEMBER_ROLE
    from integrations import services

    return services.MemberAccess(
        role_name=MEMBER_ROLE, external_id=EXTERNAL_ID, join=True, environment="unknown", criticality=2, owner=""
    )


def members(endpoint: str) -> Sequence[Connection]:
    """The accounts of the organization that could be connected, each with its environment."""
    from django.utils import timezone

    from demo.aws.estate.company import MEMBER_ENVIRONMENTS
    from integrations import services
    from integrations.models import Connection

    parent = known_account(endpoint)
    if parent is None or not parent.settings.get("members"):
        return ()
    services.join_members(parent=parent, at=timezone.now())
    found = Connection.objects.filter(settings__through=parent.source.external_id).select_related("source")
    for connection in found.filter(source__environment="unknown"):
        connection.source.environment = MEMBER_ENVIRONMENTS[connection.source.external_id]
        connection.source.save(update_fields=["environment"])
    return list(found)


def member(connection: Connection) -> Run | None:
    return requested(connection, connect=lambda: connection)


def _details(name: str, criticality: int) -> SourceDetails:
    from integrations import services

    return services.SourceDetails(name=name, environment="production", criticality=criticality, owner="ml-platform")


def known_cluster() -> Connection | None:
    from integrations.models import Connection

    return Connection.objects.filter(kind="snapshot", settings__file=CLUSTER).select_related("source").first()


def cluster() -> Connection:
    from demo.cluster import write
    from integrations import services

    with tempfile.TemporaryDirectory(prefix="aispm-demo-") as folder:
        bodies, archive = Path(folder) / "bodies", Path(folder) / CLUSTER
        bodies.mkdir()
        write(bodies)
        with tarfile.open(archive, "w:gz", compresslevel=1) as target:
            for file in sorted(path for path in bodies.rglob("*") if path.is_file()):
                target.add(file, arcname=str(file.relative_to(bodies)))
        return services.connect_snapshot(path=archive, details=_details("Halden cluster", 2))


def follow(runs: Iterable[Run]) -> None:
    """Until every run has ended, a line whenever one has moved on."""
    from integrations.models import ACTIVE

    left, shown = list(runs), dict[object, tuple[float, str]]()
    while left:
        for run in list(left):
            run.refresh_from_db()
            ended = run.state not in ACTIVE
            at, line = shown.get(run.pk, (0.0, ""))
            if ended or (time.monotonic() - at >= SHOWN_EVERY_S and progress(run) != line):
                shown[run.pk] = (time.monotonic(), progress(run))
                say(f"  {progress(run)}")
            if ended:
                left.remove(run)
        time.sleep(EVERY_S)


def progress(run: Run) -> str:
    phase = run.phase or run.get_state_display().lower()
    line = f"{run.source.name}: {phase}, {run.scopes_done} of {run.scopes_total} parts, {run.assets_seen} assets"
    if run.findings_opened:
        line += f", {run.findings_opened} findings"
    return f"{line}. {run.error}" if run.error else line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
