"""Splits list answers into pages where moto answers in one piece, and into tiny pages when tests force it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from typing import Any

from moto.core.utils import get_pagination_model

from demo.aws.wire import Call, Document, ServiceError

OURS = "sim-page-"
KEPT = 2_000
# moto or S3 itself pages these well, or their pages are not lists of things.
LEFT_ALONE = {"s3", "s3control", "sts"}


@dataclass(frozen=True, slots=True)
class Paginator:
    """How one operation pages, as the botocore model says."""

    input_token: str
    output_token: str
    limit_key: str
    result_keys: tuple[str, ...]
    more_results: str


class Pager:
    """`forced` makes every page at most that long, whatever the client asks for; None = as asked."""

    def __init__(self) -> None:
        self.forced: int | None = None
        self._rest: OrderedDict[str, tuple[Document, int]] = OrderedDict()
        self._issued = 0

    def next_page(self, call: Call) -> Document | None:
        """The page that a token of ours stands for; None when the call carries none."""
        paginator = paginator_of(call)
        token = call.params.get(paginator.input_token) if paginator else None
        if paginator is None or not isinstance(token, str) or not token.startswith(OURS):
            return None
        if token not in self._rest:
            raise ServiceError("ValidationException", "The pagination token is not valid.")
        document, start = self._rest[token]
        return self._cut(call, paginator, document, start)

    def first_page(self, call: Call, document: Document) -> Document:
        """The whole list or its first page with a token."""
        paginator = paginator_of(call)
        if paginator is None:
            return document
        return self._cut(call, paginator, document, 0)

    def applies(self, call: Call) -> bool:
        """Whether an answer of moto must be taken apart to be paged."""
        paginator = paginator_of(call)
        return paginator is not None and (self.forced is not None or paginator.limit_key in call.params)

    def _cut(self, call: Call, paginator: Paginator, document: Document, start: int) -> Document:
        size = self._size(call, paginator)
        total = sum(len(document.get(key) or []) for key in paginator.result_keys)
        if size is None or total - start <= size:
            return document if start == 0 else _slice(document, paginator, start, total)
        page = _slice(document, paginator, start, start + size)
        page[paginator.output_token] = self._issue(document, start + size)
        if paginator.more_results:
            page[paginator.more_results] = True
        return page

    def _size(self, call: Call, paginator: Paginator) -> int | None:
        asked = call.params.get(paginator.limit_key)
        sizes = [int(size) for size in (asked, self.forced) if size]
        return min(sizes) if sizes else None

    def _issue(self, document: Document, start: int) -> str:
        self._issued += 1
        token = f"{OURS}{self._issued:08d}"
        self._rest[token] = (document, start)
        while len(self._rest) > KEPT:
            self._rest.popitem(last=False)
        return token


def _slice(document: Document, paginator: Paginator, start: int, end: int) -> Document:
    """Entries start..end of the result lists, counted one list after the other."""
    page, offset = dict(document), 0
    for key in paginator.result_keys:
        entries = document.get(key) or []
        page[key] = entries[max(0, start - offset) : max(0, end - offset)]
        offset += len(entries)
    return page


def paginator_of(call: Call) -> Paginator | None:
    """How this operation pages; None when it does not or when it is left to moto."""
    if call.service in LEFT_ALONE:
        return None
    return _paginators(call.service).get(call.operation)


@cache
def _paginators(service: str) -> dict[str, Paginator]:
    try:
        model = get_pagination_model(service)
    except Exception:  # noqa: BLE001 - a service without paginators has no such file, and the loader says so in many ways
        return {}
    return {name: _paginator(row) for name, row in model.items() if isinstance(row["input_token"], str)}


def _paginator(row: dict[str, Any]) -> Paginator:
    keys = row["result_key"] if isinstance(row["result_key"], list) else [row["result_key"]]
    output = row["output_token"] if isinstance(row["output_token"], str) else row["output_token"][0]
    return Paginator(row["input_token"], output, row.get("limit_key", ""), tuple(keys), row.get("more_results", ""))
