"""Pages of sources and runs."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aispm.accounts.permissions import Permission
from aispm.accounts.requests import SignedIn
from aispm.core.http import go, needs, posted, render_page, wants_fragment
from integrations import queries, services, tasks
from integrations.models import ACTIVE, Purpose, Run
from integrations.ui.forms import ScheduleForm
from integrations.ui.members import members_context
from inventory import queries as inventory
from inventory.models import Source
from inventory.queries.figures import NOT_READ

RUNS_SHOWN = 20


@require_safe
@needs(Permission.READ_SOURCES)
def source_list(request: SignedIn) -> HttpResponse:
    """Every source with how it is reached, how completely it was read, and its last run."""
    connections = {connection.source_id: connection for connection in queries.connections_for(request.user)}
    latest = queries.runs_for(request.user).order_by("source_id", "-queued_at", "-id").distinct("source_id")
    runs = {run.source_id: run for run in latest}
    lines = [
        {"read": read, "connection": connections.get(read.source.pk), "run": runs.get(read.source.pk)}
        for read in inventory.coverage(request.user)
    ]
    context = {"lines": lines, "active": any(run.state in ACTIVE for run in runs.values())}
    return render_page(request, "integrations/sources.html", "integrations/_sources.html", context)


@require_safe
@needs(Permission.READ_SOURCES)
def source(request: SignedIn, pk: UUID) -> HttpResponse:
    """One source: its run in progress, earlier runs, schedule, and what could not be read."""
    found = get_object_or_404(inventory.sources_for(request.user), pk=pk)
    return render_page(request, "integrations/source.html", "integrations/source.html", source_context(request, found))


def source_context(request: SignedIn, found: Source) -> dict[str, Any]:
    """What the page of a source shows."""
    connection = queries.connections_for(request.user).filter(source=found).first()
    runs = list(queries.runs_for(request.user).filter(source=found).order_by("-queued_at", "-id")[:RUNS_SHOWN])
    read = next((line for line in inventory.coverage(request.user) if line.source.pk == found.pk), None)
    return {
        "source": found,
        "connection": connection,
        "active": next((run for run in runs if run.state in ACTIVE), None),
        "ended": [run for run in runs if run.state not in ACTIVE],
        "read": read,
        "schedule": ScheduleForm.of(connection) if connection else None,
        "watch": queries.watch_for(request.user, found),
        **members_context(request, connection),
    }


@require_safe
@needs(Permission.READ_SOURCES)
def run(request: SignedIn, pk: UUID) -> HttpResponse:
    """One run; its card asks for itself again while the run is active, and tells the page when it has ended."""
    found = get_object_or_404(queries.runs_for(request.user), pk=pk)
    if wants_fragment(request):
        return _card(request, found)
    scopes = list(inventory.scopes_asked(request.user, found.source_id, found.started_at, found.finished_at))
    context = {
        "run": found,
        "unread": [scope for scope in scopes if scope.state in NOT_READ],
        "states": Counter(scope.state for scope in scopes),
        "asked_since": len(scopes) < found.scopes_done,
    }
    return render_page(request, "integrations/run.html", "integrations/run.html", context)


def _card(request: SignedIn, run: Run) -> HttpResponse:
    response = render_page(request, "integrations/_run.html", "integrations/_run.html", {"run": run})
    if run.state not in ACTIVE:
        response["HX-Trigger"] = '{"run-ended": {"target": "body"}}'
    return response


@require_safe
@needs(Permission.READ_SOURCES)
def running(request: SignedIn) -> HttpResponse:
    """The active runs, for the head of the overview; nothing when nothing runs."""
    runs = queries.runs_for(request.user).filter(state__in=ACTIVE).order_by("-queued_at")
    return render_page(request, "integrations/running.html", "integrations/_running.html", {"runs": runs})


@needs(Permission.RUN_COLLECTION)
@posted("integrations:source")
def start_run(request: SignedIn, pk: UUID) -> HttpResponse:
    found = get_object_or_404(inventory.sources_for(request.user), pk=pk)
    with transaction.atomic():
        started = services.request_run(source=found, by=request.user)
        transaction.on_commit(partial(tasks.collect.delay, str(started.pk)))
    return go(request, reverse("integrations:source", args=[found.pk]))


@needs(Permission.RUN_COLLECTION)
@posted("integrations:run")
def cancel_run(request: SignedIn, pk: UUID) -> HttpResponse:
    found = get_object_or_404(queries.runs_for(request.user), pk=pk)
    if not request.user.may(found.permission):
        raise PermissionDenied
    services.cancel_run(run=found)
    if found.purpose == Purpose.REMOVE:
        messages.info(request, _("The source stays. What is known of it is judged again."))
    else:
        messages.info(request, _("Cancelling. What was read so far is kept."))
    return go(request, reverse("integrations:source", args=[found.source_id]))


@needs(Permission.MANAGE_SOURCES)
@posted("integrations:source")
def save_schedule(request: SignedIn, pk: UUID) -> HttpResponse:
    connection = get_object_or_404(queries.connections_for(request.user), source_id=pk)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        services.schedule_connection(
            connection=connection,
            every_minutes=form.cleaned_data["every_minutes"],
            enabled=form.cleaned_data["enabled"],
        )
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Choose how often to collect."))
    return go(request, reverse("integrations:source", args=[pk]))


@needs(Permission.MANAGE_SOURCES)
def remove(request: SignedIn, pk: UUID) -> HttpResponse:
    """Asks first, by name: everything known of the source goes with it."""
    found = get_object_or_404(inventory.sources_for(request.user), pk=pk)
    context = {"source": found, "mistyped": False, "resting": queries.resting_on(request.user, found)}
    if request.method != "POST":
        return render_page(request, "integrations/remove.html", "integrations/remove.html", context)
    if request.POST.get("name", "").strip() != found.name:
        context["mistyped"] = True
        return render_page(request, "integrations/remove.html", "integrations/remove.html", context, status=422)
    services.remove_source(source=found, by=request.user)
    messages.info(request, _("%s is being removed.") % found.name)
    return go(request, reverse("integrations:sources"))
