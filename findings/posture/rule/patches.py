"""The change that puts a finding right, as a template: `${…}` in it is an expression."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cel

from findings.posture.rule.fields import Fields

PARTS = ("container", "pod", "object", "manifest")
WHERE, WHEN = "where", "when"
_BLANK = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Blank:
    """A text with expressions in it. One that is nothing but an expression stands for its value, of any type."""

    parts: tuple[str | cel.Program, ...]

    def filled(self, context: cel.Context) -> Any:
        values = [part if isinstance(part, str) else part.execute(context) for part in self.parts]
        return values[0] if len(values) == 1 else "".join(map(str, values))


@dataclass(frozen=True, slots=True)
class PatchTemplate:
    """A strategic merge patch of an object, of its pods or of some of its containers; or an object to add.

    `where` says which containers; without it, the one that the finding is about. `when`: whether it is the fix at all.
    """

    parts: Mapping[str, Any]
    where: cel.Program | None = None
    when: cel.Program | None = None


def patch_template(fields: Fields) -> PatchTemplate | None:
    """Reads `fix.patch`; every mistake is noted."""
    where = ("fix", "patch")
    given = fields.mapping(*where)
    fields.keys((*PARTS, WHERE, WHEN), *where)
    if not given:
        return None
    parts = {name: _compiled(fields, name, given[name]) for name in PARTS if name in given}
    if not parts or ("manifest" in parts and len(parts) > 1):
        fields.fault("`fix.patch` has either `manifest`, or some of `container`, `pod` and `object`", *where)
    programs = {key: _expression(fields, key, text) for key in (WHERE, WHEN) if (text := fields.text(*where, key))}
    if "container" in parts and WHERE not in programs and not fields.get("discriminator"):
        fields.fault("`fix.patch.container` needs `where`, as no `discriminator` names the container", *where)
    return PatchTemplate(parts, programs.get(WHERE), programs.get(WHEN))


def _compiled(fields: Fields, part: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _compiled(fields, part, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_compiled(fields, part, inner) for inner in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    whole = value.startswith("${") and value.endswith("}") and value.count("${") == 1
    pieces = ["", value[2:-1]] if whole else _BLANK.split(value)
    read = (_expression(fields, part, piece) if at % 2 else piece for at, piece in enumerate(pieces))
    return Blank(tuple(piece for piece in read if piece))


def _expression(fields: Fields, part: str, text: str) -> cel.Program | None:
    try:
        return cel.compile(text)
    except ValueError as error:
        fields.fault(f"`{text}` is not a valid expression: {error}", "fix", "patch", part)
        return None
