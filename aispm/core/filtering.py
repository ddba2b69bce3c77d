"""What a filtered list offers and shows of its filters: facets to choose from, chips to remove."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from aispm.core.errors import Invalid

if TYPE_CHECKING:
    from django.db.models import QuerySet

PAGE_PARAMETERS = ("q", "sort", "cursor", "open")
"""What every list of the pages takes beside its filters: search, order, place, and the row that is open."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One question of a list: its parameter, and the answers offered (value, words). `single` allows one answer."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: Sequence[str]
    single: bool = False
    hidden: bool = False

    def words(self, value: str) -> str:
        return next((label for option, label in self.options if option == value), value)


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force: its words, and the query string without it."""

    label: str
    value: str
    without: str


def facet(query: QueryDict, name: str, label: Any, options: Iterable[tuple[Any, Any]] = (), **more: bool) -> Facet:
    """A facet of a list, with what the query string chose; `more`: single, hidden (a chip, but no menu)."""
    chosen = [word for raw in query.getlist(name) for word in raw.split(",") if word]
    return Facet(name, str(label), [(str(value), str(words)) for value, words in options], chosen, **more)


def chips_of(facets: Sequence[Facet], query: QueryDict) -> list[Chip]:
    """The filters in force, in the order of the facets."""
    return [
        Chip(entry.label, entry.words(value), _without(query, entry, value))
        for entry in facets
        for value in entry.chosen
    ]


def unknown_in(query: QueryDict, known: Iterable[str]) -> list[str]:
    """Parameters of a page that mean nothing there."""
    return [name for name in query if name not in {*known, *PAGE_PARAMETERS}]


def checked(filters: Any) -> QuerySet[Any]:
    """The rows of a FilterSet; Invalid, in its own words, when the query string does not fit it."""
    if not filters.is_valid():
        name, errors = next(iter(filters.errors.items()))
        raise Invalid(f"{filters.form.fields[name].label or name}: {errors[0]}", where=name)
    rows: QuerySet[Any] = filters.qs
    return rows


def only_known(query: QueryDict, known: Iterable[str], *, several: Iterable[str] = ()) -> None:
    """Invalid for the first parameter of the API that is not known, or is given twice without being one of `several`:
    a filter that is overlooked answers too much."""
    names = sorted(known)
    for name in query:
        if name not in names:
            offered = _("There are: %s.") % ", ".join(names) if names else _("None is taken here.")
            raise Invalid(
                _("No such parameter: %(name)s. %(offered)s") % {"name": name, "offered": offered}, where=name
            )
        if name not in several and len(query.getlist(name)) > 1:
            raise Invalid(_("%s is given more than once: give it once.") % name, where=name)


class NamedFilters(DjangoFilterBackend):  # type: ignore[misc]
    """The filters of an API's list; Invalid where the query string does not fit them, as on the pages."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filters = self.get_filterset(request, queryset, view)
        return queryset if filters is None else checked(filters)


def _without(query: QueryDict, entry: Facet, value: str) -> str:
    kept = query.copy()
    for name in ("cursor", "open"):
        kept.pop(name, None)
    kept.setlist(entry.name, [word for word in entry.chosen if word != value])
    return kept.urlencode()
