"""Paths: how a rule names the values it reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

ELEMENT = "[]"
ASSET, FACTS = "asset", "facts"
_WORD = r"[A-Za-z_$][A-Za-z0-9_$-]*"
_STEP = re.compile(rf'\.({_WORD})|\["([^"]+)"\]|(\[\])')
_FIRST = re.compile(_WORD)


class Default(StrEnum):
    """What stands in for a path that was read and is absent."""

    NULL = "null"
    LIST = "list"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Read:
    """One declared path. `steps` lead from the root's value; ELEMENT goes into every element of a list."""

    text: str
    root: str
    steps: tuple[str, ...]
    default: Default = Default.NULL

    @property
    def part(self) -> str:
        """The top-level field of the document that the path starts in."""
        return self.steps[0] if self.steps else ""


def parse_read(text: str, roots: frozenset[str]) -> Read:
    """Reads `Name.part[].leaf`, `facts.x`, `pod.x`, `alias[].x`; ends in `[]` for a list, `{}` for a map.

    Raises ValueError with what is wrong and what is expected.
    """
    body, default = text, Default.NULL
    if body.endswith("{}"):
        body, default = body[:-2], Default.MAP
    elif body.endswith("[]"):
        body, default = body[:-2], Default.LIST
    steps = _steps(text, body)
    root = steps[0] if steps[0] in roots else ASSET
    if steps[0] == ASSET:
        raise ValueError(f"`{text}` starts with `asset.`: paths into the document are written without it.")
    if root != ASSET:
        steps = steps[1:]
    return Read(text, root, steps, default)


def _steps(text: str, body: str) -> tuple[str, ...]:
    first = _FIRST.match(body)
    if first is None:
        raise ValueError(f"`{text}` is not a path; expected words joined by dots, as in `Spec.containers[].image`.")
    steps, at = [first.group()], first.end()
    while at < len(body):
        step = _STEP.match(body, at)
        if step is None:
            raise ValueError(
                f'`{text}` is not a path: `{body[at:]}` is not understood; expected `.name`, `[]` or `["key"]`.'
            )
        steps.append(step.group(1) or step.group(2) or ELEMENT)
        at = step.end()
    return tuple(steps)


def show(root: str, steps: tuple[str, ...]) -> str:
    """A path as it is written in `reads`."""
    words = list(steps) if root == ASSET else [root, *steps]
    text = ""
    for word in words:
        if word == ELEMENT:
            text += ELEMENT
        elif _FIRST.fullmatch(word):
            text += f".{word}" if text else word
        else:
            text += f'["{word}"]'
    return text
