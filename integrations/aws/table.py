"""The words in which an AWS resource is declared: what to list, what to ask more of, what it refers to.

Rows of these types live in `resources/`; they hold no flow. `walker.py` executes them, `policy.py` turns them
into the IAM policy, `shapes.py` checks them against the service models.

Paths are written `a.b[].c`; `x|y` takes the first that is there, `=text` is a constant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ALL_REGIONS = "-"
GONE = (
    "ResourceNotFound",
    "ResourceNotFoundException",
    "NotFoundException",
    "NoSuchEntity",
    "NoSuchBucket",
    "RepositoryNotFoundException",
    "TrailNotFoundException",
)


@dataclass(frozen=True, slots=True)
class Each:
    """A list operation and the member of its answer that holds the rows.

    `row` names rows that are bare strings; `inside` is the list inside each row where rows are grouped.
    `token` is (request member, answer member) where botocore knows no paginator.
    """

    operation: str
    result: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    row: str = ""
    inside: str = ""
    page_size: int = 0
    token: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Single:
    """One call whose whole answer is the one row of a region; `missing` errors say that there is none."""

    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    into: str = ""
    take: str = ""
    absent: tuple[Absent, ...] = ()
    missing: tuple[Absent, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """Rows that a parent's document names; no call. Each distinct value becomes a row with that one field."""

    path: str
    row: str
    skip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """One member of a list operation that several kinds share: it is read once for all of them.

    `join` is (member, its key, the row's list of keys, field to fill): rows take in the joined documents.
    """

    operation: str
    result: str
    page_size: int = 0
    join: tuple[str, str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """An error that means "not set" (or, for the describing call, "gone"); `saying` narrows a vague code."""

    code: str
    saying: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One more call for one row.

    `into` is the field that the answer fills (empty: the answer is merged into the document), `take` the member
    of the answer that is kept. `describes` marks the call without which the asset has gone. The call is made only
    `when` something at a path has one of these values (`~pattern` searches it; no values: anything is there), and not
    where a path has the value of `unless`.
    """

    operation: str
    parameters: Mapping[str, str]
    into: str = ""
    take: str = ""
    needs: str = ""
    client: str = ""
    optional: bool = False
    describes: bool = False
    pages: bool = False
    decode: bool = False
    once: bool = False
    absent: tuple[Absent, ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None
    unless: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A describe operation for many rows at once. A row that the answer leaves out has gone."""

    operation: str
    ids: str
    result: str
    key: str
    size: int
    parameters: Mapping[str, str] = field(default_factory=dict)
    row: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An edge: every value at `path`, turned into the target's external id by the reference named `as_`."""

    type: str
    path: str
    kind: str = ""
    as_: str = "arn"
    skip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """Jobs are never deleted: only those created in the last `days`, and older ones that still matter.

    `recall` is where a job says what it made, for those that made what a model loads; `named` are (kind, path) pairs:
    assets that name the job they come from by its ARN.
    """

    parameter: str
    days: int = 90
    recall: str = ""
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Which rows are assets. Any one reason is enough; `never` wins over all of them.

    `referenced`: another asset refers to it; `matching`: (path, pattern) pairs; `present`: paths with a true value.
    """

    referenced: bool = False
    matching: tuple[tuple[str, str], ...] = ()
    present: tuple[str, ...] = ()
    never: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One kind of asset and how it is read.

    identity, name, place   templates over the document and {partition} {region} {account}
    for_each, carry         kinds whose every asset is asked for rows; fields taken over from that parent
    confirm                 (path, value) that must hold once the details are read; `~pattern` searches the value,
                            `{account}` is the account that is read
    not_offered             errors of the list call that mean "there is no such service here", or "ask elsewhere"
    also                    other names under which documents refer to this asset (an image by its tags)
    only                    (list, flag): list elements without the flag are dropped
    context                 regional tables that fill a field of the row ("Aliases")
    late                    read after everything that may refer to it
    after                   kinds to read first, because links need their names
    given                   kinds beside which alone this one matters: none of them in the region, no call
    """

    kind: str
    client: str
    each: Each | Single | Named | Shared
    identity: str
    name: str
    place: str = "{region}"
    everywhere: bool = False
    for_each: tuple[str, ...] = ()
    carry: Mapping[str, str] = field(default_factory=dict)
    batch: Batch | None = None
    detail: tuple[Detail, ...] = ()
    links: tuple[Link, ...] = ()
    tags: str = ""
    noise: tuple[str, ...] = ()
    keep: Keep | None = None
    confirm: tuple[str, str] | None = None
    also: tuple[str, ...] = ()
    only: tuple[str, str] | None = None
    context: tuple[str, ...] = ()
    late: bool = False
    after: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    window: Window | None = None
    not_offered: tuple[str | Absent, ...] = ()
    decode: tuple[str, ...] = ()

    @property
    def service(self) -> str:
        return self.kind.split(".")[1]

    def asks_of(self) -> Sequence[str]:
        """Kinds whose documents are needed to read this one."""
        named = self.window.named if self.window else ()
        return (*self.for_each, *self.given, *(kind for kind, _path in named))

    def calls(self) -> Sequence[tuple[str, str]]:
        """(client, operation) of every call that reading this kind may make."""
        found: list[tuple[str, str]] = []
        if not isinstance(self.each, Named):
            found.append((self.client, self.each.operation))
        if self.batch:
            found.append((self.client, self.batch.operation))
        found.extend((detail.client or self.client, detail.operation) for detail in self.detail)
        return found
