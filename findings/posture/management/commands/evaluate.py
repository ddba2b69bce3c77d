"""`aispm evaluate`."""

from __future__ import annotations

import json
import logging
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from aispm.core.errors import DomainError
from findings.posture.queries import rules_in_force
from findings.posture.services import Busy, Evaluated, evaluate
from inventory.models import Source


class Command(BaseCommand):
    help = "Judge what changed since the last evaluation and bring findings and scores up to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", action="append", default=[], help="name of a source; default: all")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: object, **options: Any) -> None:
        names: list[str] = options["source"]
        sources = list(Source.objects.filter(name__in=names) if names else Source.objects.all())
        missing = sorted(set(names) - {source.name for source in sources})
        if missing:
            self.stderr.write(f"There is no source {', '.join(missing)}. The sources page lists them.")
            sys.exit(2)
        done: dict[str, Evaluated] = {}
        failed = self._faulty()
        for source in sources:
            try:
                done[source.name] = evaluate(source=source)
            except (Busy, DomainError) as error:
                failed = True
                self.stderr.write(f"{source.name}: {error}")
        self._print(done, as_json=options["json"])
        sys.exit(3 if failed else 0)

    def _faulty(self) -> bool:
        """Whether rule files are broken, after naming file and line. What they asked before is asked still."""
        told = logging.getLogger("findings.posture.queries.in_force")
        told.disabled = True  # the log would say once more what is printed here
        try:
            faults = [str(fault) for fault in rules_in_force().faults]
        except DomainError:
            return True  # each source says so
        finally:
            told.disabled = False
        if faults:
            self.stderr.write("\n".join(faults))
            self.stderr.write("Judging by what these files asked before they were broken. See: aispm rules test")
        return bool(faults)

    def _print(self, done: dict[str, Evaluated], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({name: asdict(result) for name, result in done.items()}, indent=2))
            return
        for name, result in done.items():
            self.stdout.write(
                f"{name}: {result.judged} assets judged, {result.opened} findings opened, {result.resolved} resolved, "
                f"{result.staled} can no longer be read."
            )
        if not done:
            self.stdout.write("There is nothing to judge: connect a source first.")
