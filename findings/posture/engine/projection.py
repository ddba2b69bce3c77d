"""The part of a document that rules read, with nulls where a declared path is absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from findings.posture.rule.paths import ELEMENT, Default, Read

_ABSENT: dict[Default, Any] = {Default.NULL: None}


@dataclass(slots=True)
class Shape:
    """Declared paths as a tree. `explicit`: this very value is declared; `whole`: it or one above it is."""

    explicit: Default | None = None
    whole: bool = False
    fields: dict[str, Shape] = field(default_factory=dict)
    element: Shape | None = None


def shape_of(reads: Iterable[Read]) -> Shape:
    """The tree of paths that start at one root."""
    root = Shape()
    for read in reads:
        node = root
        for step in read.steps:
            if step == ELEMENT:
                node.element = node.element or Shape()
                node = node.element
            else:
                node = node.fields.setdefault(step, Shape())
        node.explicit = node.explicit or read.default
    _mark(root, whole=False)
    return root


def _mark(shape: Shape, *, whole: bool) -> None:
    shape.whole = whole or shape.explicit is not None
    for child in shape.fields.values():
        _mark(child, whole=shape.whole)
    if shape.element is not None:
        _mark(shape.element, whole=shape.whole)


def agree(one: Shape, other: Shape) -> bool:
    """Whether one projected document can serve both without either seeing a difference."""
    if one.explicit != other.explicit or one.whole != other.whole:
        return False
    if one.whole:
        return one == other
    if (one.element is None) != (other.element is None):
        return not ((one.fields or one.element) and (other.fields or other.element))
    if one.element is not None and other.element is not None and not agree(one.element, other.element):
        return False
    return all(agree(one.fields[name], other.fields[name]) for name in one.fields.keys() & other.fields.keys())


def project(shape: Shape, value: Any) -> Any:
    """What rules see of a value. A value of another form than declared is left as it is."""
    if value is None:
        return _absent(shape)
    if shape.element is not None:
        if type(value) is not list:
            return value
        element = shape.element
        if element.explicit is not None and not element.fields and element.element is None:
            return value
        return [project(element, entry) for entry in value]
    if shape.fields:
        if type(value) is not dict:
            return value
        filled = {name: project(child, value.get(name)) for name, child in shape.fields.items()}
        return {**value, **filled} if shape.whole else filled
    return value if shape.whole else {}


def _absent(shape: Shape) -> Any:
    if shape.explicit is Default.NULL:
        return None
    if shape.explicit is Default.LIST or shape.element is not None:
        return []
    return {name: _absent(child) for name, child in shape.fields.items()}


def values_at(read: Read, root: Any) -> Any:
    """The value of a path in a projected root; for a path through lists, the list of what is in the elements."""
    values, many = [root], False
    for step in read.steps:
        if step == ELEMENT:
            many = True
            values = [entry for value in values if isinstance(value, list) for entry in value]
        else:
            values = [value.get(step) if isinstance(value, Mapping) else None for value in values]
    return values if many else values[0]
