"""Reading documents by path: `a.b[].c`, `Tags[Name]`, `x|y` (the first that is there), `=text` (a constant)."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from inventory.documents import Document

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
NAMED_TAG = re.compile(r"^(\w+)\[(\w+)\]$")


def values(document: Mapping[str, Any], path: str) -> list[Any]:
    """Everything at a path that is not null; an empty list when nothing is there."""
    for choice in path.split("|"):
        found = [choice[1:]] if choice.startswith("=") else _walk([document], choice)
        if found:
            return found
    return []


def first(document: Mapping[str, Any], path: str) -> Any:
    found = values(document, path)
    return found[0] if found else None


def _walk(nodes: list[Any], path: str) -> list[Any]:
    for step in path.split("."):
        nodes = [value for node in nodes for value in _step(node, step) if value is not None]
    return nodes


def _step(node: Any, step: str) -> list[Any]:
    if not isinstance(node, Mapping):
        return []
    if step.endswith("[]"):
        inside = node.get(step[:-2])
        return inside if isinstance(inside, list) else []
    named = NAMED_TAG.match(step)
    if named:
        return [tag.get("Value") for tag in node.get(named[1]) or [] if tag.get("Key") == named[2]]
    return [node.get(step)]


def render(template: str, document: Mapping[str, Any], ambient: Mapping[str, str]) -> list[str]:
    """Every text that a template makes of a document; nothing when a placeholder has no value."""
    places = PLACEHOLDER.findall(template)
    choices = [_choices(place, document, ambient) for place in places]
    return [_filled(template, picked) for picked in itertools.product(*choices)]


def _choices(place: str, document: Mapping[str, Any], ambient: Mapping[str, str]) -> list[str]:
    for choice in place.split("|"):
        found = [ambient[choice]] if choice in ambient else values(document, choice)
        if found:
            return [str(value) for value in found if isinstance(value, str | int) and value != ""]
    return []


def _filled(template: str, picked: tuple[str, ...]) -> str:
    remaining = iter(picked)
    return PLACEHOLDER.sub(lambda _match: next(remaining), template)


def drop(document: Document, path: str) -> None:
    """Remove what is at a path, in place."""
    head, _, last = path.rpartition(".")
    for holder in _walk([document], head) if head else [document]:
        if isinstance(holder, dict):
            holder.pop(last, None)


def plain(value: Any) -> Any:
    """A botocore answer as JSON values: times in ISO 8601 with Z, bytes in base64."""
    if isinstance(value, dict):
        return {str(key): plain(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inside) for inside in value]
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
