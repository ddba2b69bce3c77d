"""Where assets come from, and how completely each part of it was read."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from aispm.core.models import Identified
from inventory.documents import ScopeState


class SourceKind(models.TextChoices):
    AWS = "aws", _("AWS account")
    KUBERNETES = "kubernetes", _("Kubernetes cluster")


class Environment(models.TextChoices):
    PRODUCTION = "production", _("Production")
    STAGING = "staging", _("Staging")
    DEVELOPMENT = "development", _("Development")
    UNKNOWN = "unknown", _("Not stated")


class SourceQuerySet(models.QuerySet["Source"]):
    def visible_to(self, user: User) -> SourceQuerySet:
        return self if user.may(Permission.READ_SOURCES) else self.none()


class Source(Identified):
    """One AWS account or one cluster."""

    kind = models.CharField(max_length=16, choices=SourceKind)
    external_id = models.CharField(
        max_length=200, help_text=_("Account id, or uid of the cluster's kube-system namespace")
    )
    name = models.CharField(max_length=120)
    environment = models.CharField(max_length=16, choices=Environment, default=Environment.UNKNOWN)
    criticality = models.PositiveSmallIntegerField(default=2)
    owner = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    collected_at = models.DateTimeField(null=True, help_text=_("End of the last collection that finished"))
    judged_at = models.DateTimeField(null=True)
    derived_digest = models.CharField(
        max_length=32,
        blank=True,
        help_text=_("Of the surroundings of the last derivation: completeness, defaults, code"),
    )
    rules_digest = models.CharField(max_length=64, blank=True, help_text=_("Rule set of the last evaluation"))

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("kind", "external_id"), name="source_identity"),
            models.CheckConstraint(condition=models.Q(criticality__range=(1, 3)), name="source_criticality_range"),
        ]
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class ScopeQuerySet(models.QuerySet["Scope"]):
    def visible_to(self, user: User) -> ScopeQuerySet:
        return self if user.may(Permission.READ_SOURCES) else self.none()


class Scope(Identified):
    """The unit that is complete or not: (source, region or `-`, collector)."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="scopes")
    region = models.CharField(max_length=40, default="-")
    collector = models.CharField(max_length=100)
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in ScopeState], default=ScopeState.NEVER)
    problem = models.CharField(max_length=16, blank=True)
    message = models.TextField(blank=True)
    permission = models.CharField(max_length=120, blank=True, help_text=_("The missing permission, where one is known"))
    calls = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    assets = models.PositiveIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    complete_at = models.DateTimeField(null=True, help_text=_("Last time it was read to its end"))

    objects = ScopeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("source", "region", "collector"), name="scope_identity"),
        ]
        ordering = ("collector", "region", "id")

    def __str__(self) -> str:
        return f"{self.collector} in {self.region}"
