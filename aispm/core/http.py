"""What every page needs: who may see it, a fragment or the whole page, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aispm.core.errors import DomainError, Invalid, NotAllowed, PermanentError, TransientError

Asked = TypeVar("Asked", bound=HttpRequest)
Rest = ParamSpec("Rest")
View = Callable[Concatenate[Asked, Rest], HttpResponseBase]

STATUS: Mapping[type[Exception], int] = {
    Http404: 404,
    PermissionDenied: 403,
    NotAllowed: 403,
    Invalid: 400,
    DomainError: 409,
    PermanentError: 409,
    TransientError: 503,
    OperationalError: 503,
}
# Their messages are for developers, not for readers.
OURS = (DomainError, PermanentError, TransientError)


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page (and not for a page to restore from history)."""
    kind = request.headers.get("HX-Request-Type", "partial")
    return request.headers.get("HX-Request") == "true" and kind == "partial"


def render_page(
    request: HttpRequest, page: str, fragment: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The fragment for htmx, the page for everyone else."""
    response = render(request, fragment if wants_fragment(request) else page, context, status=status)
    patch_vary_headers(response, ("HX-Request", "HX-Request-Type"))
    return response


def needs(*permissions: str) -> Callable[[View[Asked, Rest]], Callable[..., HttpResponseBase]]:
    """Refuse whoever is not signed in (to the sign-in page) or lacks one of the permissions (403)."""

    def decorate(view: View[Asked, Rest]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: Any, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            if not all(request.user.may(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def posted(page: str) -> Callable[[View[Asked, Rest]], Callable[..., HttpResponseBase]]:
    """For views that only change something: whoever comes back by address, after signing in say, gets the page of the
    same key on which it is done."""

    def decorate(view: View[Asked, Rest]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: Any, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
            if request.method in ("GET", "HEAD"):
                return redirect(resolve_url(page, *args, **kwargs))
            return require_POST(view)(request, *args, **kwargs)

        return guarded

    return decorate


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the browser to the sign-in page, and back here afterwards."""
    if not wants_fragment(request):
        return redirect_to_login(request.get_full_path())
    back = request.headers.get("HX-Current-URL", "")
    path = back.partition(request.get_host())[2] or "/"
    response = HttpResponse(status=204)
    response["HX-Redirect"] = f"{resolve_url(settings.LOGIN_URL)}?next={quote(path)}"
    return response


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect after a change, for htmx and for plain forms."""
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    answer = HttpResponse(status=303)
    answer["Location"] = url
    return answer


class PageErrors:
    """Middleware: turns refusals, and questions the database took too long to answer, into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), None)
        if status is None or request.path.startswith("/api/"):
            return None
        if isinstance(error, OperationalError):
            return error_page(request, status, _("The answer took too long."))
        return error_page(request, status, str(error) if isinstance(error, OURS) else "")


def error_page(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    """An error as a page, or as one line for htmx."""
    page = f"{status}.html" if status in {400, 403, 404, 503} else "400.html"
    response = render_page(request, page, "ui/_flash_error.html", {"message": message, "status": status}, status=status)
    if wants_fragment(request):
        response["HX-Retarget"], response["HX-Reswap"] = "#flash", "innerHTML"
    if status == 503:
        response["Retry-After"] = "30"
    return response
