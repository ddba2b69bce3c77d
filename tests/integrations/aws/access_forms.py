"""Reads the forms in which access is shown, as their own tools would."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

ACTION = re.compile(r'"([a-z0-9-]+:[A-Za-z0-9]+)"')
ASSUMING = {"sts:AssumeRole", "sts:ExternalId"}


def template_in(recipe: str) -> str:
    """The file that the recipe writes."""
    return recipe.partition("<<'TEMPLATE'\n")[2].partition("\nTEMPLATE\n")[0]


def granted(form: str, text: str) -> list[str]:
    """Every action that a form grants, as often as it stands there."""
    if form == "terraform":
        return sorted(action for action in ACTION.findall(text) if action not in ASSUMING)
    documents = list(json.loads(text).values()) if form == "json" else policies(yaml.safe_load(_template(form, text)))
    return sorted(action for document in documents for part in document["Statement"] for action in part["Action"])


def policies(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents of a template's managed policies."""
    found = [each for each in template["Resources"].values() if each["Type"] == "AWS::IAM::ManagedPolicy"]
    return [each["Properties"]["PolicyDocument"] for each in found]


def _template(form: str, text: str) -> str:
    return template_in(text) if form == "stackset" else text
