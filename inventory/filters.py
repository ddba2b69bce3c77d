"""Turns a query string into a WHERE. It means AI assets that exist, unless it asks for more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django_filters.fields import IsoDateTimeField

from inventory.documents import Problem, ScopeState
from inventory.kinds import GROUPS, KINDS, expand, possible
from inventory.models import Asset, Environment, Exposure, Link, Scope, Source
from inventory.search import prefix_query

AI_CHOICES = (("yes", _("AI only")), ("no", _("Other than AI")), ("all", _("Everything")))
PRESENCE_CHOICES = (("present", _("Present")), ("gone", _("Gone")), ("all", _("Both")))
YES_NO = (("yes", _("Yes")), ("no", _("No")))


class WordsInput(forms.TextInput):
    """Reads `?x=a&x=b` and `?x=a,b` alike."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        raw = data.getlist(name) if isinstance(data, QueryDict | MultiValueDict) else [data.get(name) or ""]
        return [word.strip() for item in raw for word in str(item).split(",") if word.strip()]

    def format_value(self, value: Any) -> str | None:
        return ",".join(value) if isinstance(value, list) else value


class WordsField(forms.Field):
    """A list of words, of `allowed` ones where that is given."""

    widget = WordsInput

    def __init__(self, *, allowed: tuple[str, ...] = (), **options: Any) -> None:
        self.allowed = frozenset(allowed)
        super().__init__(**options)

    def to_python(self, value: Any) -> list[str]:
        words = [word.replace("\x00", "") for word in value or []]
        unknown = [word for word in words if self.allowed and word not in self.allowed]
        if unknown:
            message = _("%(word)s is not one of %(allowed)s.")
            raise forms.ValidationError(
                message, params={"word": unknown[0], "allowed": ", ".join(sorted(self.allowed))}
            )
        return words


class WordsFilter(django_filters.Filter):  # type: ignore[misc]
    """`field IN (…)`."""

    field_class = WordsField
    several = True

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("lookup_expr", "in")
        super().__init__(*args, **options)


class KindsField(WordsField):
    """Kinds of assets, or groups of them."""

    def to_python(self, value: Any) -> list[str]:
        words = super().to_python(value)
        for word in words:
            if not possible(word):
                near = get_close_matches(word, [*KINDS, *GROUPS], n=1, cutoff=0.75)
                said = (
                    _("There is no kind %(word)s; did you mean %(near)s?") if near else _("There is no kind %(word)s.")
                )
                raise forms.ValidationError(said, params={"word": word, "near": "".join(near)})
        return words


class KindsFilter(WordsFilter):
    """Kinds, or groups of them."""

    field_class = KindsField


