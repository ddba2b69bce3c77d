"""Answers the list and describe operations of every declared row of the twin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from demo.aws.overlay.registry import Context, Registry
from demo.aws.shapes import check, output_shape, project
from demo.aws.tables import ROWS, Row
from demo.aws.tables.row import Listing
from demo.aws.wire import Call, Document, ServiceError

# SageMaker says it without "Exception".
NOT_FOUND = {"sagemaker": "ResourceNotFound"}


def register(registry: Registry) -> None:
    for row in ROWS:
        if row.listing is not None:
            registry.answers[row.service, row.listing.operation] = partial(listed, row)
        if row.describes:
            registry.answers[row.service, row.describes] = partial(described, row)


def listed(row: Row, call: Call, context: Context) -> Document:
    listing = row.listing
    assert listing is not None
    where = {member: call.params[name] for name, member in listing.where.items() if name in call.params}
    documents = [
        document for document in context.twin.all(row.name, call.place, **where) if _later(listing, call, document)
    ]
    return {listing.result: [_entry(row, listing, document) for document in documents]}


def _entry(row: Row, listing: Listing, document: Document) -> Document:
    """The list entry of a document; a ValueError when AWS could not have sent it."""
    shape = output_shape(row.service, listing.operation, listing.result)
    lifted = {name: found for name, path in listing.lifted.items() if (found := _at(document, path)) not in (None, [])}
    entry = {**project(shape, document, dict(listing.renamed)), **listing.fixed, **lifted}
    check(shape, entry, f"{listing.operation} of {row.name}")
    return entry


def _later(listing: Listing, call: Call, document: Document) -> bool:
    parameter, member = listing.since
    earliest, made = call.params.get(parameter), document.get(member)
    if not isinstance(earliest, datetime) or not isinstance(made, datetime):
        return True
    return _aware(made) >= _aware(earliest)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _at(value: Any, path: str) -> Any:
    """What is at `a.b[].c`: a list where the path steps into one."""
    head, _, rest = path.partition(".")
    found = value.get(head.removesuffix("[]")) if isinstance(value, Mapping) else None
    if head.endswith("[]"):
        return [_at(item, rest) if rest else item for item in found or []]
    return _at(found, rest) if rest else found


def described(row: Row, call: Call, context: Context) -> Document:
    key = tuple(str(call.params.get(row.by.get(name, name), "")) for name in row.keys)
    document = context.twin.get(row.name, call.place, *key)
    if document is None:
        code = NOT_FOUND.get(row.service, "ResourceNotFoundException")
        raise ServiceError(code, f"Could not find {row.name.partition('.')[2]} {'/'.join(key)}.", 400)
    return {row.member: document} if row.member else document
