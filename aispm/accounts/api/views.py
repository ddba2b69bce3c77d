"""What every endpoint shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        only_known(request.query_params, self.known_parameters(), several=self.several())

    def known_parameters(self) -> Iterable[str]:
        return self.parameters

    def several(self) -> Iterable[str]:
        """Parameters that may be given more than once."""
        return ()


class ScopedReadOnlyViewSet(StrictView, ReadOnlyModelViewSet[M]):
    """Rows come from a query that takes the user: what one may not see answers 404."""

    permissions: ClassVar[dict[str, Permission]] = {}
    lookup_value_regex = r"[0-9a-f-]{36}"

    def rows_for(self, user: User) -> QuerySet[M]:
        """What this user may see, from the app's queries."""
        raise NotImplementedError(f"{type(self).__name__} does not say whose rows it shows.")

    def known_parameters(self) -> Iterable[str]:
        if self.action == "list":
            return {"fields", *LIST_PARAMETERS, *self._filters()}
        return {"fields"} if self.action == "retrieve" else ()

    def several(self) -> Iterable[str]:
        return [name for name, one in self._filters().items() if getattr(one, "several", False)]

    def _filters(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = getattr(getattr(self, "filterset_class", None), "base_filters", {})
        return found

    def get_serializer(self, *args: Any, **options: Any) -> Any:
        """Looks at `fields` also when no row asks for it."""
        made: Any = super().get_serializer(*args, **options)
        getattr(made, "child", made).fields  # noqa: B018 - Invalid when one is not known
        return made

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
