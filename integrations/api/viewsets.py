"""Reading, starting and cancelling runs; reading connections, and connecting the members of an organization."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from aispm.accounts.api.permissions import NamedPermission, permits
from aispm.accounts.api.views import ScopedReadOnlyViewSet, user_of
from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from integrations import queries, services, tasks
from integrations.api.serializers import (
    ConnectionSerializer,
    MemberSerializer,
    MembersRequestSerializer,
    RunRequestSerializer,
    RunSerializer,
)
from integrations.filters import RunFilter
from integrations.models import Connection, Origin, Run
from inventory import queries as inventory


class RunViewSet(ScopedReadOnlyViewSet[Run]):
    """Collections of sources: at most one is active for a source."""

    serializer_class, filterset_class = RunSerializer, RunFilter
    queryset = Run.objects.none()
    sorts = {"-queued_at": ("-queued_at", "-id")}
    permissions = {
        "list": Permission.READ_SOURCES,
        "retrieve": Permission.READ_SOURCES,
        "create": Permission.RUN_COLLECTION,
        "cancel": Permission.RUN_COLLECTION,
    }

    def rows_for(self, user: User) -> QuerySet[Run]:
        return queries.runs_for(user)

    @extend_schema(request=RunRequestSerializer, responses={202: RunSerializer})
    @transaction.atomic
    def create(self, request: Request) -> Response:
        """Start a run; 409 when one is active for that source."""
        user = user_of(request)
        asked = RunRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        source = get_object_or_404(inventory.sources_for(user), pk=asked.validated_data["source"])
        run = services.request_run(source=source, by=user, origin=Origin.API)
        transaction.on_commit(partial(tasks.collect.delay, str(run.pk)))
        return Response(self.get_serializer(run).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: RunSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Call a run off; it ends within ten seconds and keeps what it has recorded. A removal needs sources:write."""
        run = self.get_object()
        if not permits(request, run.permission):
            self.permission_denied(request, message=NamedPermission.message)
        run = services.cancel_run(run=run)
        return Response(self.get_serializer(run).data, status=status.HTTP_202_ACCEPTED)


class ConnectionViewSet(ScopedReadOnlyViewSet[Connection]):
    """How sources are reached; what is secret is never shown."""

    serializer_class = ConnectionSerializer
    queryset = Connection.objects.none()
    sorts = {"-created_at": ("-created_at", "-id")}
    permissions = {
        "list": Permission.READ_SOURCES,
        "retrieve": Permission.READ_SOURCES,
        "members": Permission.READ_SOURCES,
        "connect_members": Permission.MANAGE_SOURCES,
    }

    def rows_for(self, user: User) -> QuerySet[Connection]:
        return queries.connections_for(user)

    @extend_schema(responses={200: MemberSerializer(many=True)}, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def members(self, request: Request, pk: str) -> Response:
        """The accounts that this one lists as members of its organization; none where it is told of none."""
        found = queries.members_for(user_of(request), self.get_object())
        return Response([MemberSerializer(one).data for one in found])

    @extend_schema(request=MembersRequestSerializer, responses={202: MemberSerializer(many=True)}, filters=False)
    @members.mapping.post
    @transaction.atomic
    def connect_members(self, request: Request, pk: str) -> Response:
        """Connect members whose role lets us in: they are asked in the background, and collected within seconds after
        that. Read the list again to see how each stands."""
        asked = MembersRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        parent = self.get_object()
        services.choose_members(parent=parent, access=asked.access())
        transaction.on_commit(partial(tasks.ask_members.delay, str(parent.pk)))
        found = queries.members_for(user_of(request), parent)
        return Response([MemberSerializer(one).data for one in found], status=status.HTTP_202_ACCEPTED)
