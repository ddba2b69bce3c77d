"""Reverse patches: what turns a newer document back into the one before it. Pure and exact.

A patch is a list of `[path, earlier value]`, or `[path]` for what did not exist earlier. A path is a list of keys and
list positions; the empty path is the whole document. Lists of another length are replaced whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Path = list[str | int]
Patch = list[list[Any]]


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs. ABSENT stands for a value that is not there."""

    path: tuple[str | int, ...]
    before: Any
    after: Any


def reverse_patch(newer: Any, older: Any) -> Patch:
    """What `apply` needs to turn `newer` into `older`; empty when they are the same."""
    return list(_differences(newer, older, []))


def apply(document: Any, patch: Patch) -> Any:
    """The earlier document. The given one is not changed."""
    result = deepcopy(document)
    for path, *value in patch:
        if not path:
            result = deepcopy(value[0])
            continue
        *parents, last = path
        holder = result
        for step in parents:
            holder = holder[step]
        if value:
            holder[last] = deepcopy(value[0])
        else:
            del holder[last]
    return result


def changes(newer: Any, patch: Patch) -> list[Change]:
    """What the step from the earlier document to `newer` changed."""
    return [Change(tuple(path), before=value[0] if value else ABSENT, after=_at(newer, path)) for path, *value in patch]


def _differences(newer: Any, older: Any, path: Path) -> Iterator[list[Any]]:
    if isinstance(newer, dict) and isinstance(older, dict):
        for key in sorted(newer.keys() | older.keys()):
            if key not in older:
                yield [[*path, key]]
            elif key not in newer:
                yield [[*path, key], older[key]]
            else:
                yield from _differences(newer[key], older[key], [*path, key])
    elif isinstance(newer, list) and isinstance(older, list) and len(newer) == len(older):
        for position, (new, old) in enumerate(zip(newer, older, strict=True)):
            yield from _differences(new, old, [*path, position])
    elif type(newer) is not type(older) or newer != older:
        yield [path, older]


def _at(document: Any, path: Path) -> Any:
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return document
