"""Keyset paging, the same for pages and API: page 1,000 costs what page 1 costs.

A list offers named sorts, each a tuple of fields that an index backs. All fields of a sort run the same way, and the
last one is unique. A first field that may be empty comes last in either direction.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from aispm.core.errors import Invalid
from aispm.core.ordering import in_order

Row = TypeVar("Row", bound=Model)
Sorts = Mapping[str, tuple[str, ...]]

PAGE_SIZE = 50
LARGEST_PAGE = 500
COUNT_UP_TO = 10_000
BY_ID: Sorts = {"newest": ("-id",)}


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, the cursors around them, and how many match in all (capped: see `more_than_counted`)."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None
    sort: str
    count: int | None = None

    @property
    def more_than_counted(self) -> bool:
        return self.count is not None and self.count > COUNT_UP_TO


# Rows whose first field is filled (False), empty (True) or either (None); the values to start after.
_Run = tuple[bool | None, tuple[Any, ...] | None]


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a page starts: after `values` in the sort's order, or before them when `back`."""

    values: tuple[Any, ...]
    back: bool


def choose_sort(wanted: str, sorts: Sorts) -> str:
    """The sort of that name, the first one when none is named; Invalid for any other name."""
    if not wanted:
        return next(iter(sorts))
    if wanted not in sorts:
        raise Invalid(_("No such sort: use one of %s.") % ", ".join(sorts), where="sort")
    return wanted


def keyset_page(
    rows: QuerySet[Row], *, sorts: Sorts, sort: str = "", cursor: str = "", limit: int = PAGE_SIZE
) -> Page[Row]:
    """One page of `rows`, without a count."""
    sort = choose_sort(sort, sorts)
    fields = sorts[sort]
    position = _decode(cursor, sort, rows, fields) if cursor else None
    back = bool(position and position.back)
    found = _fetch(rows, fields, position, limit + 1)
    more, found = len(found) > limit, found[:limit]
    if back:
        found.reverse()
    if not found:
        return Page((), None, None, sort)
    after = _encode(sort, found[-1], fields, back=False) if (more or back) else None
    before = _encode(sort, found[0], fields, back=True) if (position and not back) or (back and more) else None
    return Page(found, after, before, sort)


def paginate(request: HttpRequest, rows: QuerySet[Row], *, sorts: Sorts, limit: int = PAGE_SIZE) -> Page[Row]:
    """The page that the query string (`sort`, `cursor`) asks for, with a count of all matches.

    A sort that is not offered with these filters gives way to the first one.
    """
    wanted = request.GET.get("sort", "")
    sort = wanted if wanted in sorts else ""
    page = keyset_page(rows, sorts=sorts, sort=sort, cursor=request.GET.get("cursor", ""), limit=limit)
    if page.next is None and page.previous is None:
        total = len(page.rows)
    else:
        total = rows.order_by()[: COUNT_UP_TO + 1].count()
    return Page(page.rows, page.next, page.previous, page.sort, total)


def with_parameters(query: QueryDict, **changes: str | None) -> str:
    """The query string with some parameters set (or dropped, when None); without a leading `?`."""
    kept = query.copy()
    for name, value in changes.items():
        kept.pop(name, None)
        if value:
            kept[name] = value
    return kept.urlencode()


def _fetch(rows: QuerySet[Row], fields: tuple[str, ...], position: _Position | None, count: int) -> list[Row]:
    order = [_flip(field) for field in fields] if position and position.back else list(fields)
    compare = TupleLessThan if order[-1].startswith("-") else TupleGreaterThan
    found: list[Row] = []
    for empty, after in _runs(rows, fields, position):
        keys = order[1:] if empty else order
        part = rows if empty is None else rows.filter(**{f"{fields[0].lstrip('-')}__isnull": empty})
        if after is not None:
            part = part.filter(compare(Tuple(*(F(key.lstrip("-")) for key in keys)), list(after)))
        found += in_order(part, keys, count - len(found))
        if len(found) >= count:
            break
    return found


