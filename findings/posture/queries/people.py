"""Rows that a person may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet, Sum

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from findings.posture.models import Finding, FindingQuerySet, Rule, Transition


def findings_for(user: User) -> FindingQuerySet:
    """Findings with their asset, its source and their rule; not the asset's document."""
    return with_words(Finding.objects.visible_to(user))


def with_words(rows: FindingQuerySet) -> FindingQuerySet:
    """With what a list shows of other tables."""
    heavy = ("search", "rule__document", "rule__kinds", "asset__config", "asset__facts", "asset__search")
    return rows.select_related("asset", "source", "rule").defer(*heavy)


LISTED = (
    "id", "fingerprint", "rule_id", "asset_id", "source_id", "discriminator", "title", "step", "severity",
    "environment", "status", "resolution", "stale", "stale_reason", "priority", "fix_key", "opened_at", "first_seen",
    "changed_at", "resolved_at", "due_at", "asset__kind", "asset__external_id", "asset__name", "asset__place",
    "asset__ai_role", "asset__exposure", "asset__owner", "source__name",
)  # fmt: skip


def findings_listed(user: User) -> FindingQuerySet:
    """Findings with what a row of a list shows of them, their asset and their source; nothing else is read."""
    return Finding.objects.visible_to(user).select_related("asset", "source").only(*LISTED)


def finding_for(user: User, pk: UUID) -> Finding | None:
    """One finding with everything of its asset and rule."""
    return Finding.objects.visible_to(user).select_related("asset__scope", "source", "rule").filter(pk=pk).first()


def transitions_of(finding: Finding) -> QuerySet[Transition]:
    """What happened to a finding, latest first."""
    return finding.transitions.select_related("actor").order_by("-at", "-id")


def recent_transitions(user: User, n: int = 20) -> QuerySet[Transition]:
    """The last n changes of any finding."""
    rows = Transition.objects.select_related("finding__asset", "finding__source", "actor")
    visible = rows if user.may(Permission.READ_FINDINGS) else rows.none()
    heavy = ("finding__search", "finding__asset__config", "finding__asset__facts", "finding__asset__search")
    return visible.defer(*heavy).order_by("-at", "-id")[:n]


TOTALS = ("passed", "failed", "unknown", "not_applicable", "open")


def rules_for(user: User) -> QuerySet[Rule]:
    """Rules in force with their verdicts and open findings in all: passed, failed, unknown, not_applicable, open."""
    return _rules(user).filter(withdrawn_at=None)


def rule_for(user: User, pk: str) -> Rule | None:
    """One rule as `rules_for` gives it; withdrawn ones too."""
    return _rules(user).filter(pk=pk).first()


def _rules(user: User) -> QuerySet[Rule]:
    rows = Rule.objects.all() if user.may(Permission.READ_POSTURE) else Rule.objects.none()
    return rows.annotate(**{name: Sum(f"tallies__{name}", default=0) for name in TOTALS})
