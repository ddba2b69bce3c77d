"""Every error of the API as RFC 9457 problem+json."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from aispm.core.errors import Conflict, DomainError, Invalid, NotAllowed, PermanentError, TransientError

TITLES = {
    400: "The request is wrong",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Not possible in this state",
    415: "Unsupported media type",
    422: "The input is wrong",
    429: "Too many requests",
    502: "The source did not answer as expected",
    503: "Not available right now",
}
DOMAIN_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotAllowed, 403),
    (Conflict, 409),
    (Invalid, 422),
    (DomainError, 400),
    (PermanentError, 502),
    (TransientError, 503),
    (OperationalError, 503),
)


class ProblemRenderer(JSONRenderer):
    media_type = "application/problem+json"


def problem(code: int, detail: str, **more: Any) -> Response:
    body = {"type": "about:blank", "title": TITLES.get(code, "Error"), "status": code, "detail": detail} | more
    return Response(body, status=code, content_type=ProblemRenderer.media_type)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. An unforeseen exception is left to Django: 500, logged, no details shown."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        set_rollback()
        return _from_framework(error)
    for kind, code in DOMAIN_STATUS:
        if isinstance(error, kind):
            set_rollback()
            where = getattr(error, "where", "")
            detail = (
                str(error) if kind is not OperationalError else "The database did not answer in time. Narrow the query."
            )
            answer = problem(code, detail, **({"where": where} if where else {}))
            if code == status.HTTP_503_SERVICE_UNAVAILABLE:
                answer["Retry-After"] = "10"
            return answer
    return None


def _from_framework(error: exceptions.APIException) -> Response:
    more: dict[str, Any] = {}
    if isinstance(error, exceptions.ValidationError):
        more["errors"] = error.detail
        detail = "Correct the named fields and send it again."
    else:
        detail = str(error.detail)
    answer = problem(error.status_code, detail, **more)
    if wait := getattr(error, "wait", None):
        answer["Retry-After"] = str(int(wait) + 1)
    if header := getattr(error, "auth_header", None):
        answer["WWW-Authenticate"] = header
    return answer
