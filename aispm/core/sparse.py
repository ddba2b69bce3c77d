"""Serializers that give only the fields that `?fields=` names."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model
from rest_framework.serializers import ModelSerializer

from aispm.core.errors import Invalid

M = TypeVar("M", bound=Model)


class SparseSerializer(ModelSerializer[M]):
    """A read-only serializer; `?fields=a,b` narrows it, an unknown name is an error."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        wanted = request.query_params.get("fields", "") if request is not None and self.parent_is_top() else ""
        if not wanted:
            return fields
        names = [name.strip() for name in wanted.split(",") if name.strip()]
        if unknown := [name for name in names if name not in fields]:
            raise Invalid(f"No such field: {', '.join(unknown)}. There are: {', '.join(fields)}.", where="fields")
        return {name: fields[name] for name in names}

    def parent_is_top(self) -> bool:
        parent: Any = self.parent
        return parent is None or (parent.parent is None and getattr(parent, "many", False))
