"""Who follows the changes of a cluster, and how far."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from aispm.core.models import Identified
from inventory.models import Source


class WatchQuerySet(models.QuerySet["Watch"]):
    def visible_to(self, user: User) -> WatchQuerySet:
        return self if user.may(Permission.READ_SOURCES) else self.none()

    def held(self) -> WatchQuerySet:
        """Those of which somebody sees to what they change."""
        return self.filter(lease_until__gt=timezone.now())


class Watch(Identified):
    """One process follows a cluster, by renewing `lease_until`; whoever stops loses it to the next."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="watch")
    holder = models.UUIDField(null=True, help_text=_("Token of the process that holds the lease"))
    lease_until = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True, help_text=_("Since when changes are told; empty while they are not"))
    live = models.PositiveIntegerField(default=0, help_text=_("Kinds that are followed"))
    missing = models.JSONField(default=list, help_text=_("Permissions without which other kinds are not"))
    trouble = models.TextField(blank=True, help_text=_("What else is in the way"))

    objects = WatchQuerySet.as_manager()

    @property
    def is_held(self) -> bool:
        return self.lease_until is not None and self.lease_until > timezone.now()
