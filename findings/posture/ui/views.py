"""Pages of findings, rules and steps."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from aispm.accounts.permissions import Permission
from aispm.accounts.requests import SignedIn
from aispm.core.filtering import checked
from aispm.core.http import needs, render_page
from aispm.core.pagination import Page, paginate
from findings.posture import queries
from findings.posture.filters import FindingFilter, RuleFilter
from findings.posture.queries.sums import ALL
from findings.posture.rule import STEPS
from findings.posture.ui import presenting
from inventory import queries as inventory

HISTORY_SHOWN, FAILING_SHOWN, MOVES_SHOWN = 50, 25, 15


@require_safe
@needs(Permission.READ_FINDINGS)
def finding_list(request: SignedIn) -> HttpResponse:
    """Open findings unless the query string asks for others, the most pressing first."""
    sources = list(inventory.sources_for(request.user))
    judged = [source.judged_at for source in sources if source.judged_at]
    filters = FindingFilter(request.GET, queryset=queries.findings_listed(request.user))
    rows = checked(filters)
    page = paginate(request, rows, sorts=filters.sorts)
    context = {
        "known": FindingFilter.base_filters,
        "facets": presenting.finding_facets(request.GET, sources),
        "page": page,
        "sorts": filters.sorts,
        "sources": sources,
        "last_judged": min(judged, default=None),
        "noun": ngettext("finding", "findings", page.count or 0),
    }
    return render_page(request, "posture/findings.html", "posture/_findings.html", context)


@require_safe
@needs(Permission.READ_FINDINGS)
def finding(request: SignedIn, pk: UUID) -> HttpResponse:
    """One finding, in the order of a decision: risk, why, who, what to do, evidence."""
    found = queries.finding_for(request.user, pk)
    if found is None:
        raise Http404
    patch = queries.patch_of(found)
    context = {
        "finding": found,
        "words": presenting.words_of(found.rule, found.asset, patched=patch is not None),
        "patch": patch,
        "history": queries.transitions_of(found)[:HISTORY_SHOWN],
        "path": queries.path_of(request.user, found),
        "evidence": presenting.evidence_beside_path(found),
        "looked_at": presenting.looked_at(request.user, found),
    }
    return render_page(request, "posture/finding.html", "posture/_finding_drawer.html", context)


@require_safe
@needs(Permission.READ_FINDINGS)
def finding_patch(request: SignedIn, pk: UUID) -> HttpResponse:
    """The change that puts a finding right, as a file."""
    found = queries.finding_for(request.user, pk)
    patch = queries.patch_of(found) if found else None
    if patch is None:
        raise Http404
    named = {"Content-Disposition": f'attachment; filename="{patch.file}"'}
    return HttpResponse(patch.text, content_type="application/yaml; charset=utf-8", headers=named)


@require_safe
@needs(Permission.READ_FINDINGS, Permission.READ_POSTURE)
def rule_list(request: SignedIn) -> HttpResponse:
    """Every rule in force with how many assets pass, fail and are not known."""
    rows = checked(RuleFilter(request.GET, queryset=queries.rules_for(request.user)))
    shown = sorted(rows, key=presenting.failing_first)
    context = {
        "known": RuleFilter.base_filters,
        "facets": presenting.rule_facets(request.GET),
        "rules": shown,
        "faults": queries.rule_faults(),
        "page": Page(shown, None, None, "", len(shown)),
        "noun": ngettext("rule", "rules", len(shown)),
        "connected": any(map(presenting.asked, shown)) or inventory.sources_for(request.user).exists(),
    }
    return render_page(request, "posture/rules.html", "posture/_rules.html", context)


@require_safe
@needs(Permission.READ_FINDINGS, Permission.READ_POSTURE)
def rule(request: SignedIn, pk: str) -> HttpResponse:
    """One rule: its question, its words, its examples, and where it fails."""
    found = queries.rule_for(request.user, pk)
    if found is None:
        raise Http404
    failing = queries.findings_for(request.user).open().filter(rule=found).order_by("-priority", "-id")
    context = {"rule": found, "words": presenting.words_of(found), "failing": failing[:FAILING_SHOWN]}
    return render_page(request, "posture/rule.html", "posture/rule.html", context)


@require_safe
@needs(Permission.READ_POSTURE)
def step(request: SignedIn, slug: str) -> HttpResponse:
    """One step: the sum that makes its score, its trend, and why it moved."""
    if slug not in STEPS:
        raise Http404
    found = queries.posture_now(request.user).step(slug)
    moves = [move for move in queries.score_changes(request.user) if move.step == slug]
    context = {
        "step": found.step,
        "score": found.score,
        "failed": found.score.denominator - found.score.numerator,
        "open": found.open,
        "lines": queries.arithmetic(request.user, ALL, slug),
        "trend": presenting.score_chart(queries.trend(request.user, days=90), slug),
        "changes": moves[:MOVES_SHOWN],
    }
    return render_page(request, "posture/step.html", "posture/step.html", context)
