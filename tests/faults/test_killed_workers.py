"""A worker killed at any moment loses nothing and doubles nothing: the next one ends where one alone would have."""

from __future__ import annotations

import random
import signal
from pathlib import Path
from typing import Any

import pytest

from integrations import services
from integrations.models import Run, RunState
from tests.faults.runs import assert_sums_agree, connect, forget, known, phases, taken_up, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PHASES = ("collecting", "deriving", "judging")
UNDISTURBED: dict[str, Any] = {}


@pytest.fixture
def undisturbed(tmp_path: Path) -> dict[str, Any]:
    """How long the phases of a run are, and what is known after one that nobody disturbed; worked out once."""
    if not UNDISTURBED:
        run = services.request_run(source=connect(tmp_path).source)
        UNDISTURBED["phases"] = phases(run)
        UNDISTURBED["known"] = known(run.source)
        assert len(UNDISTURBED["known"]["assets"]) > 100
        assert UNDISTURBED["known"]["findings"]
        forget(run.source)
    return UNDISTURBED


def kill_in(run: Run, phase: str, number: int) -> None:
    worker = work(run, phase, number)
    assert worker.returncode == -signal.SIGKILL, worker.stderr
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    assert taken_up(run)


@pytest.mark.parametrize("phases", [("collecting",), ("deriving",), ("judging",), PHASES], ids="+".join)
def test_a_run_whose_workers_were_killed_ends_as_if_nothing_had_happened(
    tmp_path: Path, undisturbed: dict[str, Any], phases: tuple[str, ...]
) -> None:
    run = services.request_run(source=connect(tmp_path).source)
    killed = [(phase, random.randint(1, undisturbed["phases"][phase])) for phase in phases]
    for phase, number in killed:
        kill_in(run, phase, number)
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.INCOMPLETE, len(killed) + 1), killed
    assert known(run.source) == undisturbed["known"], killed
    assert_sums_agree()


def test_a_later_run_whose_workers_were_killed_retires_and_resolves_exactly_once(tmp_path: Path) -> None:
    def twice(*deaths: tuple[str, int]) -> Any:
        source = connect(tmp_path).source
        services.perform_run(run_id=services.request_run(source=source).pk)
        run = services.request_run(source=connect(tmp_path, later=True).source)
        for phase, number in deaths:
            kill_in(run, phase, number)
        services.perform_run(run_id=run.pk)
        assert_sums_agree()
        found = known(source)
        forget(source)
        return found

    usual = twice()
    assert {cause for _, _, _, cause in usual["transitions"]} >= {"new", "asset-gone"}
    assert usual["revisions"]
    deaths = [(phase, random.randint(1, 12)) for phase in PHASES]
    assert twice(*deaths) == usual, deaths
