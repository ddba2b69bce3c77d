"""Changes of people and of their access."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from aispm.accounts.models import ApiToken, Role, User
from aispm.accounts.permissions import Permission
from aispm.core.errors import Conflict, Invalid

PREFIX = "aispm_"
LONGEST_DAYS = 366


def add_user(*, name: str, role: Role, password: str, email: str = "") -> User:
    """Somebody who may sign in from now on."""
    user = User(username=name, email=email, role=role)
    _checked_password(user, password)
    try:
        user.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
        with transaction.atomic():
            user.save()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), where="name") from error
    except IntegrityError:
        raise Conflict(f"There is somebody called {name} already.") from None
    return user


def set_password(*, user: User, password: str) -> None:
    """Ends every session of that person: a session holds only while the password stays."""
    _checked_password(user, password)
    user.save(update_fields=["password"])


@transaction.atomic
def set_role(*, user: User, role: Role) -> None:
    """Somebody must remain who may do everything."""
    if role != Role.ADMINISTRATOR:
        _refuse_to_lose_the_last(user)
    user.role = role
    user.save(update_fields=["role"])


@transaction.atomic
def set_active(*, user: User, active: bool) -> None:
    """Who is not active neither signs in nor uses a token; both end with the next request."""
    if not active:
        _refuse_to_lose_the_last(user)
    user.is_active = active
    user.save(update_fields=["is_active"])


def _checked_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), where="password") from error
    user.set_password(password)


def _refuse_to_lose_the_last(user: User) -> None:
    """Holds every administrator until the transaction ends: two at once would both see another one."""
    holding = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk").select_for_update()
    if [one.pk for one in holding] == [user.pk]:
        raise Conflict(f"{user.username} is the last administrator: make another one first.")


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
