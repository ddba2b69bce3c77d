"""The values read, cut to a size that can be stored and shown. Text from scanned assets is never interpreted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

import orjson

from findings.posture.engine.projection import values_at
from findings.posture.rule.paths import ELEMENT, Read

LONGEST_TEXT = 200
MOST_ENTRIES = 20
DEEPEST = 4
MOST_BYTES = 6_000
LARGEST_NUMBER = 2**53


def evidence(reads: Iterable[Read], variables: Mapping[str, Any]) -> dict[str, Any]:
    """{path as declared: value}, at most about MOST_BYTES as JSON."""
    found: dict[str, Any] = {}
    left = MOST_BYTES
    for read in reads:
        root = variables.get(read.root)
        value = bounded(_from(read, root))
        size = len(orjson.dumps(value))
        if size > left:
            value = f"… {size} characters, not kept"
        left -= min(size, left)
        found[read.text] = value
    return found


def _from(read: Read, root: Any) -> Any:
    if root is None and read.steps and read.steps[0] != ELEMENT:
        return None
    return values_at(read, root)


def bounded(value: Any, depth: int = 0) -> Any:
    """A value with long texts, long lists and deep nesting cut; what was cut is said."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        if depth >= DEEPEST:
            return f"… {len(value)} entries"
        kept = [bounded(entry, depth + 1) for entry in value[:MOST_ENTRIES]]
        return [*kept, f"… {len(value) - MOST_ENTRIES} more"] if len(value) > MOST_ENTRIES else kept
    if isinstance(value, dict):
        if depth >= DEEPEST:
            return f"… {len(value)} fields"
        shown = {_text(str(key)): bounded(value[key], depth + 1) for key in list(value)[:MOST_ENTRIES]}
        if len(value) > MOST_ENTRIES:
            shown["…"] = f"{len(value) - MOST_ENTRIES} more"
        return shown
    return _number(value)


def _number(value: Any) -> Any:
    """Numbers that JSON readers would alter become text."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_NUMBER:
        return str(value)[:LONGEST_TEXT]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value


def _text(value: str) -> str:
    if value.isascii() and len(value) <= LONGEST_TEXT and "\x00" not in value:
        return value
    clean = value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= LONGEST_TEXT else f"{clean[:LONGEST_TEXT]}… ({len(clean)} characters)"
