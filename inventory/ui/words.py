"""What roles, links and states are called on pages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

ROLES: dict[str, Words] = {
    "model": _("Model"),
    "endpoint": _("Model endpoint"),
    "training": _("Training"),
    "notebook": _("Notebook"),
    "agent": _("Agent"),
    "tool": _("Tool or MCP server"),
    "vector-store": _("Vector store"),
    "dataset": _("Dataset"),
    "gateway": _("AI gateway"),
    "framework": _("AI framework"),
    "accelerator": _("Accelerator"),
    "api-client": _("Client of an AI API"),
    "guardrail": _("Guardrail"),
    "registry": _("Model registry"),
    "pipeline": _("Pipeline"),
    "identity": _("AI identity"),
}

# type: (seen from its origin, seen from its target)
LINKS: dict[str, tuple[Words, Words]] = {
    "uses_role": (_("Acts as"), _("Is the role of")),
    "reads_data": (_("Reads"), _("Is read by")),
    "writes_data": (_("Writes to"), _("Is written by")),
    "produces": (_("Produces"), _("Is produced by")),
    "loads": (_("Loads"), _("Is loaded by")),
    "serves": (_("Serves"), _("Is served by")),
    "runs_image": (_("Runs the image"), _("Is run by")),
    "encrypted_by": (_("Is encrypted by"), _("Encrypts")),
    "in_network": (_("Is in the network of"), _("Protects or contains")),
    "guarded_by": (_("Is guarded by"), _("Guards")),
    "stores_in": (_("Stores in"), _("Stores for")),
    "indexes": (_("Indexes"), _("Is indexed by")),
    "has_tool": (_("Has the tool"), _("Is a tool of")),
    "delegates_to": (_("Delegates to"), _("Works for")),
    "logs_to": (_("Logs to"), _("Holds logs of")),
    "part_of": (_("Is part of"), _("Contains")),
    "selects": (_("Selects"), _("Is selected by")),
    "routes_to": (_("Routes to"), _("Is reached through")),
    "runs_as": (_("Runs as"), _("Is the account of")),
    "binds": (_("Binds"), _("Is bound by")),
    "grants_to": (_("Grants to"), _("Is granted by")),
    "mounts": (_("Mounts"), _("Is mounted by")),
    "bound_to": (_("Is bound to"), _("Is bound by")),
    "runs_on": (_("Runs on"), _("Runs")),
}

STATES: dict[str, tuple[Words, str, str]] = {
    "complete": (_("Read to the end"), "ok", "circle-check"),
    "incomplete": (_("Not read to the end"), "high", "circle-half-2"),
    "denied": (_("Denied"), "critical", "ban"),
    "not-offered": (_("Not offered here"), "none", "circle-minus"),
    "never": (_("Not read yet"), "unknown", "help-circle"),
}
PROBLEMS: dict[str, Words] = {
    "denied": _("Access denied"),
    "throttled": _("Throttled"),
    "timeout": _("Took too long"),
    "unreachable": _("Not reachable"),
    "server-error": _("Error at the other side"),
    "malformed": _("Answer not understood"),
    "expired": _("Credentials expired"),
    "cancelled": _("Cancelled"),
    "other": _("Other problem"),
}
CRITICALITY: dict[int, Words] = {1: _("Low"), 2: _("Normal"), 3: _("High")}


def role_words(role: str) -> str:
    return str(ROLES.get(role, role.replace("-", " ").capitalize()))


def link_words(type: str, *, outgoing: bool) -> str:
    known = LINKS.get(type)
    return str(known[0 if outgoing else 1]) if known else type.replace("_", " ").capitalize()
