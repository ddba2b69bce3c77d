"""What posture adds to the inventory's pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Count
from django.utils.safestring import SafeString

from aispm.accounts.models import User
from findings.posture import queries
from findings.posture.templatetags.posture import severity_counts
from inventory.models import Asset
from inventory.ui.panels import Panel, add_column, add_coverage_panel, add_panel

OPEN_GROUPS = ("fail", "unknown")


def verdict_panel(user: User, asset: Asset, brief: bool) -> Panel:
    """Open findings, and every rule's answer at this moment."""
    findings = queries.findings_for(user).open().filter(asset=asset).order_by("-priority", "-id")[:100]
    answers: dict[str, list[queries.LiveVerdict]] = defaultdict(list)
    for answer in queries.live_verdicts(user, asset):
        answers[answer.outcome.value].append(answer)
    groups = [
        {"outcome": outcome, "answers": found, "open": outcome in OPEN_GROUPS and not brief}
        for outcome, found in answers.items()
    ]
    return Panel("posture/_asset_panel.html", {"findings": list(findings), "groups": groups, "brief": brief})


def paths_panel(user: User, asset: Asset, brief: bool) -> Panel:
    """Attack paths that start at the asset or pass it."""
    return Panel("posture/_asset_paths.html", {"passing": queries.paths_through(user, asset)})


def open_counts(user: User, assets: Sequence[Asset]) -> Mapping[UUID, SafeString]:
    """Open findings of each asset by severity, as badges."""
    rows = (
        queries.findings_for(user)
        .open()
        .filter(asset__in=[asset.pk for asset in assets])
        .order_by()
        .values_list("asset_id", "severity")
        .annotate(Count("pk"))
    )
    counts: dict[UUID, dict[int, int]] = defaultdict(dict)
    for asset_id, severity, number in rows:
        counts[asset_id][severity] = number
    return {asset_id: severity_counts(found) for asset_id, found in counts.items()}


def unanswered_panel(user: User) -> Panel:
    """The questions behind the missing percent of the coverage that stands beside a score."""
    rules = queries.unanswered(user)
    return Panel("posture/_unanswered.html", {"rules": rules, "number": sum(rule.number for rule in rules)})


def register() -> None:
    """Called when the app starts."""
    add_panel(paths_panel)
    add_panel(verdict_panel)
    add_coverage_panel(unanswered_panel)
    add_column(open_counts)
