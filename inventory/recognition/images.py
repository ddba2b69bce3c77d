"""Image references and the versions that their tags tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

DEFAULT_REGISTRY = "docker.io"
MOVING_TAGS = frozenset(
    [
        "latest",
        "main",
        "main-latest",
        "main-stable",
        "master",
        "nightly",
        "edge",
        "dev",
        "devel",
        "develop",
        "stable",
        "cuda",
        "gpu",
        "cpu",
        "rocm",
        "canary",
        "beta",
        "preview",
        "next",
        "rolling",
        "snapshot",
        "unstable",
        "test",
    ]
)
_DIGEST = re.compile(r"^sha256:[0-9a-f]{32,64}$")


@dataclass(frozen=True, slots=True)
class ImageRef:
    """An image reference taken apart. `path` has no registry: `vllm/vllm-openai`."""

    registry: str
    path: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def pinned(self) -> bool:
        """Whether the reference names a digest, so that it always means the same bytes."""
        return bool(_DIGEST.match(self.digest))

    @property
    def moving(self) -> bool:
        """Whether the same reference may mean another image tomorrow by custom of its tag."""
        return not self.digest and (not self.tag or self.tag.lower() in MOVING_TAGS)


@lru_cache(maxsize=8192)
def parse_image(text: str) -> ImageRef:
    """Take a reference apart: registry, path, tag, digest. The default registry is docker.io, its owner library."""
    rest, _, digest = text.strip().partition("@")
    head, slash, tail = rest.rpartition("/")
    name, _, tag = tail.partition(":")
    path = f"{head}{slash}{name}"
    first, slash, remainder = path.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return ImageRef(first.lower(), remainder.lower(), tag, digest)
    if not slash:
        path = f"library/{path}"
    return ImageRef(DEFAULT_REGISTRY, path.lower(), tag, digest)


_GRAMMARS: dict[str, re.Pattern[str]] = {
    "semver": re.compile(
        r"^(?:[a-z]+-)?v?(\d+(?:\.\d+)+(?:[-.]?(?:rc|alpha|beta)[.-]?\d*)?)(?:[-+_].*|\.\D.*)?$", re.IGNORECASE
    ),
    "year-month": re.compile(r"^(\d\d\.\d\d)(?:-.*)?$"),
    "build": re.compile(r"^(?:.*-)?b(\d{3,6})(?:-.*)?$"),
    "date": re.compile(r"^(\d{4}-\d\d-\d\d)$"),
    "trailing": re.compile(r"^(?:.*[-_])?v?(\d+\.\d+(?:\.\d+)?)$"),
}


@lru_cache(maxsize=8192)
def version_of(grammar: str, tag: str) -> str:
    """The version that a tag tells under a product's grammar, or nothing: an unknown version is never a safe one."""
    pattern = _GRAMMARS.get(grammar)
    found = pattern.match(tag) if pattern and tag else None
    return found.group(1) if found else ""


def version_grammars() -> frozenset[str]:
    return frozenset(_GRAMMARS) | {"none"}


def release(version: str) -> tuple[int, ...] | None:
    """The numbers of a version for comparing, or None when it is not one."""
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in numbers.group().split(".")) if numbers else None
