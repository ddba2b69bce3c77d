"""Applies patches to documents as an API server would, and checks documents against the Kubernetes models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kubernetes import client

Document = dict[str, Any]
KEYS = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
}
"""The lists of a workload that a strategic merge patch merges, by the key that tells their elements apart."""
PLAIN = {"str": str, "int": int, "bool": bool, "float": float}


def merged(document: Document, patch: Document, *, strategic: bool) -> Document:
    """The document with the patch applied; null takes a field away."""
    found = dict(document)
    for key, value in patch.items():
        before = document.get(key)
        if value is None:
            found.pop(key, None)
        elif isinstance(value, dict):
            found[key] = merged(before if isinstance(before, dict) else {}, value, strategic=strategic)
        elif strategic and key in KEYS and isinstance(value, list):
            found[key] = _elements(before or [], value, KEYS[key])
        else:
            found[key] = value
    return found


def _elements(before: list[Document], changes: list[Document], key: str) -> list[Document]:
    by_key = {one[key]: one for one in before}
    for change in changes:
        if change.get("$patch") == "delete":
            by_key.pop(change[key], None)
        else:
            by_key[change[key]] = merged(by_key.get(change[key], {}), change, strategic=True)
    return list(by_key.values())


def mistakes(document: Document) -> list[str]:
    """What of a document, or of a patch of it, the Kubernetes API does not know."""
    return list(_mistakes(document, f"V1{document['kind']}", document["kind"]))


def _mistakes(value: Any, model: str, where: str) -> Iterator[str]:
    if value is None or model == "object":
        return
    element = re.fullmatch(r"(?:[Ll]ist\[|[Dd]ict[\[(]str, )(.+)[\])]", model)
    if element is not None:
        inner = value if isinstance(value, list) else value.values()
        if isinstance(value, list) is model.lower().startswith("dict"):
            yield f"{where} is {type(value).__name__}, not {model}"
        for one in inner:
            yield from _mistakes(one, element[1], f"{where}[]")
    elif model in PLAIN:
        if not isinstance(value, PLAIN[model]) or (model == "int" and isinstance(value, bool)):
            yield f"{where} is {value!r}, not {model}"
    else:
        yield from _fields(value, getattr(client, model), where)


def _fields(value: Any, model: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is {value!r}, not {model.__name__}"
        return
    names = {spelt: name for name, spelt in model.attribute_map.items()}
    for key, inner in value.items():
        if key == "$patch":
            if inner != "delete":
                yield f"{where}.$patch is {inner!r}"
        elif key not in names:
            yield f"{where}.{key} does not exist"
        else:
            yield from _mistakes(inner, model.openapi_types[names[key]], f"{where}.{key}")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """Every plain value by its path; elements of lists that are merged by their key."""
    if isinstance(value, dict) and value:
        return {k: v for key, inner in value.items() for k, v in leaves(inner, (*path, key)).items()}
    if isinstance(value, list) and value:
        key = KEYS.get(path[-1]) if path else None
        named = [one.get(key) if key and isinstance(one, dict) else at for at, one in enumerate(value)]
        return {k: v for name, one in zip(named, value, strict=True) for k, v in leaves(one, (*path, name)).items()}
    return {path: value}
