"""One layer of policies over many principals: who has a statement that allows or denies an action on a resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from inventory.documents import Unknown
from inventory.iam.actions import takes_resource
from inventory.iam.conditions import Answer, both, holds
from inventory.iam.context import Principal, Request, chosen, filled, lookup, varies
from inventory.iam.language import Clause, Statement
from inventory.iam.masks import NOBODY, Tri, bits, perhaps, union
from inventory.iam.matching import VARIABLE, PatternIndex, matches

Holding = tuple[Statement, int]


@dataclass(slots=True)
class Crowd:
    """The principals that masks are about, and what was worked out about conditions on them."""

    principals: Sequence[Principal]
    _known: dict[tuple[object, ...], Tri] = field(default_factory=dict)

    @property
    def everybody(self) -> int:
        return (1 << len(self.principals)) - 1

    def meet(self, statement: Statement, request: Request, mask: int) -> Tri:
        """For whom of these the statement's conditions hold."""
        if not statement.tests or not mask:
            return Tri(mask)
        key = self._key(statement, request)
        if key not in self._known:
            self._known[key] = self._meet(statement, request)
        return self._known[key].within(mask)

    def _key(self, statement: Statement, request: Request) -> tuple[object, ...]:
        names = dict.fromkeys(name for test in statement.tests for name in names_in(test, statement.variables))
        given = (_hashable(lookup(name, request, None)) for name in names if not varies(name))
        return (statement.tests, statement.variables, request.action, *given)

    def _meet(self, statement: Statement, request: Request) -> Tri:
        if not any(varies(name) for test in statement.tests for name in names_in(test, statement.variables)):
            return as_mask(_holds(statement, request, None), self.everybody)
        answers = (as_mask(_holds(statement, request, who), 1 << number) for number, who in enumerate(self.principals))
        return union(answers)

    def covered(self, pattern: str, request: Request, mask: int) -> Tri:
        """For whom of these a resource pattern with variables covers what is asked for."""
        names = [found.partition(",")[0].strip().lower() for found in VARIABLE.findall(pattern)]
        if not any(varies(name) for name in names):
            return as_mask(_covers(pattern, request, None), mask)
        return union(as_mask(_covers(pattern, request, self.principals[bit]), 1 << bit) for bit in bits(mask))


def names_in(test: Clause, variables: bool) -> Iterator[str]:
    """The keys that a test looks at."""
    yield test.key
    if variables:
        for value in test.values:
            for found in VARIABLE.findall(value):
                yield found.partition(",")[0].strip().lower()


def _holds(statement: Statement, request: Request, who: Principal | None) -> Answer:
    return both([_test(test, statement.variables, request, who) for test in statement.tests])


def _test(test: Clause, variables: bool, request: Request, who: Principal | None) -> Answer:
    wanted = [filled(value, request, who) for value in test.values] if variables else test.values
    return holds(test, lookup(test.key, request, who), wanted)


def _covers(pattern: str, request: Request, who: Principal | None) -> Answer:
    text = filled(pattern, request, who)
    if isinstance(text, Unknown):
        # A variable without a value covers nothing; one that is not known may cover this.
        return False if "has no value" in text.reason else text
    return matches(text, request.resource)


def as_mask(answer: Answer, mask: int) -> Tri:
    if isinstance(answer, Unknown):
        return perhaps(mask, answer.reason)
    return Tri(mask) if answer else NOBODY


def _hashable(value: object) -> object:
    return value.reason if isinstance(value, Unknown) else value


