"""`Authorization: Bearer aispm_…`: the token's owner, narrowed to the token's scopes."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from aispm.accounts.models import ApiToken, User
from aispm.accounts.services import digest_of

SEEN_EVERY = timedelta(minutes=1)
NOT_OURS = (b"", b"basic", b"digest", b"negotiate")
"""Schemes that a gateway before us asks for, beside a session."""


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() in NOT_OURS:
            return None
        if scheme.lower() != b"bearer":
            raise AuthenticationFailed("Send the token as `Authorization: Bearer aispm_…`.")
        now = timezone.now()
        digest = digest_of(secret.strip().decode("latin-1"))
        token = ApiToken.objects.select_related("user").filter(digest=digest).first()
        if token is None or not token.usable(now) or not token.user.is_active:
            raise AuthenticationFailed("This token is not valid: it is wrong, expired or revoked. Issue a new one.")
        if token.last_used_at is None or now - token.last_used_at > SEEN_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="AISPM"'
