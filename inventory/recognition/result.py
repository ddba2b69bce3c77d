"""What recognition answers: plain values that can be stored as JSON as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypedDict

ROLES = (
    "model",
    "endpoint",
    "training",
    "notebook",
    "agent",
    "tool",
    "vector-store",
    "dataset",
    "gateway",
    "framework",
    "accelerator",
    "api-client",
    "guardrail",
    "registry",
    "pipeline",
    "identity",
)


class Evidence(TypedDict):
    """One signal: which, where it stands in the document, what was matched (never a secret), what it weighs."""

    signal: str
    where: str
    value: str
    weight: float


class ModelRef(TypedDict):
    """A model that a document names. `pinned` = the revision is a commit hash or a digest.

    `quantisation`: how its weights are shrunk, in lower case; `served_as`: the name that callers ask for.
    """

    ref: str
    source: str
    organisation: str
    revision: str
    pinned: bool
    quantisation: str
    served_as: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """Why an asset counts as AI. `confidence` is 0 to 100; `version` is empty when the tag does not tell it."""

    role: str
    product: str = ""
    vendor: str = ""
    version: str = ""
    models: tuple[ModelRef, ...] = ()
    providers: tuple[str, ...] = ()
    confidence: int = 0
    evidence: tuple[Evidence, ...] = ()


class Recognisable(Protocol):
    """The part of an inventory node that recognition looks at."""

    @property
    def kind(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def config(self) -> dict[str, Any]: ...


class Tagged(Recognisable, Protocol):
    """A node that also carries tags (AWS tags, Kubernetes labels)."""

    @property
    def tags(self) -> Mapping[str, str]: ...
