"""Frameworks as JSON: each control with its verdict and the rules that ask it."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from aispm.accounts.api.views import StrictView, user_of
from aispm.accounts.permissions import Permission
from findings.posture import queries
from findings.posture.queries import Standing

VERDICTS = [standing.value for standing in Standing]
SLUG = OpenApiParameter("slug", str, OpenApiParameter.PATH, description="A framework's id, such as owasp-llm-2025")


class VerdictCountsSerializer(serializers.Serializer[Any]):
    """How many verdicts of each sort the rules of a control gave, and their open findings."""

    failed = serializers.IntegerField()
    unknown = serializers.IntegerField()
    passed = serializers.IntegerField()
    not_applicable = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Open findings, stale ones too")


class AskedRuleSerializer(VerdictCountsSerializer):
    """A rule that is mapped to a control."""

    id = serializers.CharField(source="rule.id")
    title = serializers.CharField(source="rule.title")
    severity = serializers.CharField(source="rule.severity_name")
    verdict = serializers.ChoiceField(VERDICTS, source="standing")


class ControlSerializer(VerdictCountsSerializer):
    """One control: the worst verdict of its rules, or that none asks it, or that none could."""

    id = serializers.CharField(source="control.id")
    title = serializers.CharField(source="control.title")
    automatable = serializers.BooleanField(source="control.automatable")
    reason = serializers.CharField(source="control.reason", help_text="Why it is automatable, or why not")
    verdict = serializers.ChoiceField(VERDICTS, source="standing")
    rules = AskedRuleSerializer(many=True)


class FrameworkSerializer(serializers.Serializer[Any]):
    """A framework and how its controls come out."""

    id = serializers.CharField(source="framework.id")
    title = serializers.CharField(source="framework.title")
    version = serializers.CharField(source="framework.version")
    controls = serializers.IntegerField(source="size", help_text="How many controls it has")
    verdicts: Any = serializers.DictField(child=serializers.IntegerField(), source="counts")
    answered = serializers.IntegerField(help_text="Controls that pass or fail")
    answerable = serializers.IntegerField(help_text="Controls that apply and that settings can answer")
    coverage = serializers.IntegerField(allow_null=True, help_text="floor(100 · answered / answerable)")


class FrameworkDetailSerializer(FrameworkSerializer):
    """A framework with its controls."""

    automatable = serializers.CharField(
        source="framework.automatable", help_text="What settings say of its controls, and what not"
    )
    controls: Any = ControlSerializer(many=True)


class FrameworkViewSet(StrictView, ViewSet):
    """Frameworks and their controls. A control's verdict is the worst of the rules that are mapped to it."""

    lookup_field = "slug"
    lookup_value_regex = r"[a-z0-9-]+"
    permissions = {"list": Permission.READ_POSTURE, "retrieve": Permission.READ_POSTURE}

    @extend_schema(responses=FrameworkSerializer(many=True))
    def list(self, request: Request) -> Response:
        return Response(FrameworkSerializer(queries.frameworks_for(user_of(request)), many=True).data)

    @extend_schema(parameters=[SLUG], responses=FrameworkDetailSerializer)
    def retrieve(self, request: Request, slug: str) -> Response:
        found = queries.framework_for(user_of(request), slug)
        if found is None:
            raise Http404
        return Response(FrameworkDetailSerializer(found).data)
