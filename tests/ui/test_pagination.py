"""Keyset paging: every row once, in both directions, whatever is empty."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from aispm.accounts.models import ApiToken, User
from aispm.core.errors import Invalid
from aispm.core.pagination import Sorts, keyset_page

pytestmark = pytest.mark.django_db
SORTS: Sorts = {
    "name": ("name", "id"),
    "-name": ("-name", "-id"),
    "used": ("last_used_at", "id"),
    "-used": ("-last_used_at", "-id"),
}


@pytest.fixture
def tokens() -> list[ApiToken]:
    alice = User.objects.create_user("alice", password=None)
    at = now()
    made = [
        ApiToken(
            user=alice,
            name=f"n{number % 3}",
            hint="h",
            digest=uuid.uuid4().hex,
            scopes=[],
            expires_at=at,
            last_used_at=None if number % 4 == 0 else at - timedelta(days=number % 5),
        )
        for number in range(23)
    ]
    return ApiToken.objects.bulk_create(made)


def walk(sort: str, limit: int, direction: str = "next", cursor: str = "") -> tuple[list[Any], list[str]]:
    seen: list[Any] = []
    cursors: list[str] = [cursor]
    while True:
        page = keyset_page(ApiToken.objects.all(), sorts=SORTS, sort=sort, cursor=cursors[-1], limit=limit)
        ids = [row.pk for row in page.rows]
        seen = seen + ids if direction == "next" else ids + seen
        following = getattr(page, direction)
        if following is None:
            return seen, cursors
        cursors.append(following)


def expected(sort: str) -> Sequence[Any]:
    rows = list(ApiToken.objects.order_by(*SORTS[sort]).values_list("pk", SORTS[sort][0].lstrip("-")))
    return [pk for pk, value in rows if value is not None] + [pk for pk, value in rows if value is None]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 4, 23, 50])
def test_walking_forwards_shows_every_row_once_in_order(tokens: list[ApiToken], sort: str, limit: int) -> None:
    seen, _ = walk(sort, limit)
    assert seen == expected(sort)


@pytest.mark.parametrize("sort", SORTS)
def test_walking_back_from_the_end_shows_the_same_rows(tokens: list[ApiToken], sort: str) -> None:
    _, cursors = walk(sort, 4)
    last = keyset_page(ApiToken.objects.all(), sorts=SORTS, sort=sort, cursor=cursors[-1], limit=4)
    assert last.previous is not None
    before, _ = walk(sort, 4, "previous", last.previous)
    assert before + [row.pk for row in last.rows] == expected(sort)


@pytest.mark.parametrize("cursor", ["x", "!!", "eyJhIjoxfQ", "WyJuYW1lIiwwLFsiYSJdXQ", "WyJuYW1lIiwwLFsiYSIsIngiXV0"])
def test_a_made_up_cursor_is_refused_in_words(tokens: list[ApiToken], cursor: str) -> None:
    with pytest.raises(Invalid, match="first page"):
        keyset_page(ApiToken.objects.all(), sorts=SORTS, sort="name", cursor=cursor)


def test_a_sort_that_is_not_offered_is_refused(tokens: list[ApiToken]) -> None:
    with pytest.raises(Invalid, match="name, -name"):
        keyset_page(ApiToken.objects.all(), sorts=SORTS, sort="digest")
