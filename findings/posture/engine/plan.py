"""Rules of one kind prepared for judging: rules that agree on what they see share one CEL context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from findings.posture.engine.gate import Needs, matching, needs_of
from findings.posture.engine.projection import Shape, agree, project, shape_of
from findings.posture.engine.subject import Subject
from findings.posture.rule import LinkRead, Read, Rule
from findings.posture.rule.paths import ASSET, FACTS


@dataclass(slots=True)
class Group:
    """Rules that one projected document serves."""

    rules: list[tuple[int, Rule, Needs]] = field(default_factory=list)
    reads: dict[str, dict[tuple[str, tuple[str, ...]], Read]] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    links: dict[str, LinkRead] = field(default_factory=dict)

    def admits(self, rule: Rule, shapes: dict[str, Shape]) -> bool:
        if any(self.links.get(alias, link) != link for alias, link in rule.links.items()):
            return False
        return all(agree(self.shapes[root], shape) for root, shape in shapes.items() if root in self.shapes)

    def add(self, position: int, rule: Rule) -> None:
        self.rules.append((position, rule, needs_of(rule)))
        self.links.update(rule.links)
        for read in rule.reads:
            self.reads.setdefault(read.root, {})[(read.default, read.steps)] = read
        self.shapes = {root: shape_of(reads.values()) for root, reads in self.reads.items()}

    def params(self) -> dict[str, Any]:
        """The constants of these rules, by the names their programs use."""
        return {rule.params_name: dict(rule.params) for _, rule, _ in self.rules if rule.params}

    def variables(self, subject: Subject, now: datetime) -> dict[str, Any]:
        """What the rules of this group see of a subject; always the same names."""
        seen: dict[str, Any] = {"now": now}
        for root, shape in self.shapes.items():
            if root == ASSET:
                seen[ASSET] = project(shape, subject.config)
            elif root == FACTS:
                seen[FACTS] = project(shape, subject.facts)
            elif root not in self.links:
                seen[root] = project(shape, subject.views.get(root))
        for alias, link in self.links.items():
            seen[alias] = self._linked(link, subject)
        return seen

    def _linked(self, link: LinkRead, subject: Subject) -> Any:
        shape = self.shapes.get(link.alias, Shape())
        if link.many:
            shape = shape.element or Shape(explicit=shape.explicit, whole=shape.whole)
        targets = (target for target in matching(link, subject) if isinstance(target, Subject))
        documents = [project(shape, {**target.config, FACTS: target.facts}) for target in targets]
        if link.many:
            return documents
        return documents[0] if documents else None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about a list of rules that does not depend on the subject."""

    groups: tuple[Group, ...]
    facts: frozenset[str]
    size: int


@lru_cache(maxsize=512)
def plan(rules: tuple[Rule, ...]) -> Plan:
    """Groups the rules. Cached: rules compare by identity."""
    groups: list[Group] = []
    for position, rule in enumerate(rules):
        shapes = _shapes(rule.reads)
        home = next((group for group in groups if group.admits(rule, shapes)), None)
        if home is None:
            home = Group()
            groups.append(home)
        home.add(position, rule)
    facts = frozenset(read.part for rule in rules for read in rule.reads if read.root == FACTS and read.part)
    return Plan(tuple(groups), facts, len(rules))


def _shapes(reads: Sequence[Read]) -> dict[str, Shape]:
    roots = {read.root for read in reads}
    return {root: shape_of(read for read in reads if read.root == root) for root in roots}
