"""The objects in a text of YAML or JSON, each with the line on which it begins.

Nothing of the text is ever repeated in a complaint: a value may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson
import yaml

from integrations.kubernetes.textual import DEEPEST, TextLoader, too_deep
from inventory.documents import Document

MOST_VALUES = 2_000_000
"""What anchors may unfold to; a file of 16 MB without any has fewer."""
_SEPARATOR = re.compile(rb"^---(?=[ \t\r\n]|$)", re.MULTILINE)
_NOTHING = re.compile(rb"\A(?:\s|#[^\n]*$|%[^\n]*$)*\Z", re.MULTILINE)
_TEMPLATE = re.compile(rb"\{\{|\{%|<%|\$\{")
_MANIFEST = re.compile(rb"^[\s{]*[\"']?(?:apiVersion|kind)[\"']?\s*:", re.MULTILINE)
RENDER = (
    "This is a template. Render it first, for instance with helm template or kustomize build, and check the output."
)


class Unreadable(Exception):
    """A document that cannot be read, and why. `meant`: it looks like a manifest."""

    def __init__(self, line: int, message: str, *, meant: bool = True) -> None:
        super().__init__(message)
        self.line, self.message, self.meant = line, message, meant


@dataclass(frozen=True, slots=True)
class Located:
    """One object, or one document that is none; lines count from 1."""

    document: Document
    line: int


def texts(content: bytes) -> Iterator[tuple[bytes, int]]:
    """The documents of a stream and the number of lines before each: a broken one breaks no other."""
    start, line = 0, 0
    for mark in (*_SEPARATOR.finditer(content), None):
        end = mark.start() if mark else len(content)
        part = content[start:end]
        if not _NOTHING.match(part.removeprefix(b"---")):
            yield part, line
        line += content.count(b"\n", start, end)
        start = end


def objects(part: bytes, before: int) -> Iterator[Located]:
    """The objects of one document, those in lists apart. Unreadable, with its line, when it cannot be read."""
    try:
        if too_deep(part):
            raise Unreadable(before + 1, f"Nested more than {DEEPEST} levels deep.")
        loader = TextLoader(part)
        while loader.check_node():
            if (node := loader.get_node()) is not None:
                yield from _objects(loader, node, before)
    except yaml.MarkedYAMLError as error:
        raise _unreadable(part, before, error) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise Unreadable(before + 1, "This is not a text of YAML or JSON.", meant=False) from None


def _unreadable(part: bytes, before: int, error: yaml.MarkedYAMLError) -> Unreadable:
    template = _TEMPLATE.search(part)
    if template is not None:
        line, message = part.count(b"\n", 0, template.start()), RENDER
    else:
        line = error.problem_mark.line if error.problem_mark else 0
        problem = (error.problem or "").partition("'")[0].partition('"')[0].strip()
        message = f"This is not YAML that can be read{problem and f': {problem}'}."
    return Unreadable(before + line + 1, message, meant=bool(_MANIFEST.search(part)))


def _objects(loader: TextLoader, node: yaml.Node, before: int) -> Iterator[Located]:
    line = before + node.start_mark.line + 1
    fields = _fields(node)
    if not {"apiVersion", "kind"} <= fields.keys():
        raise Unreadable(line, "This is not a Kubernetes object: it has no apiVersion and kind.", meant=False)
    _measure(node, before, {})
    kind, items = fields.get("kind"), fields.get("items")
    if isinstance(kind, yaml.ScalarNode) and kind.value.endswith("List") and isinstance(items, yaml.SequenceNode):
        head = {name: fields[name].value for name in ("apiVersion", "kind")}
        for item in items.value:
            yield Located(_filled(_plain(loader, item, before), head), before + item.start_mark.line + 1)
    else:
        yield Located(_plain(loader, node, before), line)


def _fields(node: yaml.Node) -> dict[str, yaml.Node]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return {key.value: value for key, value in pairs if isinstance(key, yaml.ScalarNode)}


def _filled(item: Document, head: Document) -> Document:
    """An element of a `DeploymentList` does not say itself what it is."""
    if head["kind"] == "List":
        return item
    return {"apiVersion": head["apiVersion"], "kind": head["kind"].removesuffix("List")} | item


def _plain(loader: TextLoader, node: yaml.Node, before: int) -> Document:
    """The value as JSON would hold it: what anchors share is there once for each."""
    line = before + node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise Unreadable(line, "This is not a Kubernetes object.")
    try:
        found: Document = orjson.loads(orjson.dumps(loader.construct_document(node), option=orjson.OPT_NON_STR_KEYS))
    except (orjson.JSONEncodeError, orjson.JSONDecodeError, ValueError):
        raise Unreadable(line, "It holds a value that JSON cannot hold.") from None
    return found


def _measure(node: yaml.Node, before: int, sizes: dict[int, int]) -> int:
    """How many values a node unfolds to. Unreadable when they are too many, endless, or one field is there twice."""
    if id(node) in sizes:
        if not sizes[id(node)]:
            raise Unreadable(before + node.start_mark.line + 1, "An anchor holds itself.")
        return sizes[id(node)]
    sizes[id(node)] = 0
    inner: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        _no_field_twice(node, before)
        inner = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        inner = node.value
    size = 1 + sum(_measure(part, before, sizes) for part in inner)
    if size > MOST_VALUES:
        raise Unreadable(before + node.start_mark.line + 1, f"Its anchors unfold to more than {MOST_VALUES:,} values.")
    sizes[id(node)] = size
    return size


def _no_field_twice(node: yaml.MappingNode, before: int) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
            if key.value in seen:
                line = before + key.start_mark.line + 1
                raise Unreadable(line, "This field is there twice, and only one of the two would count.")
            seen.add(key.value)
