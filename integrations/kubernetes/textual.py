"""JSON and YAML texts as objects, without YAML's traps."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from inventory.documents import Document

MAX_YAML = 32 * 1024 * 1024


class _Loader(yaml.CSafeLoader):
    """Times stay text, as they are in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


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
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, Loader=yaml.CSafeLoader)):
            raise ValueError("YAML aliases are not read")
        return [one for one in yaml.load_all(content, Loader=_Loader) if one is not None]
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("not YAML") from error