def _runs(rows: QuerySet[Row], fields: tuple[str, ...], position: _Position | None) -> Sequence[_Run]:
    """What to read in turn: rows with a first field, then rows where it is empty, from the cursor on."""
    if not _nullable(rows.model, fields[0].lstrip("-")):
        return [(None, position.values if position else None)]
    if position is None:
        return [(False, None), (True, None)]
    empty = position.values[0] is None
    here: _Run = (empty, position.values[1:] if empty else position.values)
    beyond = empty if position.back else not empty
    return [here, (not empty, None)] if beyond else [here]


def _nullable(model: type[Model], path: str) -> bool:
    return "__" not in path and bool(getattr(model._meta.get_field(path), "null", False))


def _flip(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _encode(sort: str, row: Model, fields: tuple[str, ...], *, back: bool) -> str:
    values = [_plain(_value(row, field.lstrip("-"))) for field in fields]
    text = json.dumps([sort, int(back), values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _value(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID | Decimal) else value


def _decode(cursor: str, sort: str, rows: QuerySet[Row], fields: tuple[str, ...]) -> _Position:
    wrong = Invalid(_("This page's address is out of date: go back to the first page."), where="cursor")
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        named, back, values = json.loads(text)
        if named != sort or len(values) != len(fields) or back not in (0, 1):
            raise wrong
        if not all(_given_out(value) for value in values):
            raise wrong
        typed = tuple(_typed(rows, field.lstrip("-"), value) for field, value in zip(fields, values, strict=True))
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError, FieldDoesNotExist):
        raise wrong from None
    return _Position(typed, bool(back))


def _given_out(value: Any) -> bool:
    """Whether a cursor may hold it: plain values only, and no text that no database keeps."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    return value is None or isinstance(value, int | float)


def _typed(rows: QuerySet[Row], path: str, value: Any) -> Any:
    if value is None:
        return None
    model: Any = rows.model
    *through, name = path.split("__")
    for part in through:
        model = model._meta.get_field(part).related_model
    field = model._meta.get_field(name)
    field = field.target_field if field.is_relation else field
    typed = field.to_python(value)
    if isinstance(typed, int):
        field.run_validators(typed)  # no larger than the column
    if isinstance(typed, datetime):
        if typed.tzinfo is None:
            raise ValueError("A time without its zone was never given out")
        return typed.astimezone(UTC)
    return typed


class CursorPagination(BasePagination):
    """The API's paging: `?cursor=&limit=&sort=`. A view offers its sorts as `sorts`; the first is the default."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.request = request
        self.page = keyset_page(
            queryset,
            sorts=getattr(view, "sorts", None) or BY_ID,
            sort=request.query_params.get("sort", ""),
            cursor=request.query_params.get("cursor", ""),
            limit=self._limit(request),
        )
        return list(self.page.rows)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._url(self.page.next), "previous": self._url(self.page.previous), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        sorts = list(getattr(view, "sorts", None) or BY_ID)
        limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "Place in the list"},
            {"name": "limit", "in": "query", "schema": limit, "description": "Rows a page"},
            {"name": "sort", "in": "query", "schema": {"type": "string", "enum": sorts}, "description": "Order"},
            {"name": "fields", "in": "query", "schema": {"type": "string"}, "description": "Only these, with commas"},
        ]

    @staticmethod
    def _limit(request: Request) -> int:
        text = request.query_params.get("limit", str(PAGE_SIZE))
        if not (text.isascii() and text.isdigit() and len(text) < 10) or not 1 <= int(text) <= LARGEST_PAGE:
            raise Invalid(_("limit must be a number from 1 to %d.") % LARGEST_PAGE, where="limit")
        return int(text)

    def _url(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        query = with_parameters(self.request.query_params, cursor=cursor)
        return self.request.build_absolute_uri(f"{self.request.path}?{query}")
