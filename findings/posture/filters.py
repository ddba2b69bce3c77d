"""Turns a query string into a WHERE. It means open findings, unless it asks for others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from findings.posture.models import Finding, Rule, Status
from findings.posture.rule import SEVERITIES, STEPS, frameworks
from inventory.filters import YES_NO, KindsFilter, SinceFilter, SourcesFilter, WordsField, WordsFilter
from inventory.kinds import expand
from inventory.models import Environment, Exposure
from inventory.search import prefix_query

Sorts = Mapping[str, tuple[str, ...]]
STATUS_CHOICES = (*Status.choices, ("all", _("All")))
DUE_CHOICES = (("overdue", _("Overdue")), ("soon", _("Due within a week")))
SOON = timedelta(days=7)

# Each is backed by an index behind the status; across all statuses only the last change is. Two times go together: the
# newest are due last, so what is due soon is not looked for from the newest on.
FINDING_SORTS: Sorts = {
    "priority": ("-priority", "-id"),
    "severity": ("-severity", "-priority", "-id"),
    "newest": ("-opened_at", "-id"),
    "due": ("due_at", "id"),
    "changed": ("-changed_at", "-id"),
}
ALL_SORTS: Sorts = {"changed": FINDING_SORTS["changed"]}
AGAINST = {"due": ("newest", "changed"), "opened_since": ("due",)}  # filter → sorts that would pass by everything
RULE_SORTS: Sorts = {"severity": ("-severity", "-id"), "id": ("id",)}


def sorts_under(query: Mapping[str, Any]) -> Sorts:
    """The sorts that an index backs under these filters."""
    if query.get("status") == "all":
        return ALL_SORTS
    left_out = {sort for name, sorts in AGAINST.items() if query.get(name) for sort in sorts}
    return {name: fields for name, fields in FINDING_SORTS.items() if name not in left_out}


class ControlsField(WordsField):
    """Controls, each as `<framework>:<control>`."""

    def to_python(self, value: Any) -> list[str]:
        words = super().to_python(value)
        for word in words:
            framework, _colon, control = word.partition(":")
            if framework not in frameworks() or control not in frameworks()[framework].controls:
                raise forms.ValidationError(_("There is no control %(word)s."), params={"word": word[:80]})
        return words


class ControlsFilter(WordsFilter):
    """What is mapped to one of some controls."""

    field_class = ControlsField


def mapped_to(controls: Iterable[str]) -> Q:
    """Rules that are mapped to one of these controls."""
    asked = Q()
    for word in controls:
        framework, _colon, control = word.partition(":")
        asked |= Q(document__contains={"maps": {framework: [control]}})
    return asked


class FindingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The findings' query string."""

    q = django_filters.CharFilter(method="search", label=_("Search"))
    status = django_filters.ChoiceFilter(
        choices=STATUS_CHOICES, method="of_status", label=_("Status"), empty_label=None
    )
    step = WordsFilter(label=_("Step"), allowed=STEPS)
    severity = WordsFilter(method="of_severity", label=_("Severity"), allowed=tuple(SEVERITIES))
    source = SourcesFilter()
    environment = WordsFilter(label=_("Environment"), allowed=tuple(Environment.values))
    rule = WordsFilter(field_name="rule_id", label=_("Rule"))
    control = ControlsFilter(method="of_control", label=_("Control"))
    fix = WordsFilter(method="of_fix", label=_("Fix"))
    kind = KindsFilter(method="of_kind", label=_("Kind"))
    role = WordsFilter(field_name="asset__ai_role", label=_("AI role"))
    exposure = WordsFilter(field_name="asset__exposure", label=_("Exposure"), allowed=tuple(Exposure.values))
    owner = WordsFilter(field_name="asset__owner", label=_("Owner"))
    asset = django_filters.UUIDFilter(field_name="asset_id", label=_("Asset"))
    stale = django_filters.ChoiceFilter(choices=YES_NO, method="no_longer_read", label=_("Stale"))
    due = django_filters.ChoiceFilter(choices=DUE_CHOICES, method="due_by", label=_("Due"))
    opened_since = SinceFilter(field_name="opened_at", label=_("Opened since"))

    class Meta:
        model = Finding
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        queryset = super().filter_queryset(queryset)
        return queryset if self.status_shown == "all" else queryset.filter(status=self.status_shown)

    @property
    def status_shown(self) -> str:
        """open (the default), accepted, resolved or all."""
        return str(self.form.cleaned_data.get("status") or Status.OPEN)

    @property
    def sorts(self) -> Sorts:
        """As above; ask after `qs`."""
        return sorts_under(self.form.cleaned_data)

    def of_status(self, queryset: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        return queryset  # has a default, so it is applied in filter_queryset even when it is absent

    def search(self, queryset: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        query = prefix_query(value)
        if not query:  # nothing but signs: no word of any finding begins so
            return queryset.none()
        return queryset.filter(search=SearchQuery(query, search_type="raw", config="simple"))

    def of_severity(self, queryset: QuerySet[Finding], name: str, words: list[str]) -> QuerySet[Finding]:
        return queryset.filter(severity__in=[SEVERITIES[word] for word in words]) if words else queryset

    def of_fix(self, queryset: QuerySet[Finding], name: str, value: list[str]) -> QuerySet[Finding]:
        """Fixes belong to few rules, and findings are found by their rule. A key without `:` means all that have it."""
        keys = [word.partition(":")[0] for word in value]
        rules = Rule.objects.filter(Q(pk__in=keys) | Q(document__fix__key__in=keys))
        found = list(rules.values_list("pk", flat=True))
        wanted = Q(fix_key__in=value)
        for word in value:
            wanted |= Q() if ":" in word else Q(fix_key__startswith=f"{word}:")
        return queryset.filter(wanted, rule_id__in=found) if value else queryset

    def of_control(self, queryset: QuerySet[Finding], name: str, value: list[str]) -> QuerySet[Finding]:
        """Findings of the rules that are mapped to a control."""
        found = list(Rule.objects.filter(mapped_to(value)).values_list("pk", flat=True)) if value else []
        return queryset.filter(rule_id__in=found) if value else queryset

    def of_kind(self, queryset: QuerySet[Finding], name: str, value: list[str]) -> QuerySet[Finding]:
        return queryset.filter(asset__kind__in=expand(*value)) if value else queryset

    def no_longer_read(self, queryset: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        return queryset.filter(stale=value == "yes")

    def due_by(self, queryset: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        now = timezone.now()
        if value == "overdue":
            return queryset.filter(due_at__lt=now)
        return queryset.filter(due_at__gte=now, due_at__lt=now + SOON)


class RuleFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The catalogue's query string."""

    q = django_filters.CharFilter(method="search", label=_("Search"))
    step = WordsFilter(label=_("Step"), allowed=STEPS)
    severity = WordsFilter(method="of_severity", label=_("Severity"), allowed=tuple(SEVERITIES))
    family = WordsFilter(label=_("Family"))
    kind = KindsFilter(method="of_kind", label=_("Kind"))
    framework = WordsFilter(method="of_framework", label=_("Framework"))
    control = ControlsFilter(method="of_control", label=_("Control"))
    failing = django_filters.ChoiceFilter(choices=YES_NO, method="with_failures", label=_("Failing"))

    class Meta:
        model = Rule
        fields: list[str] = []

    sorts = RULE_SORTS

    def search(self, queryset: QuerySet[Rule], name: str, value: str) -> QuerySet[Rule]:
        for word in value.replace("\x00", "").split()[:10]:
            queryset = queryset.filter(Q(title__icontains=word) | Q(id__icontains=word))
        return queryset

    def of_severity(self, queryset: QuerySet[Rule], name: str, words: list[str]) -> QuerySet[Rule]:
        return queryset.filter(severity__in=[SEVERITIES[word] for word in words]) if words else queryset

    def of_kind(self, queryset: QuerySet[Rule], name: str, value: list[str]) -> QuerySet[Rule]:
        asked = Q()
        for kind in expand(*value):
            asked |= Q(kinds__contains=[kind])
        return queryset.filter(asked)

    def of_framework(self, queryset: QuerySet[Rule], name: str, value: list[str]) -> QuerySet[Rule]:
        return queryset.filter(document__maps__has_any_keys=value) if value else queryset

    def of_control(self, queryset: QuerySet[Rule], name: str, value: list[str]) -> QuerySet[Rule]:
        return queryset.filter(mapped_to(value)) if value else queryset

    def with_failures(self, queryset: QuerySet[Rule], name: str, value: str) -> QuerySet[Rule]:
        """Only for rows as `rules_for` gives them."""
        return queryset.filter(**{"open__gt": 0} if value == "yes" else {"open": 0})
