"""Turns a query string into a WHERE over runs."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from integrations.models import Origin, Purpose, Run, RunState
from inventory.filters import SourcesFilter, WordsFilter


class RunFilter(django_filters.FilterSet):  # type: ignore[misc]
    source = SourcesFilter()
    state = WordsFilter(label=_("State"), allowed=tuple(RunState.values))
    purpose = WordsFilter(label=_("Purpose"), allowed=tuple(Purpose.values))
    origin = WordsFilter(label=_("Origin"), allowed=tuple(Origin.values))

    class Meta:
        model = Run
        fields: list[str] = []
