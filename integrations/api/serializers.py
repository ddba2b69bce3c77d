"""Runs, connections and members of organizations as JSON."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from aispm.core.sparse import SparseSerializer
from integrations.models import Connection, Run
from integrations.queries import Standing
from integrations.services import MemberAccess
from inventory.models import Environment, Source


class RunSerializer(SparseSerializer[Run]):
    class Meta:
        model = Run
        fields = (
            "id", "source", "purpose", "origin", "state", "phase", "queued_at", "started_at", "finished_at",
            "cancel_requested_at", "attempts", "calls", "scopes_done", "scopes_total", "scopes_unread",
            "assets_seen", "assets_new", "assets_changed", "assets_gone", "findings_opened", "findings_resolved",
            "error",
        )  # fmt: skip
        read_only_fields = fields


class ConnectionSerializer(SparseSerializer[Connection]):
    """How a source is reached, without anything secret."""

    settings = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        fields = ("id", "source", "kind", "settings", "every_minutes", "enabled", "next_due_at", "created_at")
        read_only_fields = fields

    def get_settings(self, connection: Connection) -> dict[str, Any]:
        return {name: value for name, value in connection.settings.items() if name != "members"}


class MemberSerializer(serializers.Serializer[Any]):
    """An account of the organization, and how it stands."""

    account = serializers.CharField()
    name = serializers.CharField()
    standing = serializers.ChoiceField(choices=[one.value for one in Standing])
    why = serializers.CharField()
    again_at = serializers.DateTimeField(allow_null=True, help_text="when one that refuses is asked again")
    source: Any = serializers.UUIDField(source="source.pk", allow_null=True, default=None)


class MembersRequestSerializer(serializers.Serializer[Any]):
    """Which members to connect, and how; without `accounts` all of them. What else is left out is as it was said
    before, or as with the account that lists them."""

    role_name = serializers.CharField(required=False, max_length=576)
    external_id = serializers.CharField(required=False, max_length=1224, allow_blank=True)
    accounts = serializers.ListField(child=serializers.RegexField(r"^\d{12}$"), required=False, allow_empty=False)
    regions = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    join = serializers.BooleanField(required=False, help_text="whether accounts that join later are connected too")
    environment = serializers.ChoiceField(choices=Environment.choices, required=False)
    criticality = serializers.IntegerField(min_value=1, max_value=3, required=False)
    owner = serializers.CharField(max_length=120, required=False, allow_blank=True)

    def access(self) -> MemberAccess:
        return MemberAccess(**self.validated_data)


class IdField(serializers.UUIDField):
    """An id, written as text: a number is none."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class RunRequestSerializer(serializers.Serializer[Source]):
    """Which source to collect, by id."""

    default_error_messages = {"invalid": _('Send one JSON object: {{"source": "<id of the source>"}}.')}
    source: Any = IdField()
