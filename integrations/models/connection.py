"""How a source is reached."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from aispm.core.models import Identified
from inventory.models import Source


class ConnectionKind(models.TextChoices):
    AWS = "aws", _("AWS account")
    KUBERNETES = "kubernetes", _("Kubernetes cluster")
    SNAPSHOT = "snapshot", _("Cluster snapshot")


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def visible_to(self, user: User) -> ConnectionQuerySet:
        return self if user.may(Permission.READ_SOURCES) else self.none()


class Connection(Identified):
    """Credentials and settings for one source. The secret part is encrypted and never shown again."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="connection")
    kind = models.CharField(max_length=16, choices=ConnectionKind)
    settings = models.JSONField(default=dict, help_text=_("Regions, role, endpoint; nothing secret"))
    secret = models.BinaryField(null=True)
    every_minutes = models.PositiveIntegerField(default=360)
    enabled = models.BooleanField(default=True)
    next_due_at = models.DateTimeField(null=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(every_minutes__gte=1), name="connection_interval")]
