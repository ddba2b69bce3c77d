"""`aispm check`: manifests before they reach a cluster. Without settings, database and network."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aispm.runtime.commanding import unread

if TYPE_CHECKING:
    from integrations.kubernetes.manifests.checking import Report

CLEAN, FINDINGS, BAD_INPUT = 0, 1, 2
NEVER = "never"
EPILOG = """exit codes: 0 nothing as grave as --fail-on, 1 findings as grave or graver,
2 something could not be checked. What manifests cannot tell is listed, and counts as neither.

  helm template chart | aispm check -
  kustomize build overlays/production | aispm check - --namespace team-ai --complete"""


def main(argv: Sequence[str]) -> int:
    options = _options(argv)
    from findings.posture.rule import BUILT_IN, SEVERITIES, RuleErrors, load_rules
    from integrations.kubernetes.manifests.checking import check
    from integrations.kubernetes.manifests.files import read
    from integrations.kubernetes.manifests.lists import Manifests

    try:
        rules = load_rules(BUILT_IN, *options.rules)
    except RuleErrors as error:
        sys.stderr.writelines(f"{fault}\n" for fault in error.faults)
        return BAD_INPUT
    manifests = Manifests(read(options.paths), namespace=options.namespace, whole=options.complete)
    report = check(manifests, rules, datetime.now(UTC))
    try:
        sys.stdout.write(_told(report, options.format))
        sys.stdout.flush()
    except BrokenPipeError:
        unread()
    if not report.objects and not report.unasked and not report.troubles:
        sys.stderr.write("aispm check: there is no Kubernetes object in what was given.\n")
        return BAD_INPUT
    if report.troubles:
        return BAD_INPUT
    return FINDINGS if options.fail_on != NEVER and report.worst() >= SEVERITIES[options.fail_on] else CLEAN


def _told(report: Report, form: str) -> str:
    from integrations.kubernetes.manifests.sarif import as_sarif
    from integrations.kubernetes.manifests.telling import as_document, as_text

    if form == "text":
        return as_text(report)
    return json.dumps(as_sarif(report) if form == "sarif" else as_document(report), indent=2) + "\n"


def _options(argv: Sequence[str]) -> Namespace:
    parser = ArgumentParser(
        prog="aispm check",
        description="Judge Kubernetes manifests by the rules for clusters.",
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="YAML or JSON files, folders, or - for standard input")
    parser.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    parser.add_argument("--fail-on", choices=("critical", "high", "medium", "low", NEVER), default="high")
    parser.add_argument("--namespace", default="", help="where objects will be that name no namespace")
    parser.add_argument(
        "--complete",
        action="store_true",
        help="the namespaces will hold nothing else: a policy that is not among the manifests does not exist",
    )
    parser.add_argument("--rules", type=Path, action="append", default=[], help="a folder with rules of your own")
    return parser.parse_args(argv)
