"""One row for one problem for ever, and everything that ever happened to it."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from aispm.core.models import Identified
from findings.posture.models.rule import Rule
from inventory.models import Asset, Source


class Severity(models.IntegerChoices):
    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")
    CRITICAL = 4, _("Critical")


class Status(models.TextChoices):
    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    RESOLVED = "resolved", _("Resolved")


class Resolution(models.TextChoices):
    FIXED = "fixed", _("Fixed")
    ASSET_GONE = "asset-gone", _("Asset gone")
    NOT_CHOSEN = "not-chosen", _("Region no longer chosen")
    RULE_CHANGED = "rule-changed", _("Rule changed")
    RULE_WITHDRAWN = "rule-withdrawn", _("Rule withdrawn")
    NOT_APPLICABLE = "not-applicable", _("No longer applies")


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: User) -> FindingQuerySet:
        return self if user.may(Permission.READ_FINDINGS) else self.none()

    def open(self) -> FindingQuerySet:
        return self.filter(status=Status.OPEN)


OPEN = Q(status="open")


class Finding(Identified):
    """A rule fails on an asset. The fingerprint makes it the same finding for ever."""

    fingerprint = models.CharField(max_length=40)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, db_index=False, related_name="findings")
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="findings")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_index=False, related_name="findings")
    discriminator = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=200)
    step = models.CharField(max_length=16)
    severity = models.PositiveSmallIntegerField(choices=Severity)
    environment = models.CharField(max_length=16)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    resolution = models.CharField(max_length=16, choices=Resolution, blank=True)
    stale = models.BooleanField(default=False, help_text=_("Still open, but its inputs can no longer be read"))
    stale_reason = models.CharField(max_length=300, blank=True)
    evidence = models.JSONField(default=dict, help_text=_("The values read: {path: value}"))
    priority = models.PositiveSmallIntegerField(default=0, help_text=_("0 to 100"))
    factors = models.JSONField(default=list, help_text=_("[{name, value, points, source}]"))
    fix_key = models.CharField(max_length=160, blank=True, help_text=_("Findings with one key are fixed by one change"))
    search = SearchVectorField(null=True, editable=False)
    opened_at = models.DateTimeField(help_text=_("When it was last opened or reopened"))
    first_seen = models.DateTimeField()
    changed_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("fingerprint",), name="finding_fingerprint"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="finding_status_known"),
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False) & ~Q(resolution="")
                | ~Q(status="resolved") & Q(resolved_at=None, resolution=""),
                name="finding_resolution_complete",
            ),
            models.CheckConstraint(condition=Q(priority__lte=100), name="finding_priority_range"),
        ]
        indexes = [
            models.Index(fields=("status", "-priority", "-id"), name="finding_by_priority"),
            models.Index(fields=("status", "-severity", "-priority", "-id"), name="finding_by_severity"),
            models.Index(fields=("status", "-opened_at", "-id"), name="finding_by_opened"),
            models.Index(fields=("status", "due_at", "id"), name="finding_by_due"),
            models.Index(fields=("status", "step", "-severity", "-priority", "-id"), name="finding_by_step"),
            models.Index(fields=("rule", "status", "-priority", "-id"), name="finding_by_rule"),
            models.Index(fields=("source", "status", "-priority", "-id"), name="finding_by_source"),
            models.Index(fields=("environment", "status", "-priority", "-id"), name="finding_by_environment"),
            models.Index(fields=("status", "-priority", "-id"), condition=Q(stale=True), name="finding_stale"),
            models.Index(fields=("-changed_at", "-id"), name="finding_by_change"),
            GinIndex(fields=("search",), name="finding_search"),
        ]

    def __str__(self) -> str:
        return self.title


class Transition(Identified):
    """Append-only: one change of one finding, and why."""

    class Cause(models.TextChoices):
        NEW = "new", _("First seen")
        FIX = "fix", _("Fixed")
        REGRESSION = "regression", _("Came back")
        ASSET_GONE = "asset-gone", _("Asset gone")
        RULE_CHANGED = "rule-changed", _("Rule changed")
        NOT_APPLICABLE = "not-applicable", _("No longer applies")
        COVERAGE_LOST = "coverage-lost", _("Can no longer be read")
        COVERAGE_BACK = "coverage-back", _("Can be read again")

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, db_index=False, related_name="transitions")
    at = models.DateTimeField()
    before = models.CharField(max_length=10, blank=True)
    after = models.CharField(max_length=10)
    cause = models.CharField(max_length=16, choices=Cause)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    run = models.UUIDField(null=True, help_text=_("The run that saw it"))
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=("finding", "-at", "-id"), name="transition_by_finding"),
            models.Index(fields=("-at", "-id"), name="transition_by_time"),
        ]