class MomentField(IsoDateTimeField):  # type: ignore[misc]
    """A date with its time, in UTC; the first and the last hours of the calendar have no such time."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            moment: datetime | None = super().to_python(value)
            return moment.astimezone(UTC) if moment else None
        except OverflowError:
            raise forms.ValidationError(_("Enter a valid date/time.")) from None


class SinceFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """`field >= moment`."""

    field_class = MomentField

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, lookup_expr="gte", **options)


class Prefixes(SearchQuery):
    """A tsquery given as text, without a parser in between: the words were cut by `inventory.search`."""

    template = "%(expressions)s::tsquery"


class SourcesField(WordsField):
    """Sources by id or by name; their ids."""

    def to_python(self, value: Any) -> list[Any]:
        words = super().to_python(value)
        if not words:
            return []
        ids = {word: _uuid(word) for word in words}
        asked = Q(pk__in=[pk for pk in ids.values() if pk]) | Q(name__in=words)
        found = dict(Source.objects.filter(asked).values_list("pk", "name"))
        for word, pk in ids.items():
            if pk not in found and word not in found.values():
                raise forms.ValidationError(_("There is no source %(word)s."), params={"word": word[:80]})
        return list(found)


class SourcesFilter(WordsFilter):
    """What belongs to one of some sources."""

    field_class = SourcesField

    def __init__(self, **options: Any) -> None:
        super().__init__(field_name="source_id", label=_("Source"), **options)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class AssetFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The inventory's query string."""

    q = django_filters.CharFilter(method="search", label=_("Search"))
    ai = django_filters.ChoiceFilter(choices=AI_CHOICES, method="keep", label=_("AI"), empty_label=None)
    presence = django_filters.ChoiceFilter(
        choices=PRESENCE_CHOICES, method="keep", label=_("Present"), empty_label=None
    )
    kind = KindsFilter(method="of_kind", label=_("Kind"))
    source = SourcesFilter()
    place = WordsFilter(label=_("Region or namespace"))
    role = WordsFilter(field_name="ai_role", label=_("AI role"))
    product = WordsFilter(field_name="ai_product", label=_("Product"))
    exposure = WordsFilter(label=_("Exposure"), allowed=tuple(Exposure.values))
    environment = WordsFilter(label=_("Environment"), allowed=tuple(Environment.values))
    criticality = WordsFilter(label=_("Criticality"), allowed=("1", "2", "3"))
    data_class = WordsFilter(label=_("Data class"))
    owner = WordsFilter(method="owned", label=_("Owner"))
    unread = django_filters.ChoiceFilter(choices=YES_NO, method="partly_unread", label=_("Partly unread"))
    changed_since = SinceFilter(field_name="changed_at", label=_("Changed since"))
    seen_since = SinceFilter(field_name="first_seen", label=_("First seen since"))

    class Meta:
        model = Asset
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Asset]) -> QuerySet[Asset]:
        queryset = super().filter_queryset(queryset)
        presence = self.form.cleaned_data.get("presence") or "present"
        if presence != "all":
            queryset = queryset.filter(gone_at__isnull=presence == "present")
        ai = self.ai_shown
        if ai == "no":
            return queryset.filter(ai_role="")
        return queryset.exclude(ai_role="") if ai == "yes" else queryset

    @property
    def ai_shown(self) -> str:
        """yes (the default), no or all."""
        return str(self.form.cleaned_data.get("ai") or "yes")

    def keep(self, queryset: QuerySet[Asset], name: str, value: str) -> QuerySet[Asset]:
        return queryset  # has a default, so it is applied in filter_queryset even when it is absent

    def search(self, queryset: QuerySet[Asset], name: str, value: str) -> QuerySet[Asset]:
        query = prefix_query(value)
        return queryset.filter(search=Prefixes(query)) if query else queryset.none()

    def of_kind(self, queryset: QuerySet[Asset], name: str, kinds: list[str]) -> QuerySet[Asset]:
        return queryset.filter(kind__in=expand(*kinds)) if kinds else queryset

    def owned(self, queryset: QuerySet[Asset], name: str, owners: list[str]) -> QuerySet[Asset]:
        """`owner=-` asks for what nobody owns."""
        return queryset.filter(owner__in=["" if o == "-" else o for o in owners]) if owners else queryset

    def partly_unread(self, queryset: QuerySet[Asset], name: str, value: str) -> QuerySet[Asset]:
        return queryset.filter(unread=[]) if value == "no" else queryset.exclude(unread=[])


class ScopeFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The coverage page's query string."""

    source = SourcesFilter()
    state = WordsFilter(label=_("State"), allowed=tuple(s.value for s in ScopeState))
    problem = WordsFilter(label=_("Problem"), allowed=tuple(p.value for p in Problem))
    collector = KindsFilter(method="of_kind", label=_("Kind"))
    region = WordsFilter(label=_("Region"))

    class Meta:
        model = Scope
        fields: list[str] = []

    def of_kind(self, queryset: QuerySet[Scope], name: str, kinds: list[str]) -> QuerySet[Scope]:
        return queryset.filter(collector__in=expand(*kinds)) if kinds else queryset


class LinkFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Which links."""

    source = SourcesFilter()
    type = WordsFilter(label=_("Type"))
    origin = django_filters.UUIDFilter(field_name="origin_id", label=_("From"))
    target = django_filters.UUIDFilter(field_name="target_id", label=_("To"))
    target_kind = WordsFilter(method="to_kind", label=_("Kind of the target"))
    dangling = django_filters.ChoiceFilter(choices=YES_NO, method="leads_nowhere", label=_("Dangling"))

    class Meta:
        model = Link
        fields: list[str] = []

    def to_kind(self, queryset: QuerySet[Link], name: str, kinds: list[str]) -> QuerySet[Link]:
        return queryset.filter(target_kind__in=expand(*kinds)) if kinds else queryset

    def leads_nowhere(self, queryset: QuerySet[Link], name: str, value: str) -> QuerySet[Link]:
        return queryset.filter(target__isnull=value == "yes")
