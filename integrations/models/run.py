"""One collection and evaluation of one source, or its removal, held by a lease."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from aispm.core.models import Identified
from inventory.models import Source


class RunState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    COMPLETE = "complete", _("Complete")
    INCOMPLETE = "incomplete", _("Incomplete")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


ACTIVE = (RunState.QUEUED, RunState.RUNNING)
WAITING = "waiting"
"""Phase of a queued run that waits before it is tried again: nobody takes it up before its lease has run out."""


class Purpose(models.TextChoices):
    COLLECT = "collect", _("Collection")
    REMOVE = "remove", _("Removal")


class Origin(models.TextChoices):
    SCHEDULE = "schedule", _("on schedule")
    REQUEST = "request", _("on request")
    API = "api", _("through the API")
    CONNECT = "connect", _("after connecting")
    COMMAND = "command", _("from the terminal")
    WATCH = "watch", _("to follow changes from")


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user: User) -> RunQuerySet:
        return self if user.may(Permission.READ_SOURCES) else self.none()


class Run(Identified):
    """At most one is active for a source. A worker holds it by renewing `lease_until`."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState, default=RunState.QUEUED)
    phase = models.CharField(max_length=12, blank=True, help_text=_("waiting, collecting, deriving, judging, removing"))
    purpose = models.CharField(max_length=8, choices=Purpose, db_default=Purpose.COLLECT, default=Purpose.COLLECT)
    origin = models.CharField(max_length=8, choices=Origin, db_default=Origin.REQUEST, default=Origin.REQUEST)
    requested_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    holder = models.UUIDField(null=True, help_text=_("Token of the worker that holds the lease"))
    lease_until = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    calls = models.PositiveIntegerField(default=0)
    scopes_done = models.PositiveIntegerField(default=0)
    scopes_total = models.PositiveIntegerField(default=0)
    scopes_unread = models.PositiveIntegerField(default=0, help_text=_("Denied or incomplete"))
    assets_seen = models.PositiveIntegerField(default=0)
    assets_new = models.PositiveIntegerField(default=0)
    assets_changed = models.PositiveIntegerField(default=0)
    assets_gone = models.PositiveIntegerField(default=0)
    findings_opened = models.PositiveIntegerField(default=0)
    findings_resolved = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, help_text=_("What went wrong and what to do"))

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("source",), condition=Q(state__in=("queued", "running")), name="run_one_active"
            ),
        ]
        indexes = [models.Index(fields=("-queued_at", "-id"), name="run_by_time")]

    @property
    def permission(self) -> Permission:
        """Who may start such a run may call it off."""
        return Permission.MANAGE_SOURCES if self.purpose == Purpose.REMOVE else Permission.RUN_COLLECTION
