"""Names, uids and times that are the same at every start, and the bookkeeping that a server adds to objects."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from demo.cluster.bodies import Object

CREATED = datetime(2026, 8, 31, 9, tzinfo=UTC)
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def digest(*parts: object) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


def uid(kind: str, namespace: str, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"cluster/{kind}/{namespace}/{name}"))


def suffix(length: int, *parts: object) -> str:
    """Such as servers append to the names of pods."""
    return "".join(_LETTERS[int(two, 16) % len(_LETTERS)] for two in _pairs(digest(*parts))[:length])


def _pairs(words: str) -> list[str]:
    return [words[i : i + 2] for i in range(0, len(words), 2)]


def timestamp(*parts: object) -> str:
    """A moment in the months before the base date."""
    return (CREATED - timedelta(minutes=int(digest(*parts)[:5], 16) % 250_000)).strftime("%Y-%m-%dT%H:%M:%SZ")


def metadata(kind: str, namespace: str, name: str, labels: dict[str, str] | None = None) -> Object:
    meta: Object = {
        "name": name,
        "uid": uid(kind, namespace, name),
        "resourceVersion": str(1_000 + int(digest(kind, namespace, name)[:6], 16) % 480_000),
        "creationTimestamp": timestamp(kind, namespace, name),
    }
    if namespace:
        meta["namespace"] = namespace
    if labels:
        meta["labels"] = dict(labels)
    return meta


def owned_by(owner: Object, kind: str, api_version: str) -> list[Object]:
    meta = owner["metadata"]
    return [
        {
            "apiVersion": api_version,
            "kind": kind,
            "name": meta["name"],
            "uid": meta["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]


def managed(item: Object, api_version: str, manager: str = "kubectl-client-side-apply") -> list[Object]:
    """The managedFields that a server keeps for an object."""
    fields = {f"f:{key}": _fields(item[key]) for key in ("spec", "data", "rules", "subjects") if key in item}
    labels = item["metadata"].get("labels")
    if labels:
        fields["f:metadata"] = {"f:labels": {".": {}} | {f"f:{key}": {} for key in labels}}
    return [
        {
            "manager": manager,
            "operation": "Update",
            "apiVersion": api_version,
            "time": item["metadata"]["creationTimestamp"],
            "fieldsType": "FieldsV1",
            "fieldsV1": fields,
        }
    ]


def _fields(value: Any) -> Object:
    if isinstance(value, dict):
        return {f"f:{key}": _fields(inner) for key, inner in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {f'k:{{"name":"{one.get("name", i)}"}}': {".": {}, **_fields(one)} for i, one in enumerate(value)}
    return {}
