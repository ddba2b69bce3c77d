"""Uploaded cluster snapshots: kept in the database, because web and worker may run on different hosts."""

from __future__ import annotations

from django.db import models

from integrations.models.connection import Connection


class SnapshotPart(models.Model):
    """One slice (at most 1 MiB) of the uploaded archive, in order."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="snapshot_parts")
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("connection", "number"), name="snapshot_part_identity")]
        ordering = ("number",)
