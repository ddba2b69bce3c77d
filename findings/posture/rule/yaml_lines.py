"""YAML as plain values that remember their lines. Only what JSON can say: no tags, anchors or dates."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 40
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database keeps them
Where = tuple[str | int, ...]


class Malformed(Exception):
    """The text is not a document of the expected form."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class Lined:
    """A document and the line of every key and element in it."""

    value: Any = None
    lines: dict[Where, int] = field(default_factory=dict)

    def line(self, *where: str | int) -> int:
        """The line of the nearest known place on the way to `where`."""
        for length in range(len(where), -1, -1):
            if (known := self.lines.get(where[:length])) is not None:
                return known
        return 1


def read(text: str) -> Lined:
    """Parses one YAML document; raises Malformed."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Malformed(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise Malformed(1, f"not YAML: {error}") from error
    if node is None:
        raise Malformed(1, "the file is empty")
    lined = Lined()
    lined.value = _value(node, (), lined, set())
    return lined


def _value(node: yaml.Node, where: Where, lined: Lined, seen: set[int]) -> Any:
    line = node.start_mark.line + 1
    lined.lines.setdefault(where, line)
    if id(node) in seen:
        raise Malformed(line, "anchors and aliases are not supported; write the value out")
    if len(where) > _MAX_DEPTH:
        raise Malformed(line, f"nested deeper than {_MAX_DEPTH} levels")
    if isinstance(node, yaml.ScalarNode):
        _storable(node)
        return _scalar(node)
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*where, at), lined, seen) for at, child in enumerate(node.value)]
    return _mapping(node, where, lined, seen)


def _mapping(node: yaml.Node, where: Where, lined: Lined, seen: set[int]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise Malformed(line, "a key must be plain text")
        _storable(key)
        if key.value in result:
            raise Malformed(line, f"`{key.value}` is given twice")
        lined.lines[(*where, key.value)] = line
        result[key.value] = _value(child, (*where, key.value), lined, seen)
    return result


def _storable(node: yaml.ScalarNode) -> None:
    if _UNSTORABLE.search(node.value):
        raise Malformed(node.start_mark.line + 1, "the text holds a character that cannot be kept, such as \\0")


def _scalar(node: yaml.ScalarNode) -> Any:
    """Quoted text stays text; `yes`, `on`, dates and times are text too, as in JSON."""
    text: str = node.value
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind in ("int", "float"):
        return _number(text)
    return text


def _number(text: str) -> int | float | str:
    for convert in (int, float):
        try:
            number = convert(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else text
    return text
