"""The shortest ways from entries to goals, and the one change that closes most of them. Knows no provider."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """An asset and what somebody who came there can do with it. Of the same asset, reading and writing are two."""

    kind: str
    ref: str
    power: str = ""


OUTSIDE = Place("", "internet")


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody can do to make steps impossible. Steps with the same key are closed together."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `goal`: what is won at its end, of whatever step leads there. `because`: why it is not decided."""

    start: Place
    end: Place
    how: str
    change: Change
    evidence: str = ""
    actions: tuple[str, ...] = ()
    goal: str = ""
    because: str = ""


StepsFrom = Callable[[Place], Sequence[Step]]


@dataclass(frozen=True, slots=True)
class Path:
    """The shortest way from an entry to one goal; `more` are further places where the same goal is won."""

    goal: str
    steps: tuple[Step, ...]
    more: tuple[Place, ...] = ()

    @property
    def entry(self) -> Step:
        return self.steps[0]


def reach(entry: Step, steps_from: StepsFrom, *, without: str = "", undecided: bool = False) -> dict[Place, Step]:
    """Every place that the entry leads to, nearest first, with the step that comes there first.

    `without`: the key of a change that is made. `undecided`: also by steps that are only possible.
    """
    came: dict[Place, Step] = {}
    waiting = deque([entry])
    while waiting:
        step = waiting.popleft()
        if step.end in came or step.change.key == without or (step.because and not undecided):
            continue
        came[step.end] = step
        waiting.extend(steps_from(step.end))
    return came


def goals(came: Mapping[Place, Step]) -> dict[str, list[Place]]:
    """The places where each goal is won, nearest first."""
    found: dict[str, list[Place]] = defaultdict(list)
    for place, step in came.items():
        if step.goal:
            found[step.goal].append(place)
    return found


def way(came: Mapping[Place, Step], end: Place) -> tuple[Step, ...]:
    """The steps to a place, from the entry on."""
    steps = [came[end]]
    while steps[-1].start in came:
        steps.append(came[steps[-1].start])
    return tuple(reversed(steps))


def paths(entry: Step, steps_from: StepsFrom, *, undecided: bool = False) -> dict[str, Path]:
    """One path for each goal that the entry leads to."""
    came = reach(entry, steps_from, undecided=undecided)
    return {goal: Path(goal, way(came, places[0]), tuple(places[1:])) for goal, places in goals(came).items()}


def closed_by(change: Change, found: Iterable[Path], steps_from: StepsFrom) -> set[Path]:
    """The paths whose goal cannot be reached any more once the change is made, by whatever other way.

    A path that does not use the change stays as it is; the others are searched for again without it.
    """
    left: dict[Step, set[str]] = {}
    closed = set()
    for path in found:
        if all(step.change.key != change.key for step in path.steps):
            continue
        if path.entry not in left:
            left[path.entry] = set(goals(reach(path.entry, steps_from, without=change.key)))
        if path.goal not in left[path.entry]:
            closed.add(path)
    return closed


def best_cuts(found: Sequence[Path], steps_from: StepsFrom, weigh: Callable[[Path], int]) -> dict[Path, Change]:
    """For each path the change that closes it and, with it, most of all paths by weight; of equals the first.

    Closing the entry always closes a path, so each has one.
    """
    using: dict[str, dict[Path, Change]] = defaultdict(dict)
    for path in found:
        for step in path.steps:
            using[step.change.key][path] = step.change
    closed = {key: closed_by(next(iter(users.values())), users, steps_from) for key, users in using.items()}
    worth = {key: sum(map(weigh, shut)) for key, shut in closed.items()}
    best = {}
    for path in found:
        own = [step.change for step in path.steps if path in closed[step.change.key]]
        best[path] = max(own, key=lambda change: worth[change.key])
    return best
