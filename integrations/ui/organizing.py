"""Connecting the members of an organization from the page of the account that lists them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from aispm.accounts.permissions import Permission
from aispm.accounts.requests import SignedIn
from aispm.core.errors import Invalid
from aispm.core.http import go, needs, render_page, wants_fragment
from integrations import queries, services
from integrations.base import Check
from integrations.models import Connection
from integrations.queries import Member, Standing
from integrations.services.members import REFUSALS, Trial
from integrations.ui.examining import Examination
from integrations.ui.members import MembersForm
from integrations.ui.views import source_context
from inventory import queries as inventory
from inventory.documents import Problem


@require_POST
@needs(Permission.MANAGE_SOURCES)
def connect_members(request: SignedIn, pk: UUID) -> HttpResponse:
    """Connects members, or tries whether they can be."""
    found = get_object_or_404(inventory.sources_for(request.user), pk=pk)
    parent = get_object_or_404(queries.connections_for(request.user), source=found)
    form = MembersForm(request.POST, parent=parent, members=queries.members_for(request.user, parent))
    tested = None
    if form.is_valid():
        try:
            if request.POST.get("action") != "test":
                return _connected(request, parent, services.connect_members(parent=parent, access=form.access()))
            tested = _examined(services.try_members(parent=parent, access=form.access()))
        except REFUSALS as error:
            where = error.where if isinstance(error, Invalid) and error.where in form.fields else None
            form.add_error(where, str(error))
    if tested and wants_fragment(request):
        return render_page(request, "integrations/_doctor.html", "integrations/_doctor.html", {"tested": tested})
    page = "integrations/source.html"
    context = source_context(request, found) | {"members_form": form, "tested": tested}
    return render_page(request, page, page, context, status=422 if form.errors else 200)


@require_POST
@needs(Permission.MANAGE_SOURCES)
def ask_members(request: SignedIn, pk: UUID) -> HttpResponse:
    """Asks the accounts that refused again, without waiting for their time."""
    parent = get_object_or_404(queries.connections_for(request.user), source_id=pk)
    return _connected(request, parent, services.ask_members(parent=parent))


def _connected(request: SignedIn, parent: Connection, members: list[Member]) -> HttpResponse:
    connected = sum(one.standing is Standing.CONNECTED for one in members)
    refused = sum(one.standing is Standing.REFUSED for one in members)
    told = ngettext("%d account is connected.", "%d accounts are connected.", connected) % connected
    if refused:
        failed = ngettext("%d cannot be assumed yet.", "%d cannot be assumed yet.", refused) % refused
        messages.warning(request, f"{told} {failed}")
    else:
        messages.success(request, told)
    return go(request, reverse("integrations:source", args=[parent.source_id]))


def _examined(trial: Trial) -> Examination:
    """Roles by account, and what can be read in those that were looked into."""
    checks = [
        Check(what=account, ok=not why, problem=Problem.DENIED if why else None, message=why)
        for account, why in trial.asked.items()
    ]
    checks += [replace(check, what=f"{name}: {check.what}") for name, found in trial.reads.items() for check in found]
    let_in = len(trial.asked) - sum(map(bool, trial.asked.values()))
    reached = ngettext(
        "%(in)d of %(all)d account by its role", "%(in)d of %(all)d accounts by their role", len(trial.asked)
    ) % {"in": let_in, "all": len(trial.asked)}
    if trial.reads:
        reached = _("%(reached)s, and tried everything that is read in %(names)s") % {
            "reached": reached, "names": ", ".join(trial.reads),
        }  # fmt: skip
    return Examination(reached, checks)
