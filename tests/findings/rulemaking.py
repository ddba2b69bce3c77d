"""Small rules and documents for tests of posture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from findings.posture.rule import Rule, RuleSet, load_rules, parse_rule

BUCKET = "aws.s3.bucket"


def document(id: str = "a-rule", **changes: Any) -> dict[str, Any]:
    """A whole rule document: a bucket fails when it is public."""
    words = {
        "id": id,
        "title": f"Rule {id}",
        "step": "data",
        "severity": "high",
        "rationale": {"likelihood": "It happens.", "impact": "It hurts."},
        "kind": BUCKET,
        "reads": ["Public"],
        "fail": "asset.Public == true",
        "why": "Because.",
        "confirm": "Look at it.",
        "fix": {"summary": "Close it.", "cli": "aws s3api put-public-access-block", "effort": "low"},
        "maps": {"owasp-llm-2025": ["LLM02"]},
        "examples": [
            {"verdict": "fail", "asset": {"Public": True}},
            {"verdict": "pass", "asset": {"Public": False}},
        ],
    }
    return {key: value for key, value in (words | changes).items() if value is not None}


def text(id: str = "a-rule", **changes: Any) -> str:
    return yaml.safe_dump(document(id, **changes), sort_keys=False)


def rule(id: str = "a-rule", **changes: Any) -> Rule:
    """A rule made of `document`; examples are not checked against it."""
    return parse_rule(text(id, **changes), name=f"{id}.yaml", family="aws")


def write(folder: Path, id: str = "a-rule", **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{id}.yaml"
    file.write_text(text(id, **changes), encoding="utf-8")
    return file


def rules_in(folder: Path) -> RuleSet:
    return load_rules(folder)
