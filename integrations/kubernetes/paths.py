"""Walking documents whose shape nobody vouches for: a wrong type on the way is simply nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inventory.documents import Document


def mapping(value: object) -> Document:
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def mappings(value: object) -> Iterator[Document]:
    """The dictionaries in a list."""
    return (one for one in sequence(value) if isinstance(one, dict))


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def get(document: object, path: str) -> Any:
    """`spec.template.spec`; None where a step is missing."""
    for step in path.split("."):
        if not isinstance(document, dict):
            return None
        document = document.get(step)
    return document


def each(document: object, path: str) -> Iterator[Document]:
    """Every dictionary at a path in which `[]` steps into a list and `{}` into a dictionary's values."""
    here: list[object] = [document]
    for step in path.split("."):
        name = step.removesuffix("[]").removesuffix("{}")
        found = [value.get(name) for value in here if isinstance(value, dict)]
        if step.endswith("[]"):
            found = [one for value in found for one in sequence(value)]
        elif step.endswith("{}"):
            found = [one for value in found for one in mapping(value).values()]
        here = found
    return (value for value in here if isinstance(value, dict))
