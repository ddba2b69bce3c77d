"""What every endpoint shares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from aispm.accounts.models import User
from aispm.accounts.permissions import Permission
from aispm.core.filtering import only_known

M = TypeVar("M", bound=Model)
R = TypeVar("R")
LIST_PARAMETERS = ("cursor", "limit", "sort")


class StrictView(APIView):
    """Refuses parameters that it does not know: a misspelt filter must not answer with everything."""

    parameters: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        only_known(request.query_params, self.known_parameters())

    def known_parameters(self) -> Iterable[str]:
        return self.parameters


class ScopedReadOnlyViewSet(StrictView, ReadOnlyModelViewSet[M]):
    """Rows come from a query that takes the user: what one may not see answers 404."""

    permissions: ClassVar[dict[str, Permission]] = {}
    lookup_value_regex = r"[0-9a-f-]{36}"

    def rows_for(self, user: User) -> QuerySet[M]:
        """What this user may see, from the app's queries."""
        raise NotImplementedError(f"{type(self).__name__} does not say whose rows it shows.")

    def known_parameters(self) -> Iterable[str]:
        filters = getattr(getattr(self, "filterset_class", None), "base_filters", {})
        return {"fields", *LIST_PARAMETERS, *filters} if self.action == "list" else {"fields"}

    def get_queryset(self) -> QuerySet[M]:
        if getattr(self, "swagger_fake_view", False):  # the description of the API is made without a user
            return super().get_queryset().none()
        return self.rows_for(user_of(self.request))

    def filter_queryset(self, queryset: QuerySet[M, R]) -> QuerySet[M, R]:
        """Filters choose among the rows of a list; they never hide the one row that an address names."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset


def user_of(request: Request) -> User:
    """The signed-in user; permissions have already refused everyone else."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
