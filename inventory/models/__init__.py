"""Tables of the inventory."""

from inventory.models.asset import UNDERIVED, Asset, AssetQuerySet, Exposure, Link, Revision
from inventory.models.source import Environment, Scope, Source, SourceKind

__all__ = [
    "UNDERIVED",
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
