"""A report as SARIF 2.1.0, which code hosts show beside the lines of a change."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from findings.posture.rule import Rule
from integrations.kubernetes.manifests.checking import Answer, Report
from integrations.kubernetes.manifests.files import Trouble
from integrations.kubernetes.manifests.telling import plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}
"""On the scale by which code hosts sort security alerts."""


def as_sarif(report: Report) -> dict[str, Any]:
    """One run. What is not known is a note of the run, not a result: hosts would show it as a finding."""
    rules = list({answer.rule.id: answer.rule for answer in report.findings}.values())
    places = {rule.id: number for number, rule in enumerate(rules)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "AISPM", "rules": [_rule(rule) for rule in rules]}},
                "invocations": [
                    {
                        "executionSuccessful": not report.troubles,
                        "toolExecutionNotifications": [
                            *(_trouble(one) for one in report.troubles),
                            *(_unknown(one) for one in report.unknown),
                        ],
                    }
                ],
                "results": [_result(answer, places[answer.rule.id]) for answer in report.findings],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": "\n\n".join((rule.why, f"Confirm: {rule.confirm}", f"Fix: {rule.fix.summary}"))},
        "defaultConfiguration": {"level": LEVELS[rule.severity_name]},
        "properties": {"security-severity": SCORES[rule.severity_name], "tags": _tags(rule)},
    }


def _tags(rule: Rule) -> Sequence[str]:
    controls = (f"{framework}/{control}" for framework, all_ in rule.maps.items() for control in all_)
    return ["security", rule.step, *controls]


def _result(answer: Answer, index: int) -> dict[str, Any]:
    part = f", {answer.discriminator}" if answer.discriminator else ""
    same = blake2b("\n".join((answer.rule.id, answer.object, answer.discriminator)).encode(), digest_size=16)
    return {
        "ruleId": answer.rule.id,
        "ruleIndex": index,
        "level": LEVELS[answer.rule.severity_name],
        "message": {"text": plain(f"{answer.object}{part}: {answer.rule.title}. {answer.rule.fix.summary}")},
        "locations": [_location(answer.place.file, answer.place.line, answer.object)],
        "partialFingerprints": {"aispm/v1": same.hexdigest()},
    }


def _trouble(one: Trouble) -> dict[str, Any]:
    return {"level": "error", "message": {"text": one.message}, "locations": [_location(one.file, one.line)]}


def _unknown(answer: Answer) -> dict[str, Any]:
    return {
        "level": "note",
        "message": {"text": plain(f"Not known: {answer.rule.title}. {answer.verdict.reason}")},
        "locations": [_location(answer.place.file, answer.place.line, answer.object)],
        "associatedRule": {"id": answer.rule.id},
    }


def _location(file: str, line: int, name: str = "") -> dict[str, Any]:
    logical = {"logicalLocations": [{"fullyQualifiedName": plain(name)}]} if name else {}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": {"startLine": line}}} | logical


def _uri(file: str) -> str:
    """Relative to where the check runs, as code hosts expect it, wherever that is possible."""
    path = os.path.relpath(file)
    return Path(os.path.abspath(file)).as_uri() if path.startswith("..") else quote(Path(path).as_posix())
