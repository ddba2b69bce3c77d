"""Reads of rows, for a person or for the system."""

from inventory.queries.descent import Descent, Hop, LineageStep, Lost, Told, descent_of, told_of
from inventory.queries.estates import Stored, StoredEstate, estate_of, stored_estate_of
from inventory.queries.figures import Counts, SourceCoverage, counts_for, coverage, kinds_not_read
from inventory.queries.history import Step, revisions_of
from inventory.queries.lineage import Reference, References, links_of
from inventory.queries.people import asset_for, assets_for, links_for, scopes_asked, scopes_for, sources_for

__all__ = [
    "Counts",
    "Descent",
    "Hop",
    "LineageStep",
    "Lost",
    "Reference",
    "References",
    "SourceCoverage",
    "Step",
    "Stored",
    "StoredEstate",
    "Told",
    "asset_for",
    "assets_for",
    "counts_for",
    "coverage",
    "descent_of",
    "estate_of",
    "kinds_not_read",
    "links_for",
    "links_of",
    "revisions_of",
    "scopes_asked",
    "scopes_for",
    "sources_for",
    "stored_estate_of",
    "told_of",
]
