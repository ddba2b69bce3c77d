"""The rate of the API is counted once for all web processes."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from redis import RedisError
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from aispm.accounts.models import User
from aispm.core.throttling import SharedRate


class TwiceAMinute(SharedRate):
    rate = "2/min"


def allowed(user: User) -> bool:
    factory = APIRequestFactory()
    request = factory.get("/")
    force_authenticate(request, user)
    view = APIView()
    return TwiceAMinute().allow_request(view.initialize_request(request), view)


@pytest.mark.django_db
def test_every_process_counts_with_the_others(django_user_model: type[User]) -> None:
    user = django_user_model.objects.create_user("alice")
    cache.clear()
    assert [allowed(user) for _ in range(3)] == [True, True, False]
    assert list(cache._cache.get_client().scan_iter("aispm:cache:*"))  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_nobody_is_refused_while_the_store_does_not_answer(
    django_user_model: type[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*arguments: object, **options: object) -> None:
        raise RedisError("away")

    monkeypatch.setattr(TwiceAMinute.cache, "get", away)
    assert all(allowed(django_user_model(username="bob", pk=1)) for _ in range(5))
