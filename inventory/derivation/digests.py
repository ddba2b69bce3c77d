"""Digests that say whether anything derived changed. The first half is of the asset itself, the second of its links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from uuid import UUID

import orjson

from inventory.derivation.attributes import Defaults
from inventory.documents import ScopeView
from inventory.facts.estate import Dangling, Estate, Node
from inventory.iam.actions import version
from inventory.recognition import DIGEST

HALF = 16


def half(*parts: bytes) -> str:
    """64 bits as hex."""
    digest = blake2b(digest_size=HALF // 2)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def links_digest(node: Node, estate: Estate, state_of: Callable[[Node], str]) -> str:
    """Covers what the links lead to, both ways, and whether what dangles is known not to exist."""
    out = [
        [edge.to.type, edge.to.kind, edge.to.ref, _state(estate.follow(edge.to), state_of)]
        for edge in estate.edges(node)
    ]
    into = [[type, *origin.identity, state_of(origin)] for type, origin in estate.links_into(node)]
    return half(orjson.dumps(sorted(out)), orjson.dumps(sorted(into))) if out or into else "0" * HALF


def surroundings_digest(scopes: Iterable[ScopeView], unseen: Iterable[UUID], defaults: Defaults) -> str:
    """Changes when everything must be derived again: completeness, what was not seen again, defaults, the code."""
    states = sorted([scope.region, scope.collector, scope.state.value] for scope in scopes)
    said = [states, list(unseen), [defaults.environment, defaults.criticality, defaults.owner], DIGEST, code_digest()]
    return half(orjson.dumps(said))


@cache
def code_digest() -> str:
    """Of the facts, of how they are run, and of what is known about AWS's actions."""
    here = Path(__file__).parent
    files = sorted([*here.glob("*.py"), *here.parent.glob("facts/**/*.py"), *here.parent.glob("iam/*.py")])
    return half(version().encode(), *(file.read_bytes() for file in files))


def _state(target: Node | Dangling, state_of: Callable[[Node], str]) -> str:
    if isinstance(target, Dangling):
        return "absent" if target.complete else "unknown"
    return state_of(target)
