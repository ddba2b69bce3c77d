"""What is judged, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from findings.posture.rule import Outcome
from inventory.documents import Document, Unread
from inventory.facts.estate import Dangling

Linked = Mapping[str, Sequence["Subject | Dangling"]]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Subject:
    """One asset as rules see it.

    `facts` are as stored (an unknown one is {"unknown": reason}). `linked` is keyed by link type, with `<` in front
    for links that lead here; `unseen`, so keyed too, says why more of those may exist. `broken` says which views cannot
    be made of this document, and why. `unreadable` says why nothing of the document is current, when that is so.
    """

    kind: str
    config: Document = field(default_factory=dict)
    unread: Sequence[Unread] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    linked: Linked = field(default_factory=dict)
    unseen: Mapping[str, str] = field(default_factory=dict)
    views: Mapping[str, Document] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    unreadable: str = ""


@dataclass(slots=True)
class Verdict:
    """The answer of one rule. `discriminators` name the findings when it fails; `evidence` is {path: value}."""

    rule_id: str
    outcome: Outcome
    reason: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    discriminators: tuple[str, ...] = ()
