"""The lineage of an asset as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.lineage import Stage
from inventory.queries import Descent, Hop, LineageStep, Lost


class StageField(serializers.ChoiceField):
    """A stage by its name in small letters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[stage.name.lower() for stage in Stage], **options)

    def to_representation(self, value: Any) -> str:
        return str(value.name).lower()


class LineageStepSerializer(serializers.Serializer[LineageStep]):
    id = serializers.UUIDField(source="asset.pk")
    source: Any = serializers.UUIDField(source="asset.source_id")
    kind = serializers.CharField(source="asset.kind")
    external_id = serializers.CharField(source="asset.external_id")
    name = serializers.CharField(source="asset.name")
    ai_role = serializers.CharField(source="asset.ai_role")
    stage = StageField()
    distance = serializers.IntegerField(help_text="Links from the asset asked about; below 0 it comes before")


class LineageHopSerializer(serializers.Serializer[Hop]):
    first = serializers.CharField(help_text="What comes first: the id of an asset, or a reference")
    then = serializers.CharField(help_text="What comes after it")
    type = serializers.CharField(source="link.type")
    derived = serializers.BooleanField(source="link.derived")


class LineageLostSerializer(serializers.Serializer[Lost]):
    ref = serializers.CharField(source="key")
    kind = serializers.CharField(source="link.target_kind")
    stage = StageField()
    missing = serializers.BooleanField(help_text="It does not exist; otherwise nobody looked there")
    elsewhere = serializers.BooleanField(help_text="It is in another account")


class LineageSerializer(serializers.Serializer[Descent]):
    """Where an asset comes from and what depends on it, along lineage only."""

    assets: Any = serializers.SerializerMethodField()
    hops: Any = serializers.SerializerMethodField()
    dangling: Any = serializers.SerializerMethodField()
    more = serializers.BooleanField(help_text="There is more than is followed")
    unread = serializers.CharField(help_text="Why some of it may be unknown; empty when everything was read")

    @extend_schema_field(LineageStepSerializer(many=True))
    def get_assets(self, descent: Descent) -> Any:
        return [LineageStepSerializer(step).data for step in descent.steps.values()]

    @extend_schema_field(LineageHopSerializer(many=True))
    def get_hops(self, descent: Descent) -> Any:
        return [LineageHopSerializer(hop).data for hop in descent.hops.values()]

    @extend_schema_field(LineageLostSerializer(many=True))
    def get_dangling(self, descent: Descent) -> Any:
        return [LineageLostSerializer(lost).data for lost in descent.lost.values()]
