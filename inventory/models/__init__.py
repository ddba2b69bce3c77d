"""Tables of the inventory."""

from inventory.models.asset import Asset, AssetQuerySet, Exposure, Link, Revision
from inventory.models.source import Environment, Scope, Source, SourceKind

__all__ = [
    "Asset",
    "AssetQuerySet",
    "Environment",
    "Exposure",
    "Link",
    "Revision",
    "Scope",
    "Source",
    "SourceKind",
]
