"""The search over assets, findings and rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from aispm.accounts.models import User
from findings.posture import queries as posture
from findings.posture.filters import FindingFilter
from findings.posture.models import Finding, Rule
from inventory import queries as inventory
from inventory.filters import AssetFilter
from inventory.models import Asset

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Found:
    """The best matches of each sort."""

    assets: Sequence[Asset] = ()
    findings: Sequence[Finding] = ()
    rules: Sequence[Rule] = ()

    def __bool__(self) -> bool:
        return bool(self.assets or self.findings or self.rules)


def search_for(user: User, words: str) -> Found:
    """At most SHOWN of each; nothing for no words."""
    if not words:
        return Found()
    query = QueryDict(mutable=True)
    query.update({"q": words, "ai": "all"})
    assets = AssetFilter(query, queryset=inventory.assets_for(user)).qs.order_by("name", "id")[:SHOWN]
    findings = FindingFilter(query, queryset=posture.findings_for(user)).qs.order_by("-priority", "-id")[:SHOWN]
    rules = [rule for rule in posture.rules_for(user) if _mentions(rule, words)][:SHOWN]
    return Found(list(assets), list(findings), rules)


def _mentions(rule: Rule, words: str) -> bool:
    text = f"{rule.pk} {rule.title}".lower()
    return all(word in text for word in words.lower().split())
