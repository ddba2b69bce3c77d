import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_database_is_postgresql_18() -> None:
    assert connection.pg_version // 10000 >= 16
