"""Reads of people's own things."""

from django.db.models import QuerySet

from aispm.accounts.models import ApiToken, User


def tokens_for(user: User) -> QuerySet[ApiToken]:
    """The user's tokens that are not revoked, newest first."""
    return ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at", "-id")
