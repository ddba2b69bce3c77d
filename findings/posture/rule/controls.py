"""Catalogues of controls: which there are, and which of them settings can answer at all. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from findings.posture.rule import yaml_lines

FRAMEWORKS = Path(__file__).resolve().parents[2] / "frameworks"
OURS = "five-steps"


@dataclass(frozen=True, slots=True)
class Control:
    """One control. `reason` says why settings can answer it, or why they cannot."""

    id: str
    title: str
    automatable: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Framework:
    """A catalogue of controls. `automatable` says what those have in common that settings can answer."""

    id: str
    title: str
    version: str
    url: str
    automatable: str
    controls: Mapping[str, Control]


@cache
def frameworks(folder: Path = FRAMEWORKS) -> Mapping[str, Framework]:
    """Every framework by id, except the five steps, which are ours."""
    files = (file for file in sorted(folder.glob("*.yaml")) if file.stem != OURS)
    return {file.stem: _framework(file) for file in files}


def _framework(file: Path) -> Framework:
    document = yaml_lines.read(file.read_text(encoding="utf-8")).value
    reason = str(document["automatable"])
    beyond = _not_automatable(document)
    controls = {
        str(id): Control(str(id), str(title), str(id) not in beyond, beyond.get(str(id), reason))
        for id, title in document["controls"].items()
    }
    if wrong := sorted(beyond.keys() - controls.keys()):
        raise ValueError(f"{file.name}: `not_automatable` names controls that are not there: {', '.join(wrong)}")
    title, version, url = (str(document.get(name, "")) for name in ("title", "version", "url"))
    return Framework(file.stem, title, version, url, reason, controls)


def _not_automatable(document: Any) -> dict[str, str]:
    groups = document.get("not_automatable") or ()
    return {str(control): str(group["because"]) for group in groups for control in group["controls"]}
