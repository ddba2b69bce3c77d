"""Inventory as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from aispm.core.sparse import SparseSerializer
from inventory.models import Asset, Link, Scope, Source


class SourceSerializer(SparseSerializer[Source]):
    class Meta:
        model = Source
        fields = (
            "id", "kind", "external_id", "name", "environment", "criticality", "owner", "created_at",
            "collected_at", "judged_at",
        )  # fmt: skip
        read_only_fields = fields


class ScopeSerializer(SparseSerializer[Scope]):
    class Meta:
        model = Scope
        fields = (
            "id", "source", "region", "collector", "state", "problem", "message", "permission", "calls",
            "seconds", "assets", "attempted_at", "complete_at",
        )  # fmt: skip
        read_only_fields = fields


class AssetSerializer(SparseSerializer[Asset]):
    """One row of the asset list."""

    class Meta:
        model = Asset
        fields: tuple[str, ...] = (
            "id", "source", "kind", "external_id", "name", "place", "ai_role", "ai_product", "ai_confidence",
            "exposure", "data_class", "environment", "criticality", "owner", "tags", "first_seen", "last_seen",
            "changed_at", "gone_at",
        )  # fmt: skip
        read_only_fields = fields


class AssetDetailSerializer(AssetSerializer):
    """One asset with its document, what could not be read, facts and evidence."""

    who_can: Any = serializers.SerializerMethodField(
        help_text="Who can do what to it, all policies counted, and what that takes for granted"
    )

    class Meta(AssetSerializer.Meta):
        fields = (*AssetSerializer.Meta.fields, "config", "unread", "facts", "ai_evidence", "who_can")
        read_only_fields = fields

    def get_who_can(self, asset: Asset) -> dict[str, Any] | None:
        """Nothing for kinds that are not asked about; `unknown` tells why nothing is known."""
        said: dict[str, Any] | None = asset.facts.get("who_can")
        return said or None


class LinkSerializer(SparseSerializer[Link]):
    dangling: Any = serializers.SerializerMethodField(help_text="The referenced thing was not collected")

    class Meta:
        model = Link
        fields = ("id", "source", "origin", "type", "target", "target_kind", "target_ref", "derived", "dangling")
        read_only_fields = fields

    def get_dangling(self, link: Link) -> bool:
        return link.target_id is None
