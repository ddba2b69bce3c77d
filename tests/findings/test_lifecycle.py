"""Random histories against a simple reference."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from findings.posture.models import Finding, Judgement, PostureDay, ScoreChange, Tally, Transition
from findings.posture.services import batches, evaluate, evaluating
from inventory.models import Source
from tests.findings.world import World

pytestmark = pytest.mark.django_db


def test_whatever_happens_counts_scores_and_ledger_agree_with_a_recount(own_rules: Path) -> None:
    world = World(own_rules, seed=1)
    for step in range(300):
        world.happen()
        if step % 4 == 3:
            world.evaluate()
            world.check()
    assert Transition.objects.values("cause").distinct().count() >= 7
    assert ScoreChange.objects.values("cause").distinct().count() == 8


def test_an_evaluation_that_dies_anywhere_is_made_whole_by_the_next(
    own_rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluating, "SIZE", 2)
    world = World(own_rules, seed=3)
    left = [0]
    real = batches.judge_batch

    def dying(*args: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise MemoryError("killed")
        return real(*args)

    monkeypatch.setattr(evaluating, "judge_batch", dying)
    deaths = 0
    for step in range(90):
        world.happen()
        if step % 6 == 5:
            left[0] = world.random.randint(1, 4)
            try:
                world.evaluate()
            except MemoryError:
                deaths += 1
            left[0] = 0
            world.evaluate()
            world.check()
    assert deaths > 4


@pytest.mark.django_db(transaction=True)
def test_sources_judged_at_the_same_time_keep_one_ledger(own_rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "SIZE", 3)
    world = World(own_rules, seed=5)
    for _ in range(4):
        for _ in range(20):
            world.happen()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(_evaluated_apart, world.sources))
        world.check()


def _evaluated_apart(source: Source) -> None:
    try:
        evaluate(source=source)
    finally:
        connection.close()


def test_an_unchanged_evaluation_writes_nothing_but_its_time(own_rules: Path) -> None:
    world = World(own_rules, seed=4)
    for _ in range(40):
        world.happen()
    world.evaluate()
    tables = (Finding, Judgement, PostureDay, ScoreChange, Tally, Transition)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    world.evaluate()
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
