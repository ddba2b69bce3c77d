"""Runs as JSON."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from aispm.core.sparse import SparseSerializer
from integrations.models import Run
from inventory.models import Source


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
