"""Changes of people's access: API tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from aispm.accounts.models import ApiToken, User
from aispm.accounts.permissions import Permission
from aispm.core.errors import Invalid

PREFIX = "aispm_"
LONGEST_DAYS = 366


def issue_token(*, user: User, name: str, scopes: Sequence[Permission], days: int) -> tuple[ApiToken, str]:
    """A new token and its secret. The secret is shown once: only its hash is kept."""
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"A token lives between 1 and {LONGEST_DAYS} days.", where="days")
    beyond = [scope for scope in scopes if not user.may(scope)]
    if beyond or not scopes:
        raise Invalid("Choose at least one scope, and only scopes that your role has.", where="scopes")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        hint=secret[:10],
        digest=digest_of(secret),
        scopes=sorted(scopes),
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, secret


def revoke_token(*, token: ApiToken) -> None:
    """Takes effect with the next request."""
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])


def digest_of(secret: str) -> str:
    """SHA-256: the secret has 256 random bits, so a slow hash would protect nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()
