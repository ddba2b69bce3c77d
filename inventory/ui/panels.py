"""What apps above the inventory add to its pages: they register functions when they start.

The asset page shows verdicts and findings although the inventory knows nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aispm.accounts.models import User
from inventory.models import Asset

Notes = Mapping[UUID, Any]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: its template and what it shows."""

    template: str
    context: Mapping[str, Any]


@dataclass(slots=True)
class _Registry:
    panels: list[Callable[[User, Asset, bool], Panel]] = field(default_factory=list)
    coverage: list[Callable[[User], Panel]] = field(default_factory=list)
    columns: list[Callable[[User, Sequence[Asset]], Notes]] = field(default_factory=list)


_registry = _Registry()


def add_panel(make: Callable[[User, Asset, bool], Panel]) -> None:
    """Adds a part to the asset page; the flag says that only the drawer's short form is wanted."""
    if make not in _registry.panels:
        _registry.panels.append(make)


def add_coverage_panel(make: Callable[[User], Panel]) -> None:
    """Adds a part to the coverage page."""
    if make not in _registry.coverage:
        _registry.coverage.append(make)


def add_column(count: Callable[[User, Sequence[Asset]], Notes]) -> None:
    """Adds to each row of the asset list what `count` gives for its id."""
    if count not in _registry.columns:
        _registry.columns.append(count)


def panels_of(user: User, asset: Asset, *, brief: bool) -> list[Panel]:
    return [make(user, asset, brief) for make in _registry.panels]


def coverage_panels(user: User) -> list[Panel]:
    return [make(user) for make in _registry.coverage]


def noted(user: User, assets: Iterable[Asset]) -> list[tuple[Asset, list[Any]]]:
    """Each asset with what the columns say of it."""
    rows = list(assets)
    notes = [count(user, rows) for count in _registry.columns] if rows else []
    return [(asset, [column.get(asset.pk) for column in notes]) for asset in rows]


def by_asset(user: User, assets: Iterable[Asset]) -> Mapping[UUID, list[Any]]:
    """What the columns say, by asset; nothing for an asset of which they say nothing."""
    said = ((asset.pk, [note for note in notes if note]) for asset, notes in noted(user, assets))
    return {pk: notes for pk, notes in said if notes}
