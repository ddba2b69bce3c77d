"""Turns a query string into a WHERE over runs."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from integrations.models import Run, RunState
from inventory.models import Source


class RunFilter(django_filters.FilterSet):  # type: ignore[misc]
    source = django_filters.ModelChoiceFilter(queryset=Source.objects.all(), label=_("Source"))
    state = django_filters.MultipleChoiceFilter(choices=RunState.choices, label=_("State"))

    class Meta:
        model = Run
        fields: list[str] = []
