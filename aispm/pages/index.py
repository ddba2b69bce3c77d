"""The head of the API: where everything is."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from aispm.accounts.api.views import StrictView

NAMES = {
    "sources": "api-source-list",
    "scopes": "api-scope-list",
    "assets": "api-asset-list",
    "links": "api-link-list",
    "findings": "api-finding-list",
    "rules": "api-rule-list",
    "frameworks": "api-framework-list",
    "posture": "api-posture",
    "arithmetic": "api-arithmetic",
    "trends": "api-trends",
    "runs": "api-run-list",
    "connections": "api-connection-list",
    "schema": "api-schema",
}


class Index(StrictView):
    """The addresses of the API."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=OpenApiResponse({"type": "object", "additionalProperties": {"type": "string"}}))
    def get(self, request: Request) -> Response:
        return Response({name: reverse(address, request=request) for name, address in NAMES.items()})
