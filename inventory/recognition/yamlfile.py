"""Reading the fingerprint files with line numbers, so that a mistake is named where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

LINE = "__line__"


class CatalogueError(ValueError):
    """One or more mistakes in the fingerprint files, each as `file:line: what is wrong`."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class _Loader(yaml.SafeLoader):
    """A safe loader whose mappings remember their line."""


def _with_line(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
        seen.add(key)
    loaded = loader.construct_mapping(node, deep=True)
    loaded[LINE] = node.start_mark.line + 1
    return loaded


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _with_line)


class Problems:
    """Collects what is wrong in one file."""

    def __init__(self, path: Path, found: list[str]) -> None:
        self._path = path
        self._found = found

    def add(self, item: object, message: str) -> None:
        line = item.get(LINE, 1) if isinstance(item, dict) else 1
        self._found.append(f"{self._path.name}:{line}: {message}")

    def strings(self, item: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """A list of texts under a key; anything else is a mistake."""
        value = item.get(key, [])
        if isinstance(value, list) and all(isinstance(entry, str) and entry for entry in value):
            return tuple(value)
        self.add(item, f"`{key}` must be a list of texts")
        return ()

    def integers(self, item: Mapping[str, Any], key: str) -> tuple[int, ...]:
        value = item.get(key, [])
        if isinstance(value, list) and all(isinstance(entry, int) for entry in value):
            return tuple(value)
        self.add(item, f"`{key}` must be a list of numbers")
        return ()

    def text(self, item: Mapping[str, Any], key: str, default: str | None = None) -> str:
        value = item.get(key, default)
        if isinstance(value, str):
            return value
        self.add(item, f"`{key}` must be a text" if key in item else f"`{key}` is missing")
        return ""

    def only(self, item: Mapping[str, Any], allowed: Iterable[str]) -> None:
        for key in sorted(set(map(str, item)) - set(allowed) - {LINE}):
            self.add(item, f"`{key}` is not known here")


def load(path: Path, found: list[str]) -> Any:
    """The content of a file; a syntax error becomes one problem and None."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader with lines
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        found.append(f"{path.name}:{line}: {error.problem}")
        return None
