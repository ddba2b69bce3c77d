"""Declared answers: which operation is served from which collection of the twin, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from demo.aws.credentials import Keys
from demo.aws.shapes import output_shape, project
from demo.aws.twin import COLLECTIONS, Twin
from demo.aws.wire import Call, Document, ServiceError


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer may look at."""

    twin: Twin
    keys: Keys


Answer = Callable[[Call, Context], Document | None]
Repair = Callable[[Call, Document, Context], Document]
Operation = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list answer: documents of `collection` whose `where` members equal the call's parameters."""

    collection: str
    result: str
    where: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Registry:
    """`answers` come before moto (None = let moto answer), `repairs` change its answer, `rescues` replace an error."""

    answers: dict[Operation, Answer] = field(default_factory=dict)
    repairs: dict[Operation, Repair] = field(default_factory=dict)
    rescues: dict[Operation, Answer] = field(default_factory=dict)

    def lists(self, service: str, operation: str, listing: Listing) -> None:
        self.answers[service, operation] = partial(_listed, listing)

    def describes(self, service: str, operation: str, collection: str, params: tuple[str, ...]) -> None:
        """The document whose key the parameters `params` give."""
        self.answers[service, operation] = partial(_described, collection, params)


def _listed(listing: Listing, call: Call, context: Context) -> Document:
    shape = output_shape(call.service, call.operation, listing.result)
    where = {name: call.params[name] for name in listing.where if name in call.params}
    documents = context.twin.all(listing.collection, call.place, **where)
    return {listing.result: [project(shape, document, dict(listing.renamed)) for document in documents]}


def _described(collection: str, params: tuple[str, ...], call: Call, context: Context) -> Document:
    key = tuple(str(call.params.get(name, "")) for name in params)
    document = context.twin.get(collection, call.place, *key)
    if document is None:
        raise not_found(f"Could not find {collection.partition('.')[2]} {'/'.join(key)}.")
    member = COLLECTIONS[collection].member
    return {member: document} if member else document


def not_found(message: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", message, 404)
