"""Reading findings, rules, scores and trends."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from aispm.accounts.api.views import ScopedReadOnlyViewSet, StrictView, user_of
from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from aispm.core.errors import Invalid
from findings.posture import queries
from findings.posture.api.serializers import (
    FindingDetailSerializer,
    FindingSerializer,
    PatchSerializer,
    PostureSerializer,
    RuleDetailSerializer,
    RuleSerializer,
    TermSerializer,
    TrendSerializer,
)
from findings.posture.filters import RULE_SORTS, FindingFilter, RuleFilter, Sorts, sorts_under
from findings.posture.models import Finding, Rule
from findings.posture.rule import STEPS
from inventory.models import Environment

LONGEST_TREND = 730
AREAS = re.compile(
    rf"all|source:[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|environment:({'|'.join(Environment.values)})"
)
AREA = OpenApiParameter("area", str, description="all, source:<id> or environment:<name>", default="all")
DAYS = OpenApiParameter("days", OpenApiTypes.INT, description=f"1 to {LONGEST_TREND}", default=30)
STEP = OpenApiParameter("step", str, enum=STEPS, required=True)


class FindingViewSet(ScopedReadOnlyViewSet[Finding]):
    """Problems found. Open ones unless `status` asks for others; `status=all` is sorted by last change."""

    filterset_class = FindingFilter
    queryset = Finding.objects.none()
    permissions = dict.fromkeys(("list", "retrieve", "offered_patch"), Permission.READ_FINDINGS)

    @property
    def sorts(self) -> Sorts:
        return sorts_under(self.request.query_params)

    def rows_for(self, user: User) -> QuerySet[Finding]:
        return queries.findings_listed(user)

    def get_object(self) -> Finding:
        found = queries.finding_for(user_of(self.request), self.kwargs["pk"])
        return found or get_object_or_404(Finding.objects.none())

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return FindingDetailSerializer if self.action == "retrieve" else FindingSerializer

    @extend_schema(responses=PatchSerializer)
    @action(detail=True, url_path="patch")
    def offered_patch(self, request: Request, pk: str) -> Response:
        """The change that puts an open finding right, for its very object. 404 where there is none."""
        offered = queries.patch_of(self.get_object())
        if offered is None:
            raise NotFound
        return Response(PatchSerializer(offered).data)


class RuleViewSet(ScopedReadOnlyViewSet[Rule]):
    """The rules in force and how they come out."""

    filterset_class = RuleFilter
    queryset = Rule.objects.none()
    sorts = RULE_SORTS
    lookup_value_regex = r"[a-z0-9-]+"
    permissions = {"list": Permission.READ_POSTURE, "retrieve": Permission.READ_POSTURE}

    def rows_for(self, user: User) -> QuerySet[Rule]:
        rows = queries.rules_for(user)
        return rows if self.action == "retrieve" else rows.defer("document")

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return RuleDetailSerializer if self.action == "retrieve" else RuleSerializer


class PostureView(StrictView):
    """Scores, coverage, caps and open findings of everything, one source or one environment."""

    permissions = {"get": Permission.READ_POSTURE}
    parameters = frozenset({"area"})

    @extend_schema(parameters=[AREA], responses=PostureSerializer)
    def get(self, request: Request) -> Response:
        return Response(PostureSerializer(queries.posture_now(user_of(request), _area(request))).data)


class ArithmeticView(StrictView):
    """The lines of one step's sum."""

    permissions = {"get": Permission.READ_POSTURE}
    parameters = frozenset({"area", "step"})

    @extend_schema(parameters=[AREA, STEP], responses=TermSerializer(many=True))
    def get(self, request: Request) -> Response:
        step = request.query_params.get("step", "")
        if step not in STEPS:
            raise Invalid(f"step must be one of {', '.join(STEPS)}.", where="step")
        terms = queries.arithmetic(user_of(request), _area(request), step)
        return Response(TermSerializer(terms, many=True).data)


class TrendView(StrictView):
    """Scores, coverage and open findings a day."""

    permissions = {"get": Permission.READ_POSTURE}
    parameters = frozenset({"area", "days"})

    @extend_schema(parameters=[AREA, DAYS], responses=TrendSerializer)
    def get(self, request: Request) -> Response:
        text = request.query_params.get("days", "30")
        if not (text.isascii() and text.isdigit() and len(text) < 10) or not 1 <= int(text) <= LONGEST_TREND:
            raise Invalid(f"days must be a number from 1 to {LONGEST_TREND}.", where="days")
        return Response(TrendSerializer(queries.trend(user_of(request), _area(request), int(text))).data)


def _area(request: Request) -> str:
    area = request.query_params.get("area", "all")
    if not AREAS.fullmatch(area):
        raise Invalid("area must be all, source:<id> or environment:<name>.", where="area")
    return area
