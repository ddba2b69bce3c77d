"""Pages of frameworks: their controls, and how each comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.http import Http404, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from aispm.accounts.permissions import Permission
from aispm.accounts.requests import SignedIn
from aispm.core.errors import Invalid
from aispm.core.filtering import Facet, facet
from aispm.core.http import needs, render_page
from findings.posture import queries
from findings.posture.queries import ControlStanding, FrameworkStanding
from findings.posture.ui.words import STANDINGS
from inventory import queries as inventory

RULES_SHOWN = 4


@require_safe
@needs(Permission.READ_FINDINGS, Permission.READ_POSTURE)
def framework_list(request: SignedIn) -> HttpResponse:
    """Every framework with how many of its controls fail, pass, are not known, and are not asked."""
    found = queries.frameworks_for(request.user)
    context = {"frameworks": found, "connected": _connected(request, found)}
    return render_page(request, "posture/frameworks.html", "posture/_frameworks.html", context)


@require_safe
@needs(Permission.READ_FINDINGS, Permission.READ_POSTURE)
def framework(request: SignedIn, slug: str) -> HttpResponse:
    """One framework: each control with its verdict, the rules that ask it, or why none does."""
    found = queries.framework_for(request.user, slug)
    if found is None:
        raise Http404
    verdicts = facet(request.GET, "verdict", _("Verdict"), STANDINGS.items())
    shown = list(_chosen(found.controls, verdicts, request.GET))
    context = {
        "found": found,
        "framework": found.framework,
        "controls": shown,
        "rules_shown": RULES_SHOWN,
        "facets": [verdicts],
        "page": {"count": len(shown)},
        "noun": ngettext("control", "controls", len(shown)),
        "connected": _connected(request, [found]),
    }
    return render_page(request, "posture/framework.html", "posture/_controls.html", context)


def _connected(request: SignedIn, found: Iterable[FrameworkStanding]) -> bool:
    answered = any(each.answered for each in found)
    return answered or inventory.sources_for(request.user).exists()


def _chosen(controls: Iterable[ControlStanding], verdicts: Facet, query: QueryDict) -> Iterator[ControlStanding]:
    if wrong := [word for word in verdicts.chosen if word not in STANDINGS]:
        raise Invalid(_("There is no verdict %s.") % wrong[0][:80], where="verdict")
    words = query.get("q", "").lower().split()[:10]
    for entry in controls:
        text = f"{entry.control.id} {entry.control.title}".lower()
        if (not verdicts.chosen or entry.standing in verdicts.chosen) and all(word in text for word in words):
            yield entry
