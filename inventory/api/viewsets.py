"""Reading the inventory."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from aispm.accounts.api.views import ScopedReadOnlyViewSet, user_of
from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from inventory import queries
from inventory.api.lineage import LineageSerializer
from inventory.api.serializers import (
    AssetDetailSerializer,
    AssetSerializer,
    LinkSerializer,
    ScopeSerializer,
    SourceSerializer,
)
from inventory.filters import AssetFilter, LinkFilter, ScopeFilter
from inventory.models import Asset, Link, Scope, Source


class SourceViewSet(ScopedReadOnlyViewSet[Source]):
    """AWS accounts and clusters."""

    serializer_class = SourceSerializer
    queryset = Source.objects.none()
    permissions = {"list": Permission.READ_SOURCES, "retrieve": Permission.READ_SOURCES}

    def rows_for(self, user: User) -> QuerySet[Source]:
        return queries.sources_for(user)


class ScopeViewSet(ScopedReadOnlyViewSet[Scope]):
    """The parts of a source that are complete or not, and why not."""

    serializer_class, filterset_class = ScopeSerializer, ScopeFilter
    queryset = Scope.objects.none()
    permissions = {"list": Permission.READ_SOURCES, "retrieve": Permission.READ_SOURCES}

    def rows_for(self, user: User) -> QuerySet[Scope]:
        return queries.scopes_for(user)


class AssetViewSet(ScopedReadOnlyViewSet[Asset]):
    """What exists. A list gives rows without their documents; one asset comes whole."""

    filterset_class = AssetFilter
    queryset = Asset.objects.none()
    sorts = {"name": ("name", "id"), "-changed_at": ("-changed_at", "-id"), "-first_seen": ("-first_seen", "-id")}
    permissions = {
        "list": Permission.READ_INVENTORY,
        "retrieve": Permission.READ_INVENTORY,
        "lineage": Permission.READ_INVENTORY,
    }

    def rows_for(self, user: User) -> QuerySet[Asset]:
        return queries.assets_for(user)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return AssetDetailSerializer if self.action == "retrieve" else AssetSerializer

    @extend_schema(responses=LineageSerializer)
    @action(detail=True)
    def lineage(self, request: Request, pk: str) -> Response:
        """Where an asset comes from and what depends on it, along lineage only."""
        descent = queries.descent_of(user_of(request), self.get_object())
        return Response(LineageSerializer(descent).data)


class LinkViewSet(ScopedReadOnlyViewSet[Link]):
    """How assets are connected."""

    serializer_class, filterset_class = LinkSerializer, LinkFilter
    queryset = Link.objects.none()
    permissions = {"list": Permission.READ_INVENTORY, "retrieve": Permission.READ_INVENTORY}

    def rows_for(self, user: User) -> QuerySet[Link]:
        return queries.links_for(user)
