"""Deny by default: a view names the permission of every action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from aispm.accounts.models import ApiToken, User
from aispm.accounts.permissions import Permission

if TYPE_CHECKING:
    from rest_framework.views import APIView  # importing it here for real would be a circle


class NamedPermission(BasePermission):
    """Allows what `view.permissions[action]` names, when role and token both have it. What the address does not offer
    to anybody is no matter of permission: 405."""

    message = "Your role, or this token's scopes, do not allow this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False
        method = request.method or ""
        if method not in view.allowed_methods:
            raise MethodNotAllowed(method)
        named: dict[str, Permission] = getattr(view, "permissions", {})
        needed = named.get(getattr(view, "action", None) or method.replace("HEAD", "GET").lower())
        return needed is not None and permits(request, needed)


def permits(request: Request, needed: Permission) -> bool:
    """Whether role and token both have it."""
    if not isinstance(request.user, User) or not request.user.may(needed):
        return False
    return not isinstance(request.auth, ApiToken) or needed in request.auth.scopes
