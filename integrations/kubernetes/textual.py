"""JSON and YAML texts as objects, without YAML's traps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson
import yaml

from inventory.documents import Document

MAX_YAML = 32 * 1024 * 1024
DEEPEST = 100
"""Levels of nesting. The library calls itself for each, in C: far more of them end the process."""


class TextLoader(yaml.CSafeLoader):
    """Times stay text, as they are in JSON."""


TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


_ANCHOR = re.compile(rb"(?:^|[\s\[{,:-])&\w", re.MULTILINE)


def _has_aliases(content: bytes) -> bool:
    return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, Loader=yaml.CSafeLoader))


def too_deep(content: bytes) -> bool:
    """Whether a text of YAML nests deeper than is safe to read."""
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return True
    return False


def documents(name: str, content: bytes) -> list[Document]:
    """The objects in a file; ValueError when it holds something else or is built to explode."""
    found: list[Any]
    if ".json" in name.lower():
        found = [orjson.loads(content)]
    else:
        found = _yaml(content)
    if any(not isinstance(one, dict) for one in found):
        raise ValueError("not an object")
    return found


def _yaml(content: bytes) -> list[Any]:
    if len(content) > MAX_YAML:
        raise ValueError(f"YAML of more than {MAX_YAML // 1024 // 1024} MB is not read: use JSON")
    try:
        if too_deep(content):
            raise ValueError(f"YAML of more than {DEEPEST} levels is not read")
        if _ANCHOR.search(content) and _has_aliases(content):
            raise ValueError("YAML aliases are not read")
        return [one for one in yaml.load_all(content, Loader=TextLoader) if one is not None]
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("not YAML") from error


_BLANKS = re.compile(r"[ \t\r\n]*")
_SCAN = json.JSONDecoder().raw_decode


def slices(content: bytes, size: int) -> Iterator[tuple[Document, list[Any]]]:
    """(head, some elements) of a list body, so that a large one is never in memory as objects.

    Bodies whose kind stands behind the elements are read at once: nothing is given out before it is known what it is.
    """
    words = content.decode()
    start = _skip(words, 0)
    head: Document = {}
    if words[start : start + 1] != "{":
        raise ValueError("not an object")
    position = start + 1
    while words[position - 1] != "}":
        name, position = _value(words, position)
        position = _expect(words, position, ":")
        if name == "items":
            break
        head[name], position = _value(words, position)
        position = _expect(words, position, ",}")
    if "kind" not in head or "apiVersion" not in head or words[position : position + 1] != "[":
        yield from _at_once(content)
        return
    yield from _elements(words, position + 1, head, size)


def _at_once(content: bytes) -> Iterator[tuple[Document, list[Any]]]:
    body = orjson.loads(content)
    items = body.pop("items", None)
    if not isinstance(items, list):
        raise ValueError("no items")
    yield body, items


def _elements(words: str, position: int, head: Document, size: int) -> Iterator[tuple[Document, list[Any]]]:
    found: list[Any] = []
    position = _skip(words, position)
    end = words[position : position + 1] == "]"
    position += end
    while not end:
        one, position = _value(words, position)
        found.append(one)
        position = _expect(words, position, ",]")
        end = words[position - 1] == "]"
        if len(found) >= size and not end:
            yield head, found
            found = []
    _finish(words, position, head)
    yield head, found


def _finish(words: str, position: int, head: Document) -> None:
    """What stands behind the elements: nothing but further fields of the same object."""
    position = _expect(words, position, ",}")
    while words[position - 1] != "}":
        name, position = _value(words, position)
        head[name], position = _value(words, _expect(words, position, ":"))
        position = _expect(words, position, ",}")
    if words[position:].strip():
        raise ValueError("text behind the object")


def _value(words: str, position: int) -> tuple[Any, int]:
    return _SCAN(words, _skip(words, position))


def _expect(words: str, position: int, allowed: str) -> int:
    """The position behind the next character, which must be one of these; blanks are skipped."""
    position = _skip(words, position)
    if words[position : position + 1] not in tuple(allowed):
        raise ValueError(f"expected one of {allowed}")
    return position + 1 if words[position] in "]}" else _skip(words, position + 1)


def _skip(words: str, position: int) -> int:
    """The position of the next character that is no blank."""
    found = _BLANKS.match(words, position)
    assert found is not None
    return found.end()
