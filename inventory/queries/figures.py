"""Counts, and how completely everything was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, Sum

from aispm.accounts.models import User
from inventory.documents import ScopeState
from inventory.models import Asset, Scope, Source
from inventory.queries.people import scopes_for, sources_for

NOT_READ = (ScopeState.DENIED, ScopeState.INCOMPLETE, ScopeState.NEVER)
PROBLEMS_SHOWN = 1000


@dataclass(slots=True)
class Counts:
    """Present assets. `all_kinds` counts everything; `kind`, `role`, `exposure` … count AI assets."""

    total: int = 0
    ai: int = 0
    kind: Counter[str] = field(default_factory=Counter)
    role: Counter[str] = field(default_factory=Counter)
    exposure: Counter[str] = field(default_factory=Counter)
    environment: Counter[str] = field(default_factory=Counter)
    source: Counter[UUID] = field(default_factory=Counter)
    all_kinds: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class SourceCoverage:
    """How one source was read. `oldest_complete` is the scope that was read to its end longest ago."""

    source: Source
    states: Counter[str] = field(default_factory=Counter)
    assets: int = 0
    calls: int = 0
    oldest_complete: datetime | None = None
    problems: list[Scope] = field(default_factory=list)

    @property
    def scopes(self) -> int:
        """Scopes that could be read here."""
        return self.states.total() - self.states[ScopeState.NOT_OFFERED] - self.states[ScopeState.NOT_CHOSEN]

    @property
    def read(self) -> int:
        """Scopes read to their end."""
        return self.states[ScopeState.COMPLETE]

    @property
    def percent(self) -> int | None:
        """Scopes read to their end, of 100, never rounded up; None when there is none."""
        return 100 * self.read // self.scopes if self.scopes else None


def counts_for(user: User) -> Counts:
    """Present assets counted in one query."""
    columns = ("kind", "ai_role", "exposure", "environment", "source_id")
    rows = Asset.objects.visible_to(user).present().order_by().values_list(*columns).annotate(number=Count("*"))
    counts = Counts()
    for kind, role, exposure, environment, source, number in rows:
        counts.total += number
        counts.all_kinds[kind] += number
        if role:
            counts.ai += number
            counts.kind[kind] += number
            counts.role[role] += number
            counts.exposure[exposure] += number
            counts.environment[environment] += number
            counts.source[source] += number
    return counts


def kinds_not_read(user: User) -> set[str]:
    """Kinds that were not read to the end somewhere: more of them may be there than are known. One query."""
    rows = scopes_for(user).filter(state__in=NOT_READ).order_by()
    return set(rows.values_list("collector", flat=True).distinct())


def coverage(user: User) -> Sequence[SourceCoverage]:
    """Every source with how it was read: three queries."""
    found = {source.pk: SourceCoverage(source) for source in sources_for(user)}
    rows = (
        scopes_for(user)
        .order_by()
        .values_list("source_id", "state")
        .annotate(Count("pk"), Sum("assets"), Sum("calls"), Min("complete_at"))
    )
    for source, state, number, assets, calls, oldest in rows:
        line = found[source]
        line.states[state] += number
        line.assets += assets
        line.calls += calls
        if state == ScopeState.COMPLETE:
            line.oldest_complete = oldest
    for scope in scopes_for(user).filter(state__in=NOT_READ)[:PROBLEMS_SHOWN]:
        found[scope.source_id].problems.append(scope)
    return list(found.values())
