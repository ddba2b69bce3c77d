"""Connecting the members of an organization from the page of the account that lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aispm.accounts.permissions import Permission
from aispm.accounts.requests import SignedIn
from aispm.core.errors import Invalid
from aispm.core.http import go, needs, posted, render_page, wants_fragment
from integrations import queries, services, tasks
from integrations.base import Check
from integrations.models import Connection
from integrations.services.members import REFUSALS, Trial
from integrations.ui.examining import Examination
from integrations.ui.members import MembersForm
from integrations.ui.views import source_context
from inventory import queries as inventory
from inventory.documents import Problem

REFUSALS_SHOWN = 3


@needs(Permission.MANAGE_SOURCES)
@posted("integrations:source")
def connect_members(request: SignedIn, pk: UUID) -> HttpResponse:
    """Has members connected, or tries whether they can be."""
    found = get_object_or_404(inventory.sources_for(request.user), pk=pk)
    parent = get_object_or_404(queries.connections_for(request.user), source=found)
    form = MembersForm(request.POST, parent=parent, members=queries.members_for(request.user, parent))
    testing, tested = request.POST.get("action") == "test", None
    if form.is_valid():
        try:
            if not testing:
                return _asked(request, parent, partial(services.choose_members, access=form.access()))
            tested = _examined(services.try_members(parent=parent, access=form.access()))
        except REFUSALS as error:
            where = error.where if isinstance(error, Invalid) and error.where in form.fields else None
            form.add_error(where, str(error))
    status = 422 if form.errors else 200
    context = {"form": form, "tested": tested}
    if testing and wants_fragment(request):
        return render_page(request, "integrations/_doctor.html", "integrations/_doctor.html", context, status=status)
    page = "integrations/source.html"
    context = source_context(request, found) | {"members_form": form, "tested": tested}
    return render_page(request, page, page, context, status=status)


@needs(Permission.MANAGE_SOURCES)
@posted("integrations:source")
def ask_members(request: SignedIn, pk: UUID) -> HttpResponse:
    """Has the accounts that refused asked again, without waiting for their time."""
    parent = get_object_or_404(queries.connections_for(request.user), source_id=pk)
    return _asked(request, parent, services.choose_refused)


def _asked(request: SignedIn, parent: Connection, choose: Callable[..., None]) -> HttpResponse:
    """Starts asking whoever was chosen."""
    with transaction.atomic():
        choose(parent=parent)
        transaction.on_commit(partial(tasks.ask_members.delay, str(parent.pk)))
    if parent.source.collected_at is None:
        messages.success(request, _("Members are connected when this account has been collected for the first time."))
    elif not parent.settings["members"]["pending"]:
        messages.info(request, _("No account is left to be asked. What you said holds for those that join later."))
    return go(request, reverse("integrations:source", args=[parent.source_id]))


def _examined(trial: Trial) -> Examination:
    """Roles by account, and what can be read in those that were looked into."""
    checks = [
        Check(what=account, ok=not why, problem=Problem.DENIED if why else None, message=why)
        for account, why in trial.asked.items()
    ]
    checks += [replace(check, what=f"{name}: {check.what}") for name, found in trial.reads.items() for check in found]
    refusals = [why for why in trial.asked.values() if why]
    if len(refusals) == len(trial.asked):
        return Examination(error=_nobody(refusals))
    let_in = ngettext(
        "%(in)d of %(all)d account by its role", "%(in)d of %(all)d accounts by their role", len(trial.asked)
    ) % {"in": len(trial.asked) - len(refusals), "all": len(trial.asked)}
    if trial.of > len(trial.asked):
        let_in = _("%(let_in)s (the first of %(of)d)") % {"let_in": let_in, "of": trial.of}
    names = ", ".join(trial.reads)
    return Examination(
        _("%(let_in)s, and tried everything that is read in %(names)s") % {"let_in": let_in, "names": names}, checks
    )


def _nobody(refusals: list[str]) -> str:
    """What is said where no account lets us in."""
    if not refusals:
        return _("No account is left to be connected.")
    head = [_("None of %d accounts lets us in.") % len(refusals)] if len(refusals) > 1 else []
    left = len(refusals) - REFUSALS_SHOWN
    tail = [ngettext("And %d more.", "And %d more.", left) % left] if left > 0 else []
    return "\n".join([*head, *refusals[:REFUSALS_SHOWN], *tail])
