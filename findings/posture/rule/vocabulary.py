"""The words that rules may use: kinds, facts, views, controls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from findings.posture.rule.controls import FRAMEWORKS, frameworks

# Facts that every asset has, from its own row. `tags` and `labels` are the provider's own tags.
ROW_FACTS: Mapping[str, str] = {
    "name": "Name",
    "kind": "Kind of asset",
    "place": "Region or namespace",
    "tags": "Tags or labels",
    "owner": "Owner",
    "environment": "Environment",
    "criticality": "Criticality, 1 to 3",
    "ai_role": "What part it plays in AI; empty when it is none",
    "ai_product": "The AI product recognised in it",
    "exposure": "Exposure",
    "data_class": "Class of the data it holds",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Facts and views map to the kinds that have them; controls to framework id → control id → title."""

    kinds: frozenset[str]
    groups: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, frozenset[str]]
    views: Mapping[str, frozenset[str]]
    controls: Mapping[str, Mapping[str, str]]

    def has_fact(self, name: str, kind: str) -> bool:
        return name in ROW_FACTS or kind in self.facts.get(name, frozenset())

    def has_view(self, name: str, kind: str) -> bool:
        return kind in self.views.get(name, frozenset())


@cache
def product_vocabulary() -> Vocabulary:
    """Everything the product knows of."""
    import inventory.facts  # noqa: F401  (declares the facts)
    from inventory.facts.registry import FACTS, VIEWS
    from inventory.kinds import GROUPS, KINDS

    facts: dict[str, frozenset[str]] = {}
    for fact in FACTS:
        facts[fact.name] = facts.get(fact.name, frozenset()) | fact.kinds
    views: dict[str, frozenset[str]] = {}
    for view in VIEWS:
        views[view.name] = views.get(view.name, frozenset()) | view.kinds
    return Vocabulary(frozenset(KINDS), GROUPS, facts, views, dict(_controls(FRAMEWORKS)))


def _controls(folder: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    for framework in frameworks(folder).values():
        yield framework.id, {control.id: control.title for control in framework.controls.values()}
