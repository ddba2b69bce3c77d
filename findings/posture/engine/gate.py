"""Which declared paths could not be read, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from findings.posture.engine.subject import Subject
from findings.posture.rule import LinkRead, Read, Rule
from findings.posture.rule.paths import ASSET, ELEMENT, FACTS
from inventory.documents import Unread
from inventory.facts.estate import Dangling
from inventory.facts.registry import parts_of_view
from inventory.provenance import link_untold


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is not known of one subject: facts by name, and whether anything else is missing."""

    facts: frozenset[str]
    other: bool

    def __bool__(self) -> bool:
        return self.other or bool(self.facts)


@dataclass(frozen=True, slots=True)
class Needs:
    """What of a subject a rule depends on; the quick question before the exact one."""

    facts: frozenset[str]
    links: bool

    def touched_by(self, gaps: Gaps) -> bool:
        """Whether the rule's inputs may be missing something."""
        return self.links or gaps.other or not self.facts.isdisjoint(gaps.facts)


def gaps_of(subject: Subject, facts: Iterable[str]) -> Gaps:
    """`facts`: the names that some rule reads."""
    known = subject.facts
    missing = [name for name in facts if name not in known or _is_unknown(known[name])]
    return Gaps(frozenset(missing), bool(subject.unread or subject.unreadable or subject.broken))


def needs_of(rule: Rule) -> Needs:
    return Needs(frozenset(read.part for read in rule.reads if read.root == FACTS), bool(rule.links))


def unknown_reads(rule: Rule, subject: Subject) -> dict[str, str]:
    """{declared path: why it is not known} for the paths that could not be read."""
    found: dict[str, str] = {}
    for alias, link in rule.links.items():
        if reason := _link_unknown(link, subject):
            found[alias] = reason
    for read in rule.reads:
        if reason := _read_unknown(read, rule, subject):
            found[read.text] = reason
    return found


def _read_unknown(read: Read, rule: Rule, subject: Subject) -> str | None:
    if read.root == ASSET:
        return unread_reason(subject, read.part)
    if read.root == FACTS:
        return fact_unknown(subject.facts, read.part)
    if read.root in rule.links:
        return _alias_unknown(read, rule.links[read.root], subject)
    unread = (unread_reason(subject, part) for part in parts_of_view(subject.kind, read.root))
    return next(filter(None, unread), None) or subject.broken.get(read.root)


def _alias_unknown(read: Read, link: LinkRead, subject: Subject) -> str | None:
    steps = read.steps[1:] if read.steps[:1] == (ELEMENT,) else read.steps
    if not steps:
        return None
    for target in matching(link, subject):
        if isinstance(target, Dangling):
            continue
        if target.unreadable:
            return target.unreadable
        if steps[0] == FACTS:
            reason = fact_unknown(target.facts, steps[1]) if len(steps) > 1 else None
        else:
            reason = unread_reason(target, steps[0])
        if reason:
            return reason
    return None


def _link_unknown(link: LinkRead, subject: Subject) -> str | None:
    untold = link_untold(subject.kind, subject.config, subject.unread, link.type, link.kind)
    if untold is not None:
        return _explain(untold.part, untold)
    if link.type in subject.unseen:
        return subject.unseen[link.type]
    targets = matching(link, subject)
    for target in targets:
        if isinstance(target, Subject) and target.unreadable:
            return target.unreadable
        if isinstance(target, Dangling) and not target.complete:
            return f"The asset {target.ref[:120]} ({link.type}) was not collected."
    present = [target for target in targets if isinstance(target, Subject)]
    if not link.many and len(present) > 1:
        return f"There are {len(present)} links {link.type}; the rule expects one."
    return None


def matching(link: LinkRead, subject: Subject) -> list[Subject | Dangling]:
    """The link's targets that are of the kind the rule asks for."""
    targets = subject.linked.get(link.type, ())
    return [target for target in targets if not link.kind or target.kind in (link.kind, "")]


def unread_reason(subject: Subject, part: str) -> str | None:
    """Why a top-level field of a document is not known."""
    for unread in subject.unread:
        if unread.part == part or (not unread.part and part not in subject.config):
            return _explain(part, unread)
    return None


def fact_unknown(facts: Mapping[str, Any], name: str) -> str | None:
    """Why a fact is not known; a fact that was never derived is not known either."""
    if name not in facts:
        return f"The fact {name} has not been derived yet."
    return str(facts[name]["unknown"]) if _is_unknown(facts[name]) else None


def _is_unknown(value: Any) -> bool:
    return type(value) is dict and len(value) == 1 and "unknown" in value


def _explain(part: str, unread: Unread) -> str:
    detail = unread.message or unread.problem.value
    permission = f" Missing permission: {unread.permission}." if unread.permission else ""
    return f"{part or 'The document'} could not be read: {detail}.{permission}"
