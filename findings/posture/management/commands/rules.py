"""`aispm rules test|list|explain`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from findings.posture.engine import Tried, try_examples
from findings.posture.queries import in_force
from findings.posture.rule import BUILT_IN, Rule, RuleErrors, RuleSet, load_rules
from findings.posture.scoring import five_steps


class Command(BaseCommand):
    help = "Check rule files and run their examples, list the rules, or explain one."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("test", "list", "explain"))
        parser.add_argument(
            "names", nargs="*", help="ids, files or folders; default: every rule, those under AISPM_HOME too"
        )
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="print JSON")
        form.add_argument("--markdown", action="store_true", help="list as docs/rules.md")

    def handle(self, *args: object, **options: Any) -> None:
        names: list[str] = options["names"]
        default = [BUILT_IN] if options["markdown"] else in_force.rule_folders()
        folders = [Path(name) for name in names if Path(name).exists()] or default
        ids = [name for name in names if not Path(name).exists()]
        try:
            rules = load_rules(*folders)
        except RuleErrors as error:
            self._broken(error, ids, as_json=options["json"])
            sys.exit(1)
        chosen = self._chosen(rules, ids)
        if options["markdown"]:
            self.stdout.write(catalogue(rules))
            return
        action = {"test": self._test, "list": self._list, "explain": self._explain}[options["action"]]
        sys.exit(action(chosen, as_json=options["json"]))

    def _broken(self, error: RuleErrors, ids: list[str], *, as_json: bool) -> None:
        faults = [fault for fault in error.faults if not ids or Path(fault.file).stem in ids]
        if as_json:
            self.stdout.write(json.dumps({"faults": [str(fault) for fault in faults]}, indent=2))
            return
        for fault in faults:
            self.stderr.write(str(fault))
        self.stderr.write(f"{len(error.faults)} mistakes in {len({f.file for f in error.faults})} rule files.")

    def _chosen(self, rules: RuleSet, ids: list[str]) -> list[Rule]:
        for name in ids:
            if name not in rules.by_id:
                self.stderr.write(f"There is no rule {name}. `aispm rules list` names them all.")
                sys.exit(2)
        return [rules.by_id[name] for name in ids] if ids else list(rules.rules)

    def _test(self, rules: list[Rule], *, as_json: bool) -> int:
        tried = [result for rule in rules for result in try_examples(rule)]
        failed = [result for result in tried if not result.ok]
        if as_json:
            shown = {"rules": len(rules), "examples": len(tried), "failed": [_said(result) for result in failed]}
            self.stdout.write(json.dumps(shown, indent=2))
        else:
            for result in failed:
                self.stderr.write(_said(result))
            self.stdout.write(f"{len(rules)} rules, {len(tried)} examples, {len(failed)} failed.")
        return 1 if failed else 0

    def _list(self, rules: list[Rule], *, as_json: bool) -> int:
        if as_json:
            rows = [
                {"id": r.id, "title": r.title, "step": r.step, "severity": r.severity_name, "kinds": sorted(r.kinds)}
                for r in rules
            ]
            self.stdout.write(json.dumps(rows, indent=2))
            return 0
        width = max((len(rule.id) for rule in rules), default=0)
        for rule in rules:
            self.stdout.write(f"{rule.id:{width}}  {rule.severity_name:8}  {rule.step:15}  {rule.title}")
        self.stdout.write(f"{len(rules)} rules.")
        return 0

    def _explain(self, rules: list[Rule], *, as_json: bool) -> int:
        if as_json:
            self.stdout.write(json.dumps([dict(rule.document) for rule in rules], indent=2))
            return 0
        for rule in rules:
            self.stdout.write("\n".join(_words(rule)) + "\n")
        return 0


def catalogue(rules: RuleSet) -> str:
    """docs/rules.md."""
    lines = ["# Rules", "", "Written by `aispm rules list --markdown`."]
    for step in five_steps().steps:
        asked = sorted((rule for rule in rules if rule.step == step.slug), key=lambda rule: (-rule.severity, rule.id))
        lines += ["", f"## {step.title}", "", f"{step.question} {len(asked)} rules.", ""]
        lines += ["| rule | severity | title | maps to |", "|---|---|---|---|"]
        for rule in asked:
            maps = ", ".join(control for controls in rule.maps.values() for control in controls)
            lines.append(f"| `{rule.id}` | {rule.severity_name} | {rule.title} | {maps} |")
    return "\n".join(lines)


def _said(result: Tried) -> str:
    return f"{result.rule.file}:{result.example.line}: {result.example.name}: {result.problem}"


def _words(rule: Rule) -> list[str]:
    lines = [
        f"{rule.title} ({rule.id})",
        f"  {rule.severity_name}, step {rule.step}, asks {', '.join(sorted(rule.kinds))}",
        f"  why      {rule.why}",
        f"  reads    {', '.join(read.text for read in rule.reads) or 'nothing'}",
    ]
    if rule.when:
        lines.append(f"  when     {rule.when}")
    lines += [f"  fails if {rule.fail}", f"  confirm  {rule.confirm}", f"  fix      {rule.fix.summary}"]
    lines += [f"  {name:8} {text}" for name, text in rule.fix.commands.items()]
    lines += [f"  decide   {rule.fix.decision}"] if rule.fix.decision else []
    lines += ["  patch    rendered for the object of each finding"] if rule.fix.patch else []
    lines += [f"  {framework}: {', '.join(controls)}" for framework, controls in rule.maps.items()]
    return lines
