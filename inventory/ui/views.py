"""The inventory's pages: what exists, one asset, and what could not be read."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from aispm.accounts.permissions import Permission
from aispm.accounts.requests import SignedIn
from aispm.core.filtering import checked, facet
from aispm.core.http import needs, render_page, wants_fragment
from aispm.core.pagination import Sorts, paginate
from inventory import queries
from inventory.filters import AssetFilter, ScopeFilter
from inventory.queries.figures import NOT_READ
from inventory.ui import presenting
from inventory.ui.access import access_to
from inventory.ui.lineage import lineage_of
from inventory.ui.panels import by_asset, coverage_panels, noted, panels_of
from inventory.ui.words import PROBLEMS, STATES

ASSET_SORTS: Sorts = {
    "name": ("name", "id"),
    "-name": ("-name", "-id"),
    "-changed_at": ("-changed_at", "-id"),
    "-first_seen": ("-first_seen", "-id"),
}
SCOPE_SORTS: Sorts = {"collector": ("collector", "region", "id")}


@require_safe
@needs(Permission.READ_INVENTORY)
def asset_list(request: SignedIn) -> HttpResponse:
    """What exists: AI assets unless the query string asks for more."""
    sources = list(queries.sources_for(request.user))
    facets, counts = presenting.asset_facets(request.user, request.GET, sources)
    rows = checked(AssetFilter(request.GET, queryset=queries.assets_for(request.user)))
    page = paginate(request, rows, sorts=ASSET_SORTS)
    context = {
        "known": AssetFilter.base_filters,
        "facets": facets,
        "page": page,
        "rows": noted(request.user, page.rows),
        "sorts": ASSET_SORTS,
        "counts": counts,
        "sources": sources,
        "noun": ngettext("asset", "assets", page.count or 0),
    }
    return render_page(request, "inventory/assets.html", "inventory/_assets.html", context)


@require_safe
@needs(Permission.READ_INVENTORY)
def asset(request: SignedIn, pk: UUID) -> HttpResponse:
    """One asset: whole as a page, in short in the drawer."""
    found = queries.asset_for(request.user, pk)
    brief = wants_fragment(request)
    links = queries.links_of(request.user, found)
    context = {
        "asset": found,
        "access": access_to(found),
        "evidence": found.ai_evidence,
        "groups": presenting.grouped(links),
        "more_links": links.more,
        "in_lineage": presenting.in_lineage(links),
        "panels": panels_of(request.user, found, brief=brief),
    }
    if not brief:
        context |= {
            "graph": presenting.graph_of(found, links),
            "facts": presenting.fact_lines(found),
            "configuration": presenting.configuration_of(found),
            "revisions": queries.revisions_of(request.user, found, limit=20),
        }
    return render_page(request, "inventory/asset.html", "inventory/_drawer.html", context)


@require_safe
@needs(Permission.READ_INVENTORY)
def lineage(request: SignedIn, pk: UUID) -> HttpResponse:
    """Where an asset comes from and what depends on it, as a story."""
    found = queries.descent_of(request.user, queries.asset_for(request.user, pk))
    assets = [step.asset for step in found.steps.values()]
    context = {
        "asset": found.asset,
        "descent": found,
        "lineage": lineage_of(found, queries.told_of(request.user, found), by_asset(request.user, assets)),
    }
    return render(request, "inventory/lineage.html", context)


@require_safe
@needs(Permission.READ_INVENTORY, Permission.READ_SOURCES)
def coverage(request: SignedIn) -> HttpResponse:
    """What was read of each source, and what was not: why, since when, and which permission is missing."""
    sources = queries.coverage(request.user)
    whole = request.GET.get("show") == "all" or "state" in request.GET
    facets = [
        facet(request.GET, "show", _("Show"), [("", _("Not read to the end")), ("all", _("All scopes"))], single=True),
        facet(request.GET, "state", _("State"), [(state, words) for state, (words, _tone, _shape) in STATES.items()]),
        facet(request.GET, "problem", _("Problem"), PROBLEMS.items()),
        facet(request.GET, "source", _("Source"), [(line.source.pk, line.source.name) for line in sources]),
        facet(request.GET, "collector", _("Kind"), hidden=True),
        facet(request.GET, "region", _("Region"), hidden=True),
    ]
    rows = checked(ScopeFilter(request.GET, queryset=queries.scopes_for(request.user)))
    page = paginate(request, rows if whole else rows.filter(state__in=NOT_READ), sorts=SCOPE_SORTS, limit=100)
    context = {
        "known": ScopeFilter.base_filters,
        "sources": sources,
        "facets": facets,
        "page": page,
        "noun": ngettext("scope", "scopes", page.count or 0),
        "whole": whole,
        "panels": [] if wants_fragment(request) else coverage_panels(request.user),
    }
    return render_page(request, "inventory/coverage.html", "inventory/_scopes.html", context)
