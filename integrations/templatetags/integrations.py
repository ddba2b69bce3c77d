"""Words and shapes of runs in templates."""

# icons: clock loader-2 circle-check circle-half-2 circle-x player-stop
from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aispm.core.templatetags.ui import badge, share_bar
from integrations.models import ACTIVE, Purpose, Run, RunState, Watch
from integrations.queries import Member, Standing

register = template.Library()
STATES = {
    RunState.QUEUED: ("none", "clock"),
    RunState.RUNNING: ("accent", "loader-2"),
    RunState.COMPLETE: ("ok", "circle-check"),
    RunState.INCOMPLETE: ("high", "circle-half-2"),
    RunState.FAILED: ("critical", "circle-x"),
    RunState.CANCELLED: ("none", "player-stop"),
}
PHASES = {
    "collecting": gettext_lazy("Reading"),
    "deriving": gettext_lazy("Working out what it means"),
    "judging": gettext_lazy("Judging by the rules"),
    "waiting": gettext_lazy("Waiting before the next try"),
    "removing": gettext_lazy("Ending its findings, then deleting its rows"),
}


@register.simple_tag
def run_state(run: Run) -> SafeString:
    """How a run stands; one that removes its source says so while it is active."""
    known = RunState(run.state)
    removing = run.purpose == Purpose.REMOVE and known in ACTIVE
    return badge(_("Being removed") if removing else known.label, *STATES[known])


STANDINGS = {
    Standing.CONNECTED: (gettext_lazy("Connected"), "ok", "circle-check"),
    Standing.APART: (gettext_lazy("Connected by itself"), "ok", "circle-check"),
    Standing.FREE: (gettext_lazy("Not connected"), "none", "clock"),
    Standing.ASKED: (gettext_lazy("Being asked"), "accent", "loader-2"),
    Standing.REFUSED: (gettext_lazy("Cannot be assumed"), "critical", "circle-x"),
    Standing.CLOSED: (gettext_lazy("Suspended or closed"), "none", "player-stop"),
    Standing.LEFT: (gettext_lazy("No longer in the organization"), "high", "circle-half-2"),
}


@register.simple_tag
def member_standing(member: Member) -> SafeString:
    """How an account of the organization stands."""
    return badge(*STANDINGS[member.standing])


@register.simple_tag
def watch_state(watch: Watch | None) -> SafeString:
    """How far the changes of a cluster are followed."""
    if watch is None or not watch.is_held:
        return badge(_("Not followed"), "none", "player-stop")
    if watch.since is None:
        return (
            badge(_("Interrupted"), "high", "circle-x")
            if watch.trouble
            else badge(_("Beginning"), "accent", "loader-2")
        )
    if watch.missing or watch.trouble:
        return badge(_("Partly live"), "high", "circle-half-2")
    return badge(_("Live"), "ok", "circle-check")


SETTINGS = {
    "through": gettext_lazy("Reached through account"),
    "regions": gettext_lazy("Regions"),
    "role_arn": gettext_lazy("Role to assume"),
    "external_id": gettext_lazy("External id"),
    "endpoint_url": gettext_lazy("Endpoint"),
    "context": gettext_lazy("Context"),
}


@register.filter
def setting_words(key: str) -> str:
    """What a setting of a connection is called."""
    return str(SETTINGS.get(key, key.replace("_", " ").capitalize()))


@register.filter
def setting_value(value: Any) -> str:
    """A setting as one would say it: lists with commas, yes and no."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@register.simple_tag
def run_phase(phase: str) -> str:
    return str(PHASES.get(phase, phase))


@register.simple_tag
def run_bar(run: Run) -> SafeString:
    """Scopes read, unread and still to come."""
    read = max(run.scopes_done - run.scopes_unread, 0)
    left = max(run.scopes_total - run.scopes_done, 0)
    words = _("%(done)d of %(total)d scopes") % {"done": run.scopes_done, "total": run.scopes_total}
    return share_bar([(read, "ok"), (run.scopes_unread, "crit"), (left or (not run.scopes_total), "back")], words)
