"""What one declared row says. No flow here: the collector and the reader execute the rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from inventory.documents import Document, LinkTo

LinkFinder = Callable[[Document, str], Iterable[LinkTo]]
Shape = Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class Api:
    """One place under which a kind may be served; the core group has the empty name."""

    group: str
    version: str

    @property
    def root(self) -> str:
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind that is listed. `apis` in the order of preference; the first that the cluster serves is read."""

    type: str
    plural: str
    apis: tuple[Api, ...]
    kind: str
    namespaced: bool = True
    built_in: bool = False
    pod_specs: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    links: tuple[LinkFinder, ...] = ()
    shape: Shape | None = None
    page_size: int = 500
    scan: bool = True
    groups: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", frozenset(api.group for api in self.apis))

    @property
    def list_kind(self) -> str:
        return f"{self.type}List"

    def permission(self, verb: str = "list") -> str:
        group = self.apis[0].group
        return f"{verb} {self.plural}.{group}" if group else f"{verb} {self.plural}"


_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(type_name: str) -> str:
    """`HTTPRoute` -> `http_route`."""
    return _WORD_ENDS.sub("_", type_name).lower()


def custom_kind(group: str, type_name: str) -> str:
    """The kind id of a custom resource: `serving.kserve.io`, `InferenceService` -> `k8s.serving.inference_service`."""
    return f"k8s.{group.split('.')[0]}.{snake(type_name)}"
