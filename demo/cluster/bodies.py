"""The answers of an API server: lists by path, discovery documents, and how they are kept in a folder."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from demo.cluster.kinds import KINDS, Kind

Object = dict[str, Any]
VERSION: Object = {
    "major": "1",
    "minor": "35",
    "gitVersion": "v1.35.4-eks-6d3a1f2",
    "gitTreeState": "clean",
    "goVersion": "go1.26.2",
    "compiler": "gc",
    "platform": "linux/amd64",
}


@dataclass(slots=True)
class Bodies:
    """Everything that the lists of one cluster answer; items as a server keeps them, sorted by namespace and name."""

    lists: dict[str, list[Object]] = field(default_factory=dict)
    version: Object = field(default_factory=lambda: dict(VERSION))

    def add(self, kind: str, item: Object) -> Object:
        self.lists.setdefault(kind, []).append(item)
        return item

    def sort(self) -> None:
        for items in self.lists.values():
            items.sort(key=lambda one: (one["metadata"].get("namespace", ""), one["metadata"]["name"]))

    def count(self) -> int:
        return sum(map(len, self.lists.values()))

    def documents(self) -> Iterable[tuple[str, Object]]:
        """(path, body) of discovery and of every list, also the empty ones."""
        yield "/version", self.version
        yield "/apis", _groups()
        for root in sorted({kind.root for kind in KINDS.values()}):
            yield root, _resources(root)
        for kind in KINDS.values():
            yield kind.path, list_body(kind, self.lists.get(kind.name, []))


def list_body(kind: Kind, items: list[Object]) -> Object:
    """Built-in lists omit kind and apiVersion of their elements; custom resources repeat them."""
    custom = "." in kind.api_version and not kind.api_version.split("/")[0].endswith(".k8s.io")
    if custom:
        items = [{"apiVersion": kind.api_version, "kind": kind.name} | one for one in items]
    return {
        "kind": f"{kind.name}List",
        "apiVersion": kind.api_version,
        "metadata": {"resourceVersion": "481516"},
        "items": items,
    }


def _groups() -> Object:
    versions: dict[str, list[str]] = {}
    for kind in KINDS.values():
        group, _, version = kind.api_version.rpartition("/")
        if group and version not in versions.setdefault(group, []):
            versions[group].append(version)
    groups = [
        {
            "name": group,
            "versions": [{"groupVersion": f"{group}/{one}", "version": one} for one in served],
            "preferredVersion": {"groupVersion": f"{group}/{served[0]}", "version": served[0]},
        }
        for group, served in versions.items()
    ]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _resources(root: str) -> Object:
    kinds = [kind for kind in KINDS.values() if kind.root == root]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": kinds[0].api_version,
        "resources": [
            {"name": kind.plural, "singularName": kind.name.lower(), "namespaced": kind.namespaced, "kind": kind.name,
             "verbs": ["get", "list", "watch"]}
            for kind in kinds
        ],
    }  # fmt: skip


def write(bodies: Bodies, folder: Path) -> None:
    """One gzipped file a path and `index.json`. The same bodies give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    index = {}
    for path, body in bodies.documents():
        raw = orjson.dumps(body)
        name = path.strip("/").replace("/", "_") + ".json.gz"
        (folder / name).write_bytes(gzip.compress(raw, 1, mtime=0))
        items = body.get("items")
        index[path] = {"file": name, "kind": body.get("kind", "-"), "items": None if items is None else len(items)}
    (folder / "index.json").write_bytes(orjson.dumps(index, option=orjson.OPT_INDENT_2))


def load(folder: Path) -> dict[str, Object]:
    """{path: body} of a folder with an `index.json`."""
    index = orjson.loads((folder / "index.json").read_bytes())
    return {path: orjson.loads(gzip.decompress((folder / one["file"]).read_bytes())) for path, one in index.items()}
