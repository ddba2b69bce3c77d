"""Pages that span apps: the overview and the search."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from aispm.accounts.permissions import Permission
from aispm.accounts.requests import SignedIn
from aispm.core.http import needs, render_page
from aispm.pages import overview as reading
from aispm.pages.searching import search_for


@require_safe
@needs(Permission.READ_POSTURE, Permission.READ_FINDINGS, Permission.READ_INVENTORY, Permission.READ_SOURCES)
def overview(request: SignedIn) -> HttpResponse:
    """Where posture stands, what changed, what to do first, and what cannot be seen."""
    context = reading.overview_of(request.user)
    return render_page(request, context["template"], context["template"], context)


@require_safe
@needs(Permission.READ_INVENTORY, Permission.READ_FINDINGS)
def search(request: SignedIn) -> HttpResponse:
    """The best matches among assets, findings and rules."""
    words = request.GET.get("q", "").strip()[:200]
    found = search_for(request.user, words)
    return render_page(request, "pages/search.html", "pages/search.html", {"words": words, "found": found})
