"""All rules on one asset, judged now, with the values read."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from findings.posture.engine import Verdict, judge
from findings.posture.queries.in_force import rulebook
from findings.posture.queries.reading import reading_of
from findings.posture.queries.subjects import load
from findings.posture.rule import Outcome, Rule
from inventory.models import Asset

ORDER = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class LiveVerdict:
    """A rule's answer for one asset, at this moment."""

    rule: Rule
    verdict: Verdict

    @property
    def outcome(self) -> Outcome:
        return self.verdict.outcome


def live_verdicts(user: User, asset: Asset) -> list[LiveVerdict]:
    """Failures first, then what is unknown, passes and what does not apply; the gravest rule first in each."""
    if not user.may(Permission.READ_FINDINGS):
        return []
    rules = rulebook()
    loaded = load([asset.pk], rules, reading_of(asset.source))
    if not loaded:
        return []
    asked = rules.for_kind(asset.kind)
    verdicts = judge(asked, loaded[0].subject, timezone.now(), explain=True)
    answers = [LiveVerdict(rule, verdict) for rule, verdict in zip(asked, verdicts, strict=True)]
    return sorted(answers, key=lambda one: (ORDER.index(one.outcome), -one.rule.severity, one.rule.id))
