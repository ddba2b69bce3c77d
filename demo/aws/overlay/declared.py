"""Kinds of which the twin holds everything: what is kept, which operation lists it and which describes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from demo.aws.overlay.registry import Context, Registry, not_found
from demo.aws.shapes import output_shape, project
from demo.aws.twin import COLLECTIONS, Collection
from demo.aws.wire import Call, Document, ServiceError

HOME = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """`lists` is (operation, member of its answer), `describes` (operation, member that holds the document).

    `where`: parameter of the list call → member that it must equal; `asks`: the same for the describing call (a value
    may also be the last part of an ARN); `summary`: document name → name in the list answer; `batch`: an operation for
    many at once: (operation, parameter with the list, member of its answer, member that the list names); `missing` is
    the error (code, message) when there is nothing to describe; `everywhere`: of the account, not of a region.
    """

    name: str
    service: str
    keys: tuple[str, ...]
    lists: tuple[str, str] = ("", "")
    describes: tuple[str, str] = ("", "")
    where: Mapping[str, str] = field(default_factory=dict)
    asks: Mapping[str, str] = field(default_factory=dict)
    summary: Mapping[str, str] = field(default_factory=dict)
    batch: tuple[str, str, str, str] | None = None
    missing: tuple[str, str] = ("", "")
    everywhere: bool = False


def serve(registry: Registry, things: Iterable[Thing]) -> None:
    """Answers for every one of them."""
    for thing in things:
        shape = thing.describes if thing.describes[0] else thing.lists
        if thing.batch:
            shape = (thing.batch[0], thing.batch[2])
            registry.answers[thing.service, thing.batch[0]] = partial(_batched, thing)
        COLLECTIONS[thing.name] = Collection(thing.keys, thing.service, *shape)
        if thing.lists[0]:
            registry.answers[thing.service, thing.lists[0]] = partial(_listed, thing)
        if thing.describes[0]:
            registry.answers[thing.service, thing.describes[0]] = partial(_described, thing)


def found(thing: Thing, call: Call, context: Context, wanted: Mapping[str, str]) -> Sequence[Document]:
    """Documents whose members have the values of the call's parameters; a parameter that is not given asks nothing."""
    asked = {member: str(call.params[name]) for name, member in wanted.items() if name in call.params}
    documents = context.twin.all(thing.name, (call.account, HOME) if thing.everywhere else call.place)
    return [one for one in documents if all(_is(one.get(member), value) for member, value in asked.items())]


def _is(value: object, wanted: str) -> bool:
    text = str(value)
    return wanted in (text, text.rpartition("/")[2]) or text == wanted.rpartition("/")[2]


def _listed(thing: Thing, call: Call, context: Context) -> Document:
    result = thing.lists[1]
    shape = output_shape(call.service, call.operation, result)
    documents = found(thing, call, context, thing.where)
    if not hasattr(shape, "members"):
        return {result: [document[thing.keys[-1]] for document in documents]}
    return {result: [project(shape, document, dict(thing.summary)) for document in documents]}


def _batched(thing: Thing, call: Call, context: Context) -> Document:
    assert thing.batch is not None
    _, parameter, result, member = thing.batch
    wanted = call.params.get(parameter) or []
    return {result: [one for one in context.twin.all(thing.name, call.place) if one[member] in wanted]}


def _described(thing: Thing, call: Call, context: Context) -> Document:
    wanted = thing.asks or {key: key for key in thing.keys}
    document = next(iter(found(thing, call, context, wanted)), None)
    if document is None and thing.missing[0]:
        raise ServiceError(*thing.missing, 403)
    if document is None:
        raise not_found(f"There is no {thing.name.replace('.', ' ')} of that name.")
    member = thing.describes[1]
    return {member: document} if member else document


def shared_policies(registry: Registry, service: str, operation: str, asked: str, told: str) -> None:
    """Answers the call for the policy of a resource from `twin.policies[place, service, ARN]`."""
    registry.answers[service, operation] = partial(_policy, service, asked, told)


def _policy(service: str, asked: str, told: str, call: Call, context: Context) -> Document:
    stored = context.twin.policies.get((call.place, service, call.params.get(asked, "")))
    if stored is None:
        code = "NotFoundException" if service == "s3vectors" else "ResourceNotFoundException"
        raise ServiceError(code, "There is no policy on the resource.", 404)
    return {told: stored}
