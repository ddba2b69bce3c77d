"""The planner's estimates while a run fills tables."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Asset, Link
from inventory.services import Recorder, statistics
from inventory.services.statistics import Statistics
from tests.builders import make_source, moment, observed, outcome

pytestmark = pytest.mark.django_db
BUCKET = "aws.s3.bucket"


def analysed(queries: CaptureQueriesContext) -> list[str]:
    return [found for query in queries for found in re.findall(r'^ANALYZE .*"(\w+)"', query["sql"])]


def test_a_run_that_fills_a_table_has_it_analysed_while_it_goes_on(monkeypatch: Any) -> None:
    monkeypatch.setattr(statistics, "MANY", 3)
    recorder, end = Recorder(source=make_source(), at=moment()), outcome("buckets")
    with CaptureQueriesContext(connection) as queries:
        recorder.page(end.key, [observed(BUCKET, name) for name in "ab"])
    assert analysed(queries) == []
    with CaptureQueriesContext(connection) as queries:
        recorder.page(end.key, [observed(BUCKET, name) for name in "cd"])
    assert analysed(queries) == ["inventory_asset", "inventory_link"]
    with CaptureQueriesContext(connection) as queries:
        recorder.page(end.key, [observed(BUCKET, name) for name in "abcd"])
    assert analysed(queries) == []


def test_the_next_look_comes_after_twice_as_many_rows(monkeypatch: Any) -> None:
    monkeypatch.setattr(statistics, "MANY", 10)
    filled, looks = Statistics(Asset), []
    for written in (9, 1, 9, 1, 19, 1):
        with CaptureQueriesContext(connection) as queries:
            filled.wrote(written)
        looks.append(len(analysed(queries)))
    assert looks == [0, 1, 0, 1, 0, 1]


def test_a_table_of_which_little_is_new_is_left_to_the_databases_own_housekeeping(monkeypatch: Any) -> None:
    monkeypatch.setattr(statistics, "NOTABLE", 0)
    with CaptureQueriesContext(connection) as queries:
        Statistics(Asset, Link).wrote(statistics.MANY)
    assert analysed(queries) == []
