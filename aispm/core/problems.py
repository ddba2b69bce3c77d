"""Every error of the API as RFC 9457 problem+json."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
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
    500: "Something broke here",
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
    return Response(_body(code, detail) | more, status=code, content_type=ProblemRenderer.media_type)


def _body(code: int, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": TITLES.get(code, "Error"), "status": code, "detail": detail}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: a problem below /api/, a page elsewhere."""
    return _outside(request, 400, "The request cannot be read.") or defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    detail = "There is no such address. /api/v1/ lists what there is."
    return _outside(request, 404, detail) or defaults.page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler500: the log has the details."""
    return _outside(request, 500, "This is a fault of AISPM; its log says more.") or defaults.server_error(request)


def _outside(request: HttpRequest, code: int, detail: str) -> HttpResponse | None:
    """Errors of addresses below /api/ that no view of the API answers."""
    if not request.path.startswith("/api/"):
        return None
    return JsonResponse(_body(code, detail), status=code, content_type=ProblemRenderer.media_type)


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
    if isinstance(error, exceptions.ValidationError):
        match error.detail:
            case {"non_field_errors": [whole], **fields} if not fields:  # the body as such is wrong, no field of it
                return problem(422, str(whole))
        return problem(422, "Correct the named fields and send it again.", errors=error.detail)
    answer = problem(error.status_code, str(error.detail))
    if wait := getattr(error, "wait", None):
        answer["Retry-After"] = str(int(wait) + 1)
    if header := getattr(error, "auth_header", None):
        answer["WWW-Authenticate"] = header
    return answer
