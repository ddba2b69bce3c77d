"""`aispm collect`: ask the workers to collect sources, and watch them do it."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aispm.core.errors import Conflict
from integrations import queries, services, tasks
from integrations.models import ACTIVE, Origin, Run, RunState
from inventory.models import Source

INCOMPLETE = 3


class Command(BaseCommand):
    help = "Collect all sources, or one. Exit code 3 when a collection ended incomplete or failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", help="name or id; all sources without it")
        parser.add_argument("--wait", action="store_true", help="show progress and wait for the end")
        parser.add_argument("--timeout", type=int, default=1800, help="seconds to wait at the most")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = [self._request(source) for source in self._sources(options["source"])]
        if options["wait"]:
            self._wait(runs, options["timeout"], quiet=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps([_facts(run) for run in runs]))
        if options["wait"] and any(run.state != RunState.COMPLETE for run in runs):
            sys.exit(INCOMPLETE)

    def _sources(self, named: str | None) -> Sequence[Source]:
        sources = Source.objects.exclude(connection=None)
        found = [s for s in sources if not named or named in {s.name, str(s.pk), s.external_id}]
        if not found:
            raise CommandError(
                f"No source is called {named}." if named else "Nothing is connected: aispm connect --help", returncode=2
            )
        return found

    def _request(self, source: Source) -> Run:
        try:
            run = services.request_run(source=source, origin=Origin.COMMAND)
        except Conflict as conflict:
            active = queries.active_run_for_system(source.pk)
            if active is None:
                raise CommandError(str(conflict), returncode=2) from conflict
            return active
        tasks.collect.delay(str(run.pk))
        return run

    def _wait(self, runs: Sequence[Run], timeout: int, *, quiet: bool) -> None:
        deadline = time.monotonic() + timeout
        shown: dict[Any, str] = {}
        while time.monotonic() < deadline:
            for run in runs:
                run.refresh_from_db()
                line = _line(run)
                if not quiet and shown.get(run.pk) != line:
                    self.stdout.write(line)
                    self.stdout.flush()
                shown[run.pk] = line
            if all(run.state not in ACTIVE for run in runs):
                return
            time.sleep(0.5)
        raise CommandError(f"Not finished after {timeout} s; it goes on in the background.", returncode=INCOMPLETE)


def _line(run: Run) -> str:
    counts = (
        f"{run.scopes_done}/{run.scopes_total} scopes, {run.calls} calls, {run.assets_seen} assets seen, "
        f"{run.scopes_unread} not read"
    )
    line = f"{run.source.name}: {run.phase or run.state} · {counts}"
    return f"{line} · {run.error}" if run.error else line


def _facts(run: Run) -> dict[str, Any]:
    names = (
        "state", "calls", "scopes_done", "scopes_total", "scopes_unread", "assets_seen", "assets_new",
        "assets_changed", "assets_gone", "findings_opened", "findings_resolved", "error",
    )  # fmt: skip
    return {"run": str(run.pk), "source": run.source.name} | {name: getattr(run, name) for name in names}
