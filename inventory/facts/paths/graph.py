"""The shortest ways from entries to goals, and the one change that closes most of them. Knows no provider."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """An asset and what somebody who came there can do with it. Of the same asset, reading and writing are two."""

    kind: str
    ref: str
    power: str = ""


OUTSIDE = Place("", "internet")
# What a critical and a high finding on an asset open to the internet weigh in the order of work: their priority
# without what differs from asset to asset, which is settled after facts.
CRITICAL, HIGH = 65, 53


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
    """The shortest way from an entry to one goal; `ends` are all places where the entry leads to that goal."""

    goal: str
    steps: tuple[Step, ...]
    ends: tuple[Place, ...] = field(default=(), compare=False)

    @property
    def entry(self) -> Step:
        return self.steps[0]

    @property
    def more(self) -> Sequence[Place]:
        """Further places where the same goal is won."""
        return [end for end in self.ends if end != self.steps[-1].end]


@dataclass(slots=True)
class Known:
    """What is known of one goal at a place that leads to it.

    `far`: how many steps away it is. `needs`: the changes of which each closes every way. `wins`: which of its ends
    can be reached, a bit each. `onward`: the first step of the shortest way, once somebody asked.
    """

    far: int
    needs: frozenset[str]
    wins: int
    onward: Step | None = None

    def learn(self, end: Known, key: str) -> bool:
        """Takes over what the end of a step knows; whether that is news."""
        wins, needs = self.wins | end.wins, self.needs
        if needs:
            needs &= end.needs | {key}
        news = wins != self.wins or len(needs) != len(self.needs)
        self.wins, self.needs = wins, needs
        return news


class Ways:
    """All ways from some entries on. What a place leads to is worked out once, not once for every entry.

    `undecided`: also by steps that are only possible. `decided`: none was left out for that.
    `visited`: how often a step was looked at.
    """

    def __init__(self, entries: Iterable[Step], steps_from: StepsFrom, *, undecided: bool = False) -> None:
        self.visited = 0
        self.decided = True
        self._onward: dict[Place, Sequence[Step]] = {}
        self._into: dict[Place, list[Step]] = defaultdict(list)
        ends: dict[str, set[Place]] = defaultdict(set)
        waiting = deque(entries)
        while waiting:
            step = waiting.popleft()
            self.visited += 1
            if step.goal:
                ends[step.goal].add(step.end)
            if step.end not in self._onward:
                possible = steps_from(step.end)
                self._onward[step.end] = [one for one in possible if undecided or not one.because]
                self.decided = self.decided and len(self._onward[step.end]) == len(possible)
                waiting.extend(self._onward[step.end])
            if step.start != OUTSIDE:
                self._into[step.end].append(step)
        self._ends = {goal: sorted(places) for goal, places in ends.items()}
        self._known = {goal: self._look_back(places) for goal, places in self._ends.items()}
        self._told: dict[tuple[str, int], tuple[Place, ...]] = {}

    def _look_back(self, ends: Sequence[Place]) -> dict[Place, Known]:
        """From a goal back, in rounds: first to what is a step away. A place that learned something tells it again.

        Nothing is news for longer than the longest of all shortest ways, so there are a few rounds.
        """
        found = {end: Known(0, frozenset(), 1 << number) for number, end in enumerate(ends)}
        telling: Iterable[Place] = list(ends)
        while telling:
            changed: dict[Place, None] = {}
            for place in telling:
                end = found[place]
                self.visited += len(self._into[place])
                for step in self._into[place]:
                    known = found.get(step.start)
                    if known is None:
                        found[step.start] = Known(end.far + 1, end.needs | {step.change.key}, end.wins)
                    if known is None or known.learn(end, step.change.key):
                        changed[step.start] = None
            telling = changed
        return found

    def places(self) -> Iterable[Place]:
        """Every place that somebody comes to."""
        return self._onward.keys()

    def paths(self, entry: Step) -> dict[str, Path]:
        """One path for each goal that the entry leads to; of equally short ones by the first steps."""
        return {
            goal: Path(goal, self._shortest(entry, known), self._places(goal, known[entry.end].wins))
            for goal, known in self._known.items()
            if entry.end in known
        }

    def _shortest(self, entry: Step, known: Mapping[Place, Known]) -> tuple[Step, ...]:
        steps = [entry]
        while (here := known[steps[-1].end]).far:
            if here.onward is None:
                onward = self._onward[steps[-1].end]
                here.onward = next(one for one in onward if known.get(one.end, here).far < here.far)
            steps.append(here.onward)
        return tuple(steps)

    def _places(self, goal: str, wins: int) -> tuple[Place, ...]:
        if (goal, wins) not in self._told:
            self._told[goal, wins] = tuple(end for bit, end in enumerate(self._ends[goal]) if wins >> bit & 1)
        return self._told[goal, wins]

    def closing(self, path: Path) -> Sequence[Change]:
        """The changes that close a path: without one of them its goal cannot be reached by whatever other way."""
        needs = {path.entry.change.key} | self._known[path.goal][path.entry.end].needs
        return [step.change for step in path.steps if step.change.key in needs]


def best_cuts(found: Sequence[Path], ways: Ways, weigh: Callable[[Path], int]) -> Mapping[Path, Change]:
    """For each path the change that closes it and, with it, most of all paths by weight; of equals the first.

    Closing the entry always closes a path, so each has one.
    """
    closing = {path: ways.closing(path) for path in found}
    worth: dict[str, int] = defaultdict(int)
    for path, changes in closing.items():
        for key in {change.key for change in changes}:
            worth[key] += weigh(path)
    return {path: max(changes, key=lambda change: worth[change.key]) for path, changes in closing.items()}
