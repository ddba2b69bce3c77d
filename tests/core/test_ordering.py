"""Lists in order: the same rows as sorting everything would give, whichever way they are fetched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import QuerySet
from django.http import QueryDict

from aispm.core import ordering
from aispm.core.pagination import keyset_page
from bench.seeding import seed_estate
from findings.posture.filters import FindingFilter
from findings.posture.models import Finding
from findings.posture.queries import findings_for
from tests.builders import make_user

pytestmark = pytest.mark.django_db
PAGE = 41
QUERIES = (
    "severity=low,medium",
    "severity=low,medium&environment=production,staging",
    "severity=critical,high,low&step=data,runtime&role=agent,endpoint,model",
    "step=data,visibility",
    "environment=production,staging,unknown",
    "status=all&severity=low,medium",
    "q=encrypted",
    "q=encrypted&severity=low,high",
    "stale=yes&severity=low,medium",
)


@pytest.fixture
def estate() -> None:
    seed_estate(assets=60, findings=600, seed=5)


def asked(query: str) -> tuple[FindingFilter, QuerySet[Finding]]:
    filters = FindingFilter(QueryDict(query), queryset=findings_for(make_user()))
    rows: QuerySet[Finding] = filters.qs
    return filters, rows


def walked(rows: QuerySet[Finding], sort: str, filters: FindingFilter) -> Iterator[list[Any]]:
    cursor: str | None = ""
    while cursor is not None:
        page = keyset_page(rows, sorts=filters.sorts, sort=sort, cursor=cursor, limit=PAGE)
        yield [row.pk for row in page.rows]
        cursor = page.next


@pytest.mark.parametrize("few", [ordering.FEW, 0])
def test_pages_put_together_are_the_sorted_list(estate: None, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(ordering, "FEW", few)
    for query in QUERIES:
        filters, rows = asked(query)
        for sort, keys in filters.sorts.items():
            expected = list(rows.order_by(*keys).values_list("pk", flat=True))
            assert len(expected) > 1, query
            pages = list(walked(rows, sort, filters))
            assert [pk for page in pages for pk in page] == expected, (query, sort)


def test_a_page_before_shows_what_was_there_on_the_way(estate: None) -> None:
    filters, rows = asked("severity=low,medium,critical")
    first = keyset_page(rows, sorts=filters.sorts, limit=PAGE)
    second = keyset_page(rows, sorts=filters.sorts, cursor=first.next or "", limit=PAGE)
    back = keyset_page(rows, sorts=filters.sorts, cursor=second.previous or "", limit=PAGE)
    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]


def test_rows_of_several_values_come_with_what_was_joined(estate: None, django_assert_num_queries: Any) -> None:
    _, rows = asked("severity=low,medium")
    with django_assert_num_queries(1):
        page = keyset_page(rows, sorts={"priority": ("-priority", "-id")}, limit=PAGE)
        assert all(row.asset.name and row.source.name and row.rule.title for row in page.rows)


@pytest.mark.parametrize(
    ("query", "keys", "parts"),
    [
        ("severity=low", ("-priority", "-id"), 1),
        ("severity=low,medium", ("-priority", "-id"), 2),
        ("step=data", ("-priority", "-id"), 4),
        ("step=data", ("-severity", "-priority", "-id"), 1),
        ("step=data,runtime&severity=low,medium", ("-priority", "-id"), 4),
        ("step=data,runtime,response,visibility&severity=low,medium", ("-priority", "-id"), 8),
        ("severity=low,medium", ("-opened_at", "-id"), 1),
        ("owner=someone,another", ("-priority", "-id"), 1),
    ],
)
def test_a_list_is_read_in_as_many_parts_as_an_index_has_beginnings(
    query: str, keys: tuple[str, ...], parts: int
) -> None:
    _, rows = asked(query)
    assert str(ordering.in_order(rows, keys, 5).query).count("UNION ALL") == parts - 1
