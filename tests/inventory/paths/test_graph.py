"""The search for paths and for the best change, against trying everything out on small graphs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from random import Random

import pytest

from inventory.facts.paths.graph import OUTSIDE, Change, Path, Place, Step, Ways, best_cuts

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


def ways_in(made: Graph, *, undecided: bool = False) -> Ways:
    return Ways(made[OUTSIDE], lambda at: made.get(at, ()), undecided=undecided)


def all_paths(made: Graph, ways: Ways) -> list[Path]:
    return [path for entry in made[OUTSIDE] for path in ways.paths(entry).values()]


def cuts_of(made: Graph) -> dict[Path, Change]:
    ways = ways_in(made)
    return dict(best_cuts(all_paths(made, ways), ways, weigh))


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


def came_first(made: Graph, entry: Step) -> dict[Place, tuple[Step, ...]]:
    """Every place that an entry leads to, nearest first, with the way that comes there first: one search an entry."""
    found: dict[Place, tuple[Step, ...]] = {}
    waiting: deque[tuple[Step, ...]] = deque([(entry,)])
    while waiting:
        way = waiting.popleft()
        if way[-1].end not in found:
            found[way[-1].end] = way
            waiting.extend((*way, onward) for onward in made.get(way[-1].end, ()))
    return found


def closed_without(key: str, made: Graph, found: Sequence[Path]) -> set[Path]:
    """By trying out every way."""
    return {path for path in found if all(_uses(way, key) for way in ways_to(made, path.entry, path.goal))}


@pytest.mark.parametrize("seed", range(150))
def test_there_is_a_path_for_each_goal_that_can_be_reached_and_it_is_the_shortest(seed: int) -> None:
    made = random_graph(seed)
    ways = ways_in(made)
    for entry in made[OUTSIDE]:
        found = ways.paths(entry)
        for goal in WEIGHTS:
            tried = ways_to(made, entry, goal)
            assert (goal in found) is bool(tried)
            if tried:
                assert len(found[goal].steps) == min(map(len, tried))
                assert found[goal].steps in tried


@pytest.mark.parametrize("seed", range(150))
def test_of_equally_short_ways_it_is_the_one_that_a_search_from_the_entry_meets_first(seed: int) -> None:
    made = random_graph(seed)
    ways = ways_in(made)
    for entry in made[OUTSIDE]:
        met = came_first(made, entry)
        for goal, path in ways.paths(entry).items():
            won = [way for way in met.values() if way[-1].goal == goal]
            assert path.steps == won[0]
            assert {path.steps[-1].end, *path.more} == {way[-1].end for way in won}
            assert len(path.more) == len(won) - 1


@pytest.mark.parametrize("seed", range(150))
def test_a_change_closes_exactly_the_paths_of_which_every_way_needs_it(seed: int) -> None:
    made = random_graph(seed)
    ways = ways_in(made)
    found = all_paths(made, ways)
    for key in {one.change.key for path in found for one in path.steps}:
        closed = {path for path in found if key in {change.key for change in ways.closing(path)}}
        assert closed == closed_without(key, made, found)


@pytest.mark.parametrize("seed", range(150))
def test_the_best_change_closes_its_path_and_no_other_on_the_way_closes_more_weight(seed: int) -> None:
    made = random_graph(seed)
    cuts = cuts_of(made)
    for path, best in cuts.items():
        shut = closed_without(best.key, made, list(cuts))
        assert path in shut
        for one in path.steps:
            other = closed_without(one.change.key, made, list(cuts))
            assert path not in other or sum(map(weigh, other)) <= sum(map(weigh, shut))


@pytest.mark.parametrize("number", [20, 80])
def test_roles_that_may_all_become_each_other_are_looked_at_a_few_times_for_whatever_many_doors(number: int) -> None:
    roles = [place(f"role {one}") for one in range(number)]
    among = [step(one, two, f"become from {one.ref}") for one in roles for two in roles if one != two]
    takes = [step(one, place("treasure"), f"take from {one.ref}", "gold") for one in roles]
    takes += [step(one, place(f"part {one.ref}"), f"use {one.ref}", "silver") for one in roles]
    doors = [step(OUTSIDE, place(f"door {one}"), f"door {one}") for one in range(3 * number)]
    uses = [step(door.end, roles[one % number], f"use of {door.end.ref}") for one, door in enumerate(doors)]
    made = graph(*doors, *uses, *among, *takes)
    ways = ways_in(made)
    cuts = best_cuts(all_paths(made, ways), ways, weigh)
    assert len(cuts) == 2 * len(doors)
    assert ways.visited < 10 * (len(doors) + len(uses) + len(among) + len(takes))


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
    cuts = cuts_of(made)
    assert {cut.key for cut in cuts.values()} == {"use"}


def test_a_change_beside_which_another_way_stays_open_is_no_cut() -> None:
    treasure = place("treasure")
    made = graph(
        step(OUTSIDE, place("a"), "door"),
        step(place("a"), treasure, "take", "gold"),
        step(place("a"), place("b"), "go around"),
        step(place("b"), treasure, "take from behind", "gold"),
    )
    cuts = cuts_of(made)
    assert [cut.key for cut in cuts.values()] == ["door"]


def test_a_step_that_is_not_decided_makes_no_path_but_a_possible_one() -> None:
    made = graph(step(OUTSIDE, place("a"), "door"), step(place("a"), place("b"), "take", "gold", because="It depends."))
    entry = made[OUTSIDE][0]
    assert ways_in(made).paths(entry) == {}
    assert not ways_in(made).decided
    assert list(ways_in(made, undecided=True).paths(entry)) == ["gold"]
