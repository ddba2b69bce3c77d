"""Signing in and out, preferences, API tokens."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from aispm.accounts import queries, services
from aispm.accounts.forms import PasswordForm, PreferencesForm, SignInForm, TokenForm
from aispm.accounts.models import Theme
from aispm.accounts.permissions import Permission
from aispm.accounts.requests import SignedIn
from aispm.core.errors import Invalid
from aispm.core.http import go, needs, render_page

sign_in = LoginView.as_view(
    template_name="accounts/sign_in.html", authentication_form=SignInForm, redirect_authenticated_user=True
)
sign_out = LogoutView.as_view()


@require_safe
@needs()
def settings(request: SignedIn) -> HttpResponse:
    """Theme, shortcuts and tokens of the person who asks."""
    return _settings(request)


@require_POST
@needs()
def save_preferences(request: SignedIn) -> HttpResponse:
    form = PreferencesForm(request.POST, instance=request.user)
    if not form.is_valid():
        return _settings(request, preferences=form, status=422)
    form.save()
    messages.success(request, _("Saved."))
    return go(request, reverse("accounts:settings"))


@sensitive_post_parameters()
@require_POST
@needs()
def change_password(request: SignedIn) -> HttpResponse:
    """Ends every other session of this person: they carry a hash of the old password."""
    form = PasswordForm(request.user, request.POST)
    if not form.is_valid():
        return _settings(request, password_form=form, status=422)
    form.save()
    update_session_auth_hash(request, request.user)
    messages.success(request, _("Your password is changed. Every other session of yours has ended; tokens stay valid."))
    return go(request, reverse("accounts:settings"))


@require_POST
@needs()
def set_theme(request: SignedIn) -> HttpResponse:
    """The quick switch in the user menu; comes back to the page it was used on."""
    if request.POST.get("theme") in Theme.values:
        request.user.theme = request.POST["theme"]
        request.user.save(update_fields=["theme"])
    return go(request, _back(request))


@sensitive_post_parameters()
@require_POST
@needs(Permission.MANAGE_TOKENS)
def issue_token(request: SignedIn) -> HttpResponse:
    """Answers with the secret itself, once: it is in no address and in no session."""
    form = TokenForm(request.POST, user=request.user)
    if not form.is_valid():
        return _settings(request, token_form=form, status=422)
    given = form.cleaned_data
    scopes = [Permission(scope) for scope in given["scopes"]]
    try:
        token, secret = services.issue_token(user=request.user, name=given["name"], scopes=scopes, days=given["days"])
    except Invalid as error:
        form.add_error(error.where or None, str(error))
        return _settings(request, token_form=form, status=422)
    return _settings(request, issued=token, secret=secret)


@require_POST
@needs(Permission.MANAGE_TOKENS)
def revoke_token(request: SignedIn, pk: UUID) -> HttpResponse:
    services.revoke_token(token=get_object_or_404(queries.tokens_for(request.user), pk=pk))
    messages.success(request, _("Revoked. It stops working with the next request."))
    return go(request, reverse("accounts:settings"))


def _settings(request: SignedIn, status: int = 200, **extra: object) -> HttpResponse:
    context = {
        "preferences": PreferencesForm(instance=request.user),
        "password_form": PasswordForm(request.user),
        "token_form": TokenForm(user=request.user),
        "tokens": queries.tokens_for(request.user),
    }
    response = render_page(request, "accounts/settings.html", "accounts/settings.html", context | extra, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("pages:overview")
