"""The search for paths and for the best change, against trying everything out on small graphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import pytest

from inventory.facts.paths.graph import OUTSIDE, Change, Path, Place, Step, best_cuts, closed_by, paths

Graph = dict[Place, list[Step]]
WEIGHTS = {"gold": 10, "silver": 6}


def place(name: object) -> Place:
    return Place("thing", str(name))


def step(start: Place, end: Place, change: str, goal: str = "", because: str = "") -> Step:
    return Step(start, end, "leads to", Change(change, change), goal=goal, because=because)


def graph(*steps: Step) -> Graph:
    found: Graph = {}
    for one in steps:
        found.setdefault(one.start, []).append(one)
    return found


def all_paths(made: Graph) -> list[Path]:
    entries = made[OUTSIDE]
    return [path for entry in entries for path in paths(entry, lambda at: made.get(at, ())).values()]


def weigh(path: Path) -> int:
    return WEIGHTS[path.goal]


def random_graph(seed: int) -> Graph:
    """Up to nine places, with cycles, parallel steps and changes that close several steps."""
    dice = Random(seed)
    places = [place(number) for number in range(dice.randint(3, 9))]
    goals = {at: dice.choice(["gold", "silver"]) for at in dice.sample(places, 2)}
    entries = dice.sample(places, dice.randint(1, 3))
    steps = [step(OUTSIDE, end, f"entry {end.ref}", goals.get(end, "")) for end in entries]
    for _number in range(dice.randint(3, 18)):
        start, end = dice.choice(places), dice.choice(places)
        steps.append(step(start, end, f"change {dice.randint(0, 6)}", goals.get(end, "")))
    return graph(*steps)


def simple_ways(made: Graph, entry: Step, seen: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Every way without a circle, by brute force."""
    way = (*seen, entry)
    yield way
    been = {one.end for one in way}
    for onward in made.get(entry.end, ()):
        if onward.end not in been:
            yield from simple_ways(made, onward, way)


def ways_to(made: Graph, entry: Step, goal: str) -> list[tuple[Step, ...]]:
    return [way for way in simple_ways(made, entry) if way[-1].goal == goal]


@pytest.mark.parametrize("seed", range(150))
def test_there_is_a_path_for_each_goal_that_can_be_reached_and_it_is_the_shortest(seed: int) -> None:
    made = random_graph(seed)
    for entry in made[OUTSIDE]:
        found = paths(entry, lambda at: made.get(at, ()))
        for goal in WEIGHTS:
            ways = ways_to(made, entry, goal)
            assert (goal in found) is bool(ways)
            if ways:
                assert len(found[goal].steps) == min(map(len, ways))
                assert found[goal].steps in ways


@pytest.mark.parametrize("seed", range(150))
def test_a_change_closes_exactly_the_paths_of_which_every_way_needs_it(seed: int) -> None:
    made = random_graph(seed)
    found = all_paths(made)
    for key in {one.change.key for path in found for one in path.steps}:
        closed = closed_by(Change(key, key), found, lambda at: made.get(at, ()))
        tried = {path for path in found if all(_uses(way, key) for way in ways_to(made, path.entry, path.goal))}
        assert closed == tried


@pytest.mark.parametrize("seed", range(150))
def test_the_best_change_closes_its_path_and_no_other_on_the_way_closes_more_weight(seed: int) -> None:
    made = random_graph(seed)
    found = all_paths(made)
    steps_from = lambda at: made.get(at, ())  # noqa: E731
    for path, best in best_cuts(found, steps_from, weigh).items():
        shut = closed_by(best, found, steps_from)
        assert path in shut
        for one in path.steps:
            other = closed_by(one.change, found, steps_from)
            assert path not in other or sum(map(weigh, other)) <= sum(map(weigh, shut))


def _uses(way: Sequence[Step], key: str) -> bool:
    return any(one.change.key == key for one in way)


def test_a_shared_step_is_cut_before_two_doors() -> None:
    shared, treasure = place("shared"), place("treasure")
    made = graph(
        step(OUTSIDE, place("a"), "door a"),
        step(OUTSIDE, place("b"), "door b"),
        step(place("a"), shared, "use"),
        step(place("b"), shared, "use"),
        step(shared, treasure, "take", "gold"),
    )
    cuts = best_cuts(all_paths(made), lambda at: made.get(at, ()), weigh)
    assert {cut.key for cut in cuts.values()} == {"use"}


def test_a_change_beside_which_another_way_stays_open_is_no_cut() -> None:
    treasure = place("treasure")
    made = graph(
        step(OUTSIDE, place("a"), "door"),
        step(place("a"), treasure, "take", "gold"),
        step(place("a"), place("b"), "go around"),
        step(place("b"), treasure, "take from behind", "gold"),
    )
    cuts = best_cuts(all_paths(made), lambda at: made.get(at, ()), weigh)
    assert [cut.key for cut in cuts.values()] == ["door"]


def test_a_step_that_is_not_decided_makes_no_path_but_a_possible_one() -> None:
    made = graph(step(OUTSIDE, place("a"), "door"), step(place("a"), place("b"), "take", "gold", because="It depends."))
    entry = made[OUTSIDE][0]
    assert paths(entry, lambda at: made.get(at, ())) == {}
    assert list(paths(entry, lambda at: made.get(at, ()), undecided=True)) == ["gold"]
