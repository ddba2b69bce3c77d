"""Assets, what they were before, and what they are connected to."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from aispm.core.models import Identified
from inventory.models.source import Environment, Scope, Source


class Exposure(models.TextChoices):
    INTERNET = "internet", _("Internet")
    INTERNAL = "internal", _("Internal")
    UNKNOWN = "unknown", _("Not known")
    NONE = "none", _("Does not apply")


AI = models.Q(gone_at=None) & ~models.Q(ai_role="")
UNDERIVED = models.Q(facts_digest="") | models.Q(derive_mark__isnull=False)
"""Has to be derived: never was, or something moved since."""


class AssetQuerySet(models.QuerySet["Asset"]):
    def visible_to(self, user: User) -> AssetQuerySet:
        return self if user.may(Permission.READ_INVENTORY) else self.none()

    def present(self) -> AssetQuerySet:
        return self.filter(gone_at=None)

    def ai(self) -> AssetQuerySet:
        return self.exclude(ai_role="")


class Asset(Identified):
    """One thing that exists in a source. Identity: (source, kind, external_id)."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_index=False, related_name="assets")
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="scoped_assets")
    kind = models.CharField(max_length=80)
    external_id = models.CharField(max_length=700)
    name = models.CharField(max_length=260)
    place = models.CharField(max_length=120, default="-", help_text=_("Region or namespace"))
    config = models.JSONField(default=dict)
    config_digest = models.CharField(max_length=32)
    unread = models.JSONField(default=list, blank=True, help_text=_("[{part, problem, message, permission}]"))
    tags = models.JSONField(default=dict, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    facts_digest = models.CharField(
        max_length=32, blank=True, help_text=_("Of what was derived, then of the links; empty: never derived")
    )
    derive_mark = models.UUIDField(null=True, editable=False, help_text=_("Derive again; a new one each time"))
    ai_role = models.CharField(max_length=24, blank=True)
    ai_product = models.CharField(max_length=80, blank=True)
    ai_confidence = models.PositiveSmallIntegerField(default=0, help_text=_("0 to 100"))
    ai_evidence = models.JSONField(default=list, blank=True)
    exposure = models.CharField(max_length=12, choices=Exposure, default=Exposure.UNKNOWN)
    data_class = models.CharField(max_length=24, blank=True)
    environment = models.CharField(max_length=16, choices=Environment, default=Environment.UNKNOWN)
    criticality = models.PositiveSmallIntegerField(default=2)
    owner = models.CharField(max_length=120, blank=True)
    search = SearchVectorField(null=True, editable=False)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField(help_text=_("Last write; a complete scope vouches for later times"))
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("source", "kind", "external_id"), name="asset_identity"),
            models.CheckConstraint(condition=models.Q(criticality__range=(1, 3)), name="asset_criticality_range"),
            models.CheckConstraint(condition=models.Q(ai_confidence__lte=100), name="asset_confidence_range"),
        ]
        indexes = [
            models.Index(fields=("name", "id"), condition=models.Q(gone_at=None), name="asset_by_name"),
            models.Index(fields=("kind", "name", "id"), condition=models.Q(gone_at=None), name="asset_by_kind"),
            models.Index(fields=("ai_role", "name", "id"), condition=models.Q(gone_at=None), name="asset_by_role"),
            models.Index(fields=("-changed_at", "-id"), condition=models.Q(gone_at=None), name="asset_by_change"),
            models.Index(fields=("-first_seen", "-id"), condition=models.Q(gone_at=None), name="asset_by_first_seen"),
            models.Index(fields=("external_id",), name="asset_by_external_id"),
            models.Index(fields=("name", "id"), condition=AI, name="asset_ai_by_name"),
            models.Index(fields=("-changed_at", "-id"), condition=AI, name="asset_ai_by_change"),
            models.Index(fields=("-first_seen", "-id"), condition=AI, name="asset_ai_by_first_seen"),
            models.Index(fields=("name", "id"), condition=models.Q(gone_at__isnull=False), name="asset_gone_by_name"),
            models.Index(fields=("source",), condition=UNDERIVED, name="asset_underived"),
            models.Index(
                fields=("kind", "ai_role", "exposure", "environment", "source", "owner"),
                condition=models.Q(gone_at=None),
                name="asset_counts",
            ),
            GinIndex(fields=("search",), name="asset_search"),
        ]

    def __str__(self) -> str:
        return self.name


class LinkQuerySet(models.QuerySet["Link"]):
    def visible_to(self, user: User) -> LinkQuerySet:
        return self if user.may(Permission.READ_INVENTORY) else self.none()


class Revision(Identified):
    """An earlier config of an asset, kept as the patch that turns the next one back into it."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, db_index=False, related_name="revisions")
    at = models.DateTimeField(help_text=_("When this config was replaced"))
    patch = models.JSONField(help_text=_("[[path, old value]] or [[path]] for a path that did not exist before"))

    class Meta:
        indexes = [models.Index(fields=("asset", "-at", "-id"), name="revision_by_asset")]


class Link(Identified):
    """A typed edge. Without `target` it dangles: the referenced thing was not collected, which is itself a fact."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="links")
    origin = models.ForeignKey(Asset, on_delete=models.CASCADE, db_index=False, related_name="links_out")
    type = models.CharField(max_length=32)
    target_kind = models.CharField(max_length=80, blank=True)
    target_ref = models.CharField(max_length=700)
    target = models.ForeignKey(Asset, on_delete=models.SET_NULL, null=True, related_name="links_in")
    derived = models.BooleanField(default=False, help_text=_("Worked out from several documents, not stated in one"))

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("origin", "type", "target_kind", "target_ref"), name="link_identity"),
        ]
        indexes = [
            models.Index(fields=("target_ref",), condition=models.Q(target=None), name="link_dangling"),
        ]
