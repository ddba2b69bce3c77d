"""What the overview shows, in at most twelve queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from aispm.accounts.models import User
from aispm.core.templatetags.ui import link_to
from findings.posture import queries as posture
from findings.posture.models import Transition
from findings.posture.queries import Movement, Posture, StepPosture, Trend
from findings.posture.queries.posture import posture_of
from findings.posture.queries.sums import ALL, sums_by_area
from findings.posture.scoring import LEAST_COVERAGE
from findings.posture.ui.presenting import score_chart, severity_chart
from integrations import queries as integrations
from integrations.models import ACTIVE
from inventory import queries as inventory
from inventory.queries import SourceCoverage

TREND_DAYS = 30
FIXES, CHANGES, MOVES = 6, 8, 6
CHANGES_READ = 100


@dataclass(frozen=True, slots=True)
class StepCard:
    """One of the five cards."""

    step: StepPosture
    history: Sequence[int | None]
    lowest: bool

    @property
    def delta(self) -> int | None:
        known = [value for value in self.history if value is not None]
        return known[-1] - known[0] if len(known) > 1 else None


def overview_of(user: User) -> dict[str, Any]:
    """The context of the overview; its template says which of the states it is."""
    sources = inventory.coverage(user)
    if not sources:
        return {"template": "pages/welcome.html"}
    judged = [line.source.judged_at for line in sources if line.source.judged_at]
    if not judged:
        running = integrations.runs_for(user).filter(state__in=ACTIVE).order_by("-queued_at")
        return {"template": "pages/waiting.html", "sources": sources, "running": running}
    sums = sums_by_area(ALL)[ALL]
    now = posture_of(ALL, sums, min(judged))
    trend = posture.trend(user, days=TREND_DAYS)
    fixes = posture.what_first(user, FIXES, known=sums)
    week = timezone.now() - timedelta(days=7)
    return {
        "template": "pages/overview.html",
        "posture": now,
        "cards": _cards(now, trend),
        "radar": _radar(now),
        "trend": score_chart(trend, "overall"),
        "severities": severity_chart(trend),
        "fixes": fixes,
        "gains": any(fix.points for fix in fixes),
        "changes": _worst_first(posture.recent_transitions(user, CHANGES_READ)),
        "moves": _moves(posture.score_changes(user, since=week), _first_days(sources, trend)),
        "unseen": _unseen(sources),
        "unanswered": sum(step.unanswered for step in sums.values()),
        "thin": [line for line in sources if line.percent is not None and line.percent < LEAST_COVERAGE],
        "sources": sources,
    }


def _cards(now: Posture, trend: Trend) -> list[StepCard]:
    lowest = now.overall.lowest_step
    return [StepCard(step, trend.scores[step.slug], step.slug == lowest) for step in now.steps]


def _radar(now: Posture) -> dict[str, Any]:
    return {
        "columns": [_("Step"), _("Score")],
        "rows": [[step.slug.capitalize(), step.value] for step in now.steps],
        "links": {step.slug.capitalize(): link_to("posture:step", step.slug) for step in now.steps},
    }


def _first_days(sources: Sequence[SourceCoverage], trend: Trend) -> set[date]:
    """Days on which a source was new, or nothing had been scored before: what moves then is no change."""
    known = [day for day, score in zip(trend.days, trend.scores["overall"], strict=True) if score is not None]
    started = known[:1] if known and known[0] != trend.days[0] else []
    return {line.source.created_at.date() for line in sources} | set(started)


def _moves(moves: Sequence[Movement], first_days: Set[date]) -> Sequence[Movement]:
    """Movements of steps that lasted, since there is something to compare with: a first score is no movement."""
    return [m for m in moves if m.before is not None and m.points and m.at.date() not in first_days][:MOVES]


def _worst_first(changes: Iterable[Transition]) -> list[Transition]:
    """Of the latest changes, those of the gravest findings."""
    return sorted(changes, key=lambda change: (-change.finding.severity, -change.finding.priority))[:CHANGES]


@dataclass(frozen=True, slots=True)
class Unseen:
    """What could not be read of one source."""

    line: SourceCoverage
    scopes: int
    permissions: Sequence[str]


def _unseen(sources: Sequence[SourceCoverage]) -> list[Unseen]:
    found = [
        Unseen(line, len(line.problems), sorted({scope.permission for scope in line.problems if scope.permission}))
        for line in sources
        if line.problems
    ]
    return sorted(found, key=lambda entry: -entry.scopes)
