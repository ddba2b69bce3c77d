"""Questions that could not be answered: which rule, for which assets, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, F, Func, Sum
from django.utils import timezone

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from findings.posture.engine import Subject, judge
from findings.posture.models import Judgement, Tally
from findings.posture.queries.in_force import rulebook
from findings.posture.queries.reading import reading_of
from findings.posture.queries.subjects import Row, load
from findings.posture.rule import Outcome, RuleSet
from inventory.models import Source

ASSETS_ASKED = 60


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why a rule has no answer for one asset, judged now."""

    asset_id: UUID
    asset_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One rule without an answer for so many assets; `answers` names the first of them."""

    rule_id: str
    title: str
    severity: int
    number: int
    answers: Sequence[NoAnswer]

    @property
    def more(self) -> int:
        return max(0, self.number - len(self.answers))


class _HasUnknown(Func):
    """Whether any verdict is u."""

    function = "jsonb_path_exists"
    template = """%(function)s(%(expressions)s, '$.* ? (@ == "u")')"""
    output_field = BooleanField()


def unanswered(user: User, asked: int = ASSETS_ASKED) -> list[Unanswered]:
    """Rules with unknown verdicts, the gravest first; at most so many assets are asked for their reasons."""
    if not (user.may(Permission.READ_POSTURE) and user.may(Permission.READ_FINDINGS)):
        return []
    rules = list(
        Tally.objects.filter(unknown__gt=0)
        .order_by("-rule__severity", "rule_id")
        .values_list("rule_id", "rule__title", "rule__severity")
        .annotate(Sum("unknown"))
    )
    reasons = _reasons(asked) if rules else {}
    return [Unanswered(id, title, severity, n, reasons.get(id, ())) for id, title, severity, n in rules]


def _reasons(asked: int) -> Mapping[str, Sequence[NoAnswer]]:
    by_source: dict[UUID, list[UUID]] = defaultdict(list)
    rows = Judgement.objects.filter(_HasUnknown(F("verdicts")))
    for source_id, asset_id in rows.values_list("source_id", "asset_id")[:asked]:
        by_source[source_id].append(asset_id)
    found: dict[str, list[NoAnswer]] = defaultdict(list)
    rules = rulebook()
    for source in Source.objects.filter(pk__in=by_source):
        for loaded in load(by_source[source.pk], rules, reading_of(source)):
            for rule_id, answer in _unknown(loaded.row, rules, loaded.subject):
                found[rule_id].append(answer)
    return found


def _unknown(row: Row, rules: RuleSet, subject: Subject) -> Iterable[tuple[str, NoAnswer]]:
    asked = rules.for_kind(row.kind)
    for rule, verdict in zip(asked, judge(asked, subject, timezone.now(), explain=True), strict=True):
        if verdict.outcome is Outcome.UNKNOWN:
            yield rule.id, NoAnswer(row.id, row.name, verdict.reason)
