"""What the rules say about manifests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from findings.posture.engine import Verdict
from findings.posture.engine.unstored import Judged, judge_unstored
from findings.posture.rule import Outcome, Rule, RuleSet
from integrations.base import Page
from integrations.kubernetes.manifests.files import Trouble
from integrations.kubernetes.manifests.lists import Manifests, Place
from integrations.kubernetes.reader import RUNNING
from integrations.kubernetes.resources import RESOURCES
from integrations.kubernetes.sweep import Sweep
from inventory.documents import Observed, Problem, ScopeOutcome, ScopeView, Unread

NOT_RUNNING = tuple(
    Unread(part, Problem.OTHER, "Manifests do not say what runs in the cluster") for part in (RUNNING, "status")
)
HOMELESS = "The manifest names no namespace; --namespace says where it will be."


@dataclass(frozen=True, slots=True)
class Answer:
    """One rule's answer on one object; with a discriminator, on one part of it."""

    rule: Rule
    judged: Judged
    place: Place
    verdict: Verdict
    discriminator: str = ""

    @property
    def object(self) -> str:
        """`Deployment team-a/chat`; without a namespace where the manifest has none."""
        seen = self.judged.seen
        name = seen.name if self.place.homeless else seen.external_id
        return f"{seen.config['kind']} {name}"


@dataclass(frozen=True, slots=True)
class Report:
    """All that came out. `unasked`: kinds that no rule looks at, with their number."""

    objects: int
    findings: Sequence[Answer]
    unknown: Sequence[Answer]
    passed: int
    troubles: Sequence[Trouble]
    passed_by: Sequence[str]
    unasked: Sequence[tuple[str, int]]

    def worst(self) -> int:
        return max((answer.rule.severity for answer in self.findings), default=0)


def check(manifests: Manifests, rules: RuleSet, now: datetime) -> Report:
    """Judges the objects as if they had been collected from a cluster that tells only of these."""
    seen, scopes, refused = _collected(manifests)
    answers: list[Answer] = []
    for judged in judge_unstored(seen, scopes, rules, now):
        place = manifests.places[judged.seen.kind, judged.seen.external_id]
        answers += _answers(judged, place, rules)
    findings = [one for one in answers if one.verdict.outcome is Outcome.FAIL]
    unknown = [one for one in answers if one.verdict.outcome is Outcome.UNKNOWN]
    return Report(
        objects=len(seen),
        findings=sorted(findings, key=_gravest_first),
        unknown=sorted(unknown, key=_gravest_first),
        passed=sum(one.verdict.outcome is Outcome.PASS for one in answers),
        troubles=sorted({*manifests.troubles, *refused}),
        passed_by=sorted(manifests.passed_by),
        unasked=sorted(manifests.unasked.items()),
    )


def _gravest_first(answer: Answer) -> tuple[int, str, int, str, str]:
    return -answer.rule.severity, answer.place.file, answer.place.line, answer.rule.id, answer.discriminator


def _collected(manifests: Manifests) -> tuple[list[Observed], list[ScopeView], list[Trouble]]:
    seen: list[Observed] = []
    scopes: list[ScopeView] = []
    for part in Sweep(manifests, RESOURCES, workers=1).run(lambda: False):
        if isinstance(part, ScopeOutcome):
            scopes.append(ScopeView(part.key.region, part.key.collector, part.state))
        else:
            seen += _as_manifests(part, manifests)
    known = {(one.kind, one.external_id) for one in seen}
    refused = [
        Trouble(place.file, place.line, "This object has an unexpected form, or belongs to another one.")
        for identity, place in manifests.places.items()
        if identity not in known
    ]
    return seen, scopes, refused


def _as_manifests(page: Page, manifests: Manifests) -> Iterator[Observed]:
    for one in page.assets:
        config = {name: value for name, value in one.config.items() if name not in (RUNNING, "status")}
        if manifests.places[one.kind, one.external_id].homeless:
            config["metadata"] = {k: v for k, v in config["metadata"].items() if k != "namespace"}
        unread = [part for part in one.unread if part.part not in (RUNNING, "status")]
        yield replace(one, config=config, unread=(*unread, *NOT_RUNNING))


def _answers(judged: Judged, place: Place, rules: RuleSet) -> Iterable[Answer]:
    for verdict in judged.verdicts:
        rule = rules.by_id[verdict.rule_id]
        if place.homeless and verdict.outcome is not Outcome.NOT_APPLICABLE and _asks_where(rule):
            yield Answer(rule, judged, place, Verdict(rule.id, Outcome.UNKNOWN, HOMELESS))
        else:
            yield from (Answer(rule, judged, place, verdict, name) for name in verdict.discriminators or ("",))


def _asks_where(rule: Rule) -> bool:
    return any(read.text == "facts.place" for read in rule.reads)
