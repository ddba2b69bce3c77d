"""The words in which a kind of the twin is declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Listing:
    """A list operation whose entries are projections of the stored documents.

    where     parameters that narrow it: parameter → member of the document
    renamed   member of the document → member of the entry
    lifted    member of the entry → path into the document (`a.b[].c` gives a list)
    fixed     members that every entry has and no document
    since     (parameter, member): only documents of later times
    """

    operation: str
    result: str
    where: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    lifted: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    since: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Row:
    """A collection: what identifies a document, which operation describes it (none: its list entry is the document).

    `by` maps each key to the parameter of the describing operation, where the two differ.
    """

    name: str
    service: str
    keys: tuple[str, ...]
    listing: Listing | None
    describes: str = ""
    member: str = ""
    by: Mapping[str, str] = field(default_factory=dict)

    @property
    def operation(self) -> str:
        return self.describes or (self.listing.operation if self.listing else "")

    @property
    def shape_member(self) -> str:
        return self.member if self.describes else (self.listing.result if self.listing else "")
