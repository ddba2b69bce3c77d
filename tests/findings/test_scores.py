"""Scores in whole numbers: bounds, floors, caps, ledger, priority."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.posture.rule import STEPS
from findings.posture.scoring import Circumstances, Standing, Sums, five_steps, gain, overall, priority, score, split
from findings.posture.scoring.ledger import ORDER
from inventory.facts.paths.graph import CRITICAL, HIGH

weights = st.integers(0, 10**9)
sums = st.builds(Sums, passed=weights, failed=weights, unknown=weights)


@given(sums)
def test_a_score_is_the_floor_and_a_hundred_only_when_exact(given_: Sums) -> None:
    found = score("data", given_)
    if given_.known == 0:
        assert found.value is None
        return
    exact = Fraction(100 * given_.passed, given_.known)
    assert found.value is not None
    assert 0 <= found.value <= exact < found.value + 1
    assert (found.value == 100) == (given_.failed == 0)


@given(sums)
def test_coverage_is_the_floor_of_what_is_known(given_: Sums) -> None:
    found = score("data", given_)
    everything = given_.known + given_.unknown
    if everything == 0:
        assert (found.coverage, found.provisional) == (None, False)
        return
    exact = Fraction(100 * given_.known, everything)
    assert found.coverage is not None
    assert found.coverage <= exact < found.coverage + 1
    assert found.provisional == (exact < 80)


@given(sums, weights)
def test_more_passes_never_lower_and_more_failures_never_raise_a_score(given_: Sums, more: int) -> None:
    now = score("data", given_).value or 0
    assert (score("data", given_ + Sums(passed=more)).value or 0) >= now
    if given_.known:
        assert (score("data", given_ + Sums(failed=more)).value or 0) <= now
    assert (score("data", given_ + Sums(unknown=more)).value or 0) == now


@given(sums, st.integers(0, 5), st.integers(0, 5))
def test_open_critical_findings_cap_a_score(given_: Sums, critical: int, severe: int) -> None:
    found = score("data", given_ + Sums(critical=critical + severe, severe=severe))
    if found.value is None:
        assert found.cap is None
    elif severe:
        assert (found.cap, found.value <= 49) == (49, True)
        assert "exposed to the internet" in found.cap_reason
    elif critical:
        assert (found.cap, found.value <= 69) == (69, True)
    else:
        assert (found.cap, found.cap_reason) == (None, "")


def test_nothing_applicable_is_not_a_score() -> None:
    found = score("data", Sums())
    assert (found.value, found.coverage, found.provisional, found.hundredths) == (None, None, False, None)
    unread = score("data", Sums(unknown=5))
    assert (unread.value, unread.coverage, unread.provisional) == (None, 0, True)


@given(st.lists(sums, min_size=5, max_size=5))
def test_the_overall_score_is_the_mean_of_the_steps_that_apply_rounded_down(given_: list[Sums]) -> None:
    scores = [score(step, each) for step, each in zip(STEPS, given_, strict=True)]
    values = [found.value for found in scores if found.value is not None]
    mean = overall(scores, five_steps().weights)
    if not values:
        assert (mean.value, mean.lowest, mean.lowest_step) == (None, None, "")
        return
    assert mean.value == sum(values) // len(values)
    assert mean.lowest == min(values)


def test_weights_change_the_overall_score() -> None:
    scores = [score("data", Sums(passed=1)), score("runtime", Sums(failed=1))]
    assert overall(scores, {"data": 3, "runtime": 1}).value == 75


standings = st.builds(
    lambda passed, failed, cap: Standing(passed, passed + failed, cap),
    weights,
    weights,
    st.sampled_from([None, 49, 69]),
)
shifts = st.dictionaries(st.sampled_from(ORDER), st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)))


@given(standings, standings, shifts)
def test_the_parts_of_a_movement_sum_exactly_to_it(
    before: Standing, after: Standing, moved: dict[str, tuple[int, int]]
) -> None:
    parts = split(before, after, moved)
    assert sum(parts.values()) == (after.shown or 0) - (before.shown or 0)
    assert all(parts.values())


def test_a_cap_is_a_part_of_its_own() -> None:
    parts = split(Standing(90, 100, None), Standing(89, 100, 49), {"regression": (-1, 0)})
    assert parts == {"regression": -100, "cap": -4000}


def test_nothing_moved_leaves_no_parts() -> None:
    assert split(Standing(1, 2, 69), Standing(1, 2, 69), {}) == {}


@given(sums, weights, weights)
def test_a_fix_never_costs_points_and_gives_what_the_score_then_shows(given_: Sums, part: int, critical: int) -> None:
    fixed = Sums(failed=min(part, given_.failed), critical=critical)
    total = given_ + Sums(critical=critical)
    gained = gain(total, fixed)
    after = Sums(given_.passed + fixed.failed, given_.failed - fixed.failed, given_.unknown)
    assert gained == (score("", after).hundredths or 0) - (score("", total).hundredths or 0)
    assert gained >= 0


circumstances = st.builds(
    Circumstances,
    severity=st.integers(1, 4),
    exposure=st.sampled_from(["internet", "internal", "unknown", "else"]),
    exploitability=st.sampled_from(["known", "likely", "unknown"]),
    data_class=st.sampled_from(["", "public", "internal", "confidential", "personal"]),
    criticality=st.integers(1, 3),
    ai_role=st.sampled_from(["", "endpoint", "training", "agent"]),
)


@given(circumstances)
def test_a_priority_is_the_sum_of_its_factors(given_: Circumstances) -> None:
    points, factors = priority(given_)
    assert points == sum(factor.points for factor in factors)
    assert 0 <= points <= 100
    assert all(factor.value and factor.source for factor in factors)


@pytest.mark.parametrize("worse", [{"severity": 4}, {"exposure": "internet"}, {"criticality": 3}, {"ai_role": "agent"}])
def test_worse_circumstances_rank_higher(worse: dict[str, object]) -> None:
    mild = {"severity": 2, "exposure": "internal", "criticality": 2, "ai_role": "training"}
    assert priority(Circumstances(**mild | worse))[0] > priority(Circumstances(**mild))[0]  # type: ignore[arg-type]


def test_the_worst_there_is_gets_a_hundred() -> None:
    assert priority(Circumstances(4, "internet", "known", "personal", 3, "endpoint"))[0] == 100


def test_the_five_steps_are_the_five_of_the_rules() -> None:
    assert tuple(five_steps().weights) == STEPS


def test_cuts_of_paths_weigh_what_the_order_of_work_gives_to_an_exposed_asset() -> None:
    assert [priority(Circumstances(severity, "internet"))[0] for severity in (4, 3)] == [CRITICAL, HIGH]
