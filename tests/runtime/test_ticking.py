"""The tick: nothing that takes long keeps its next turn from coming."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError

from aispm.core import heartbeat
from aispm.runtime import chores, ticking
from aispm.runtime.ticking import Tick
from integrations import services, tasks
from tests.runtime.stack import until

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")


def ends(code: int) -> tuple[str, ...]:
    return (sys.executable, "-c", f"raise SystemExit({code})")


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tick]:
    """One whose runs are only counted."""
    monkeypatch.setattr(tasks, "hand_out", lambda: 0)
    made = Tick()
    yield made
    made.chores.stop()


def finished(tick: Tick) -> None:
    process = tick.chores.process
    assert process is not None
    until(lambda: process.poll() is not None, "the end of the chores", within_s=20)


def test_turns_go_on_while_chores_take_long(tick: Tick, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[float] = []
    monkeypatch.setattr(tasks, "hand_out", lambda: turns.append(time.monotonic()))
    tick.chores.argv = SLEEPS
    tick.turn()
    first = tick.chores.process
    for _ in range(3):
        tick.turn()
    assert len(turns) == 4
    assert turns[-1] - turns[0] < 5
    assert first is not None
    assert (tick.chores.process, first.poll()) == (first, None), "one at a time, and still at it"
    assert heartbeat.tick_lives()
    heartbeat.broker().delete(heartbeat.TICK)


def test_after_a_start_every_source_is_looked_at_once(tick: Tick, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "removals_due", list)
    monkeypatch.setattr(services, "sources_to_judge", list)
    tick.chores.argv = ends(0)
    tick.turn()
    assert tick.chores.process is not None
    assert chores.AFTER_START in tick.chores.process.args  # type: ignore[operator]
    finished(tick)
    tick.turn()
    assert (tick.chores.process, tick.chores.whole) == (None, False), "nothing is due"


def test_what_was_left_is_tried_again_later_and_later(tick: Tick) -> None:
    tick.chores.argv = ends(chores.LATER)
    tick.turn()
    finished(tick)
    tick.turn()
    assert (tick.chores.process, tick.chores.whole, tick.chores.failures) == (None, True, 1)
    assert 0 < tick.chores.not_before - time.monotonic() <= ticking.BACK_OFF_S[0]
    tick.chores.not_before = 0
    tick.turn()
    finished(tick)
    tick.turn()
    assert tick.chores.not_before - time.monotonic() > ticking.BACK_OFF_S[0]


def test_chores_that_never_end_are_ended(tick: Tick) -> None:
    tick.chores.argv = SLEEPS
    tick.turn()
    tick.chores.began -= ticking.CHORES_LIMIT_S + 1
    tick.turn()
    finished(tick)


def test_trouble_ends_no_turn_but_its_own(tick: Tick, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("away")

    monkeypatch.setattr(tasks, "hand_out", away)
    tick.turn()
    assert tick.trouble == "OperationalError: away"
    monkeypatch.setattr(tasks, "hand_out", lambda: 0)
    tick.chores.argv = ends(0)
    tick.turn()
    assert tick.trouble == ""


def test_a_stop_ends_the_chores(tick: Tick) -> None:
    tick.chores.argv = SLEEPS
    tick.turn()
    process = tick.chores.process
    tick.chores.stop()
    assert process is not None
    assert process.poll() is not None


@pytest.mark.django_db
def test_a_removal_that_breaks_keeps_neither_the_others_nor_judging_from_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []

    def breaks(*, run_id: str) -> None:
        asked.append(run_id)
        raise KeyError("surprise")

    monkeypatch.setattr(services, "removals_due", lambda: ["one", "two"])
    monkeypatch.setattr(services, "perform_removal", breaks)
    monkeypatch.setattr(services, "judge_differing", lambda *, all_of_them: asked.append("judged") or True)
    assert chores.main([]) == 0
    assert asked == ["one", "two", "judged"]


@pytest.mark.django_db
@pytest.mark.parametrize(("done", "code"), [(True, 0), (False, chores.LATER)])
def test_chores_say_whether_something_is_left(monkeypatch: pytest.MonkeyPatch, done: bool, code: int) -> None:
    asked: list[object] = []
    monkeypatch.setattr(services, "removals_due", lambda: ["one"])
    monkeypatch.setattr(services, "perform_removal", lambda *, run_id: asked.append(run_id))
    monkeypatch.setattr(services, "judge_differing", lambda *, all_of_them: asked.append(all_of_them) or done)
    assert chores.main([chores.AFTER_START]) == code
    assert asked == ["one", True]
