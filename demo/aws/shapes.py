"""Checks that a document could really be an answer of AWS: against the output shapes of the botocore models."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from moto.core.model import ListShape, MapShape, Shape, StringShape, StructureShape
from moto.core.utils import get_service_model

SCALARS: dict[str, type | tuple[type, ...]] = {
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": datetime,
    "blob": (bytes, str),
    "string": str,
}


class NotAnAnswer(ValueError):
    """A document that the service could never send."""


@cache
def output_shape(service: str, operation: str, member: str = "") -> Shape:
    """The output shape of an operation, or of one of its members; a list member gives its element."""
    shape: Any = get_service_model(service).operation_model(operation).output_shape
    if member:
        shape = shape.members[member]
    element: Shape = shape.member if isinstance(shape, ListShape) else shape
    return element


def check(shape: Shape, document: Any, what: str) -> None:
    """Raises NotAnAnswer with every deviation: unknown or missing members, wrong types, unknown enum values."""
    problems = list(_problems(shape, document, ""))
    if problems:
        raise NotAnAnswer(f"{what}: " + "; ".join(problems))


def project(shape: Shape, document: dict[str, Any], renamed: dict[str, str] | None = None) -> dict[str, Any]:
    """The members of `document` that the summary `shape` has too; `renamed` maps document name → summary name."""
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{shape.name} is not a structure.")
    named = {(renamed or {}).get(key, key): value for key, value in document.items()}
    return {key: value for key, value in named.items() if key in shape.members}


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield f"{path} must be a list"
            return
        for index, item in enumerate(value):
            yield from _problems(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict):
            yield f"{path} must be a map"
            return
        for key, item in value.items():
            yield from _problems(shape.value, item, f"{path}.{key}")
    else:
        yield from _scalar(shape, value, path)


def _structure(shape: StructureShape, value: Any, path: str) -> Iterator[str]:
    if shape.is_document_type:
        return
    if not isinstance(value, dict):
        yield f"{path} must be a structure"
        return
    for name in value.keys() - shape.members.keys():
        yield f"{path}.{name} does not exist"
    for name in set(shape.required_members) - value.keys():
        yield f"{path}.{name} is required"
    for name in value.keys() & shape.members.keys():
        yield from _problems(shape.members[name], value[name], f"{path}.{name}")


def _scalar(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, SCALARS.get(shape.type_name, object)):
        yield f"{path} must be of type {shape.type_name}"
    elif isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"{path} cannot be '{value}': one of {', '.join(shape.enum)}"
