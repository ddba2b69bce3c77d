"""Which paths a collected document can have, by the service models: the guard against renamed fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integrations.aws import model
from integrations.aws.opening import REGION
from integrations.aws.resources import BY_KIND
from integrations.aws.table import Each, Named, Resource, Shared, Single

# A node is a botocore shape, a dict of named nodes, or one of these.
ANYTHING = "anything"
TEXT = "text"
Node = Any


def known_path(kind: str, path: str) -> bool:
    """Whether a document of this kind can have something at `path` (`a.b[].c`; `m{}` are the keys of a map)."""
    path = path.replace("{}", "")
    if kind == REGION:
        return path == "RegionName"
    resource = BY_KIND.get(kind)
    return resource is not None and any(_reaches(node, path.split(".")) for node in documents(resource))


def documents(resource: Resource) -> Iterator[Node]:
    """The shapes that are merged into one document, and the named parts beside them."""
    yield {"SecretsFound": [{"detector": TEXT, "path": TEXT}]}
    yield dict.fromkeys(resource.decode, ANYTHING)
    yield {"Aliases": [TEXT], "Tags": [{"Key": TEXT, "Value": TEXT}]} if resource.context else {}
    yield dict.fromkeys(resource.carry, TEXT)
    yield from _listed(resource)
    if resource.batch:
        yield _member(_output(resource.client, resource.batch.operation), resource.batch.result)
    for detail in resource.detail:
        shape = _output(detail.client or resource.client, detail.operation)
        taken = shape.members[detail.take] if detail.take else shape
        taken = ANYTHING if detail.decode else taken
        yield {detail.into: taken} if detail.into else taken


def _listed(resource: Resource) -> Iterator[Node]:
    each = resource.each
    if isinstance(each, Named):
        yield {each.row: TEXT}
        return
    shape = _output(resource.client, each.operation)
    if isinstance(each, Single):
        yield {each.into: shape.members[each.take]} if each.into else shape
        return
    yield from _row(shape, each)


def _row(shape: Any, each: Each | Shared) -> Iterator[Node]:
    row = _member(shape, each.result)
    if isinstance(each, Shared):
        yield row
        if each.join:
            yield {each.join[3]: [_member(shape, each.join[0])]}
    elif each.row:
        yield {each.row: TEXT}
    else:
        yield _member(row, each.inside) if each.inside else row


def _output(client: str, operation: str) -> Any:
    return model.output_shape(client, operation)


def _member(shape: Any, name: str) -> Any:
    return shape.members[name].member


def _reaches(node: Node, steps: list[str]) -> bool:
    if not steps or node is ANYTHING:
        return True
    step, rest = steps[0], steps[1:]
    name, listing = step.removesuffix("[]"), step.endswith("[]")
    for inside in _inside(node, name):
        if not listing:
            if _reaches(inside, rest):
                return True
        elif _is_list(inside) and _reaches(_element(inside), rest):
            return True
    return False


def _inside(node: Node, name: str) -> list[Node]:
    if isinstance(node, dict):
        return [node[name]] if name in node else []
    kind = getattr(node, "type_name", "")
    if kind == "structure":
        return [node.members[name]] if name in node.members else [ANYTHING] if node.is_document_type else []
    return [node.value] if kind == "map" else []


def _is_list(node: Node) -> bool:
    return node is ANYTHING or isinstance(node, list) or getattr(node, "type_name", "") == "list"


def _element(node: Node) -> Node:
    if node is ANYTHING:
        return ANYTHING
    return node[0] if isinstance(node, list) else node.member
