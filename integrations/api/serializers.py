"""Runs as JSON."""

from __future__ import annotations

from typing import Any

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


class RunRequestSerializer(serializers.Serializer[Source]):
    """Which source to collect, by id."""

    source: Any = serializers.UUIDField()
