"""Runs the examples that a rule carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from findings.posture.engine.judging import judge
from findings.posture.engine.subject import Subject, Verdict
from findings.posture.rule import ROW_FACTS, Example, LinkRead, Outcome, Rule, product_vocabulary
from findings.posture.rule.paths import ASSET, ELEMENT, FACTS
from inventory.documents import Problem, Unread
from inventory.facts.estate import Dangling, Node
from inventory.facts.registry import views_of


@dataclass(frozen=True, slots=True)
class Tried:
    """One example and what came out."""

    rule: Rule
    example: Example
    verdict: Verdict
    problem: str

    @property
    def ok(self) -> bool:
        return not self.problem


def try_examples(rule: Rule) -> Iterator[Tried]:
    """Every example of a rule, and one made up for each part that it reads: unread must give unknown."""
    for example in rule.examples:
        yield _try(rule, example)
    decided = next((e for e in rule.examples if e.verdict is Outcome.FAIL), None)
    for read in rule.reads if decided is not None else ():
        if read.text in rule.when_reads or decided is None:
            continue
        if (unread := _without(rule, decided, read.root, read.part)) is not None:
            yield _try(rule, unread)


def _without(rule: Rule, example: Example, root: str, part: str) -> Example | None:
    made = replace(example, verdict=Outcome.UNKNOWN, discriminators=None, name=f"{example.name}, without {part}")
    if root == ASSET:
        return replace(made, unread=[part])
    if root == FACTS:
        return replace(made, facts={**example.facts, part: {"unknown": "made unreadable by the test"}})
    if root in rule.links and root in example.linked:
        return replace(made, linked={**example.linked, root: "unknown"}, name=f"{example.name}, without {root}")
    return None


def _try(rule: Rule, example: Example) -> Tried:
    try:
        subject = subject_of(rule, example)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Tried(rule, example, Verdict(rule.id, Outcome.UNKNOWN), f"the example cannot be built: {error!r}")
    verdict = judge((rule,), subject, datetime.fromisoformat(example.now), explain=True)[0]
    return Tried(rule, example, verdict, _problem(example, verdict))


def _problem(example: Example, verdict: Verdict) -> str:
    if verdict.outcome is not example.verdict:
        reason = f" ({verdict.reason})" if verdict.reason else ""
        return f"expected {example.verdict}, got {verdict.outcome}{reason}"
    if example.discriminators is not None and tuple(example.discriminators) != verdict.discriminators:
        return f"expected the discriminators {list(example.discriminators)}, got {list(verdict.discriminators)}"
    return ""


def subject_of(rule: Rule, example: Example) -> Subject:
    """The subject that an example describes."""
    config = dict(example.asset)
    facts: dict[str, Any] = dict.fromkeys(_fact_names(rule), None) | dict(example.facts)
    node = Node(kind=example.kind, external_id="example", name="example", config=config)
    roots = {read.root for read in rule.reads}
    return Subject(
        kind=example.kind,
        config=config,
        unread=[Unread(part, Problem.DENIED, "made unreadable by the example") for part in example.unread],
        facts=facts,
        linked=_linked(rule, example.linked),
        views={view.name: view.compute(node) for view in views_of(example.kind) if view.name in roots},
    )


def _fact_names(rule: Rule) -> set[str]:
    own = {read.part for read in rule.reads if read.root == FACTS}
    return own & (product_vocabulary().facts.keys() | ROW_FACTS.keys())


def _alias_facts(rule: Rule, alias: str) -> set[str]:
    paths = [[step for step in read.steps if step != ELEMENT] for read in rule.reads if read.root == alias]
    return {path[1] for path in paths if path[:1] == [FACTS] and len(path) > 1}


def _linked(rule: Rule, given: Mapping[str, Any]) -> dict[str, list[Subject | Dangling]]:
    found: dict[str, list[Subject | Dangling]] = {}
    for alias, link in rule.links.items():
        value = given.get(alias)
        entries = value if isinstance(value, list) else [] if value is None else [value]
        found.setdefault(link.type, []).extend(_target(link, _alias_facts(rule, alias), entry) for entry in entries)
    return found


def _target(link: LinkRead, names: set[str], entry: Any) -> Subject | Dangling:
    if entry == "unknown":
        return Dangling(link.type, link.kind, "example", complete=False)
    if entry == "missing":
        return Dangling(link.type, link.kind, "example", complete=True)
    if not isinstance(entry, dict):
        raise TypeError(f"{link.alias} is {entry!r}; expected a mapping, `unknown` or `missing`")
    document = {key: value for key, value in entry.items() if key not in (FACTS, "unread")}
    unread = [Unread(part, Problem.DENIED, "made unreadable by the example") for part in entry.get("unread", ())]
    facts = dict.fromkeys(names, None) | (entry.get(FACTS) or {})
    return Subject(kind=link.kind, config=document, facts=facts, unread=unread)
