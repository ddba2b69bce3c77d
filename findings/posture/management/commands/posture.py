"""`aispm posture`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from findings.posture.queries.posture import Posture, StepPosture, Term
from findings.posture.queries.system import arithmetic_for_system, posture_for_system
from inventory.models import Environment, Source


class Command(BaseCommand):
    help = "Print the posture; with --explain, the sums behind it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        area = parser.add_mutually_exclusive_group()
        area.add_argument("--source", help="only this source, by name")
        area.add_argument("--environment", choices=Environment.values, help="only this environment")
        parser.add_argument("--explain", action="store_true", help="show every rule's part of the sums")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: object, **options: Any) -> None:
        area = self._area(options["source"], options["environment"])
        posture = posture_for_system(area)
        terms: dict[str, list[Term]] = {}
        if options["explain"]:
            terms = {step.slug: arithmetic_for_system(area, step.slug) for step in posture.steps}
        if options["json"]:
            self.stdout.write(json.dumps(_document(posture, terms), indent=2, default=str))
            return
        for line in _lines(posture, terms):
            self.stdout.write(line)

    def _area(self, source: str | None, environment: str | None) -> str:
        if environment:
            return f"environment:{environment}"
        if not source:
            return "all"
        found = Source.objects.filter(name=source).first()
        if found is None:
            self.stderr.write(f"There is no source {source}. The sources page lists them.")
            sys.exit(2)
        return f"source:{found.pk}"


def _document(posture: Posture, terms: dict[str, list[Term]]) -> dict[str, Any]:
    return {
        "area": posture.area,
        "judged_at": posture.judged_at,
        "overall": asdict(posture.overall),
        "coverage": posture.coverage,
        "provisional": posture.provisional,
        "weights_version": posture.weights_version,
        "steps": [_step(step, terms) for step in posture.steps],
    }


def _step(step: StepPosture, terms: dict[str, list[Term]]) -> dict[str, Any]:
    shown = asdict(step.score) | {"title": step.title, "open": dict(step.open)}
    if terms:
        shown["terms"] = [asdict(term) for term in terms[step.slug]]
    return shown


def _lines(posture: Posture, terms: dict[str, list[Term]]) -> list[str]:
    lines = []
    for step in posture.steps:
        score = step.score
        value = "n/a" if score.value is None else str(score.value)
        notes = [f"{score.coverage} % covered"] if score.coverage is not None else ["nothing applies"]
        notes += ["provisional"] if score.provisional else []
        notes += [f"capped at {score.cap}: {score.cap_reason}"] if score.cap is not None else []
        lines.append(f"{step.title:40} {value:>4}   {', '.join(notes)}")
        if terms:
            lines += _sum(step, terms[step.slug])
    mean = "n/a" if posture.overall.value is None else str(posture.overall.value)
    lowest = f"   lowest: {posture.overall.lowest_step} {posture.overall.lowest}" if posture.overall.lowest_step else ""
    lines.append(f"{'Overall':40} {mean:>4}{lowest}")
    return lines


def _sum(step: StepPosture, terms: list[Term]) -> list[str]:
    lines = [
        f"    {term.rule_id:60} weight {term.weight:>2}   pass {term.pass_weight:>7} ({term.passed})   "
        f"fail {term.fail_weight:>7} ({term.failed})   unknown {term.unknown_weight:>6} ({term.unknown})"
        for term in terms
    ]
    score = step.score
    if score.denominator:
        lines.append(
            f"    floor(100 x {score.numerator} / {score.denominator}) = {score.uncapped}; "
            f"known {score.denominator} of {score.denominator + score.unknown}"
        )
    return lines