class Layer:
    """Statements with the principals that hold them: identity policies, boundaries, one level of an organization."""

    def __init__(self, crowd: Crowd, held: Iterable[Holding]) -> None:
        self._crowd = crowd
        masks: dict[Statement, int] = {}
        for statement, mask in held:
            masks[statement] = masks.get(statement, 0) | mask
        self._held = masks
        self._sides: dict[tuple[str, bool], _Side] = {}

    def allows(self, request: Request) -> Tri:
        return self._side(request.action, True).find(request)

    def denies(self, request: Request) -> Tri:
        return self._side(request.action, False).find(request)

    def patterns_below(self, action: str, prefix: str) -> Iterator[tuple[str, int]]:
        """(pattern, holders) of what statements allowing the action name below this start of a resource."""
        return self._side(action, True).below(prefix)

    def excepted(self, action: str, *, allow: bool) -> Sequence[Holding]:
        """The statements that allow, or deny, the action on everything but what they name."""
        return self._side(action, allow).excepted

    def tests(self, action: str) -> Iterator[Clause]:
        """What statements allowing the action test."""
        return (
            test for statement in self._held if statement.allow and statement.grants(action) for test in statement.tests
        )

    def choices(self, action: str) -> Sequence[tuple[Clause, bool]]:
        """Tests of what the caller may choose, with whether variables count."""
        return [one for allow in (True, False) for one in self._side(action, allow).choices]

    def _side(self, action: str, allow: bool) -> _Side:
        key = (action, allow)
        if key not in self._sides:
            held = [(s, mask) for s, mask in self._held.items() if s.allow is allow and s.grants(action)]
            self._sides[key] = _Side(self._crowd, action, held)
        return self._sides[key]


class _Side:
    """The statements of a layer that allow, or that deny, one action, by the resources that they name."""

    def __init__(self, crowd: Crowd, action: str, held: Sequence[Holding]) -> None:
        self._crowd = crowd
        self._free: PatternIndex[list[int]] = PatternIndex()
        self._bound: PatternIndex[Holding] = PatternIndex()
        self.excepted: list[Holding] = []
        self._any = takes_resource(action)
        self.choices = [(t, s.variables) for s, _mask in held for t in s.tests if chosen(action, t.key)]
        free: dict[str, list[int]] = {}
        for statement, mask in held:
            if statement.not_resources:
                self.excepted.append((statement, mask))
            for pattern in statement.resources:
                if statement.tests or (statement.variables and "${" in pattern):
                    self._bound.add(pattern, (statement, mask))
                else:
                    free.setdefault(pattern, [0])[0] |= mask
        for pattern, total in free.items():
            self._free.add(pattern, total)

    def find(self, request: Request) -> Tri:
        target = request.resource if self._any else "*"
        yes = 0
        for pattern, total in self._free.near(target):
            if total[0] & ~yes and matches(pattern, target):
                yes |= total[0]
        return Tri(yes) | union(self._conditional(request, target, yes))

    def _conditional(self, request: Request, target: str, settled: int) -> Iterator[Tri]:
        for pattern, (statement, mask) in self._bound.near(target):
            if mask & ~settled:
                yield self._covered(pattern, statement, request, mask & ~settled)
        for statement, mask in self.excepted:
            if mask & ~settled:
                yield self._excepted(statement, request, mask & ~settled)

    def _covered(self, pattern: str, statement: Statement, request: Request, mask: int) -> Tri:
        if statement.variables and "${" in pattern:
            covered = self._crowd.covered(pattern, request, mask)
        else:
            covered = Tri(mask) if matches(pattern, request.resource if self._any else "*") else NOBODY
        reached = covered.yes | covered.maybe
        return covered & self._crowd.meet(statement, request, reached) if reached else NOBODY

    def _excepted(self, statement: Statement, request: Request, mask: int) -> Tri:
        """Everything but the named resources. What takes no resource is none of them."""
        if not self._any:
            return self._crowd.meet(statement, request, mask)
        variables = statement.variables
        named = union(
            self._crowd.covered(pattern, request, mask)
            if variables and "${" in pattern
            else Tri(mask if matches(pattern, request.resource) else 0)
            for pattern in statement.not_resources
        )
        left = Tri(mask).without(named)
        return left & self._crowd.meet(statement, request, left.yes | left.maybe)

    def below(self, prefix: str) -> Iterator[tuple[str, int]]:
        yield from ((pattern, total[0]) for pattern, total in self._free.below(prefix))
        yield from ((pattern, mask) for pattern, (_statement, mask) in self._bound.below(prefix))
