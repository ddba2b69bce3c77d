"""What roles, links and states are called on pages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.provenance import LinkType

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
    LinkType.USES_ROLE: (_("Acts as"), _("Is the role of")),
    LinkType.READS_DATA: (_("Reads"), _("Is read by")),
    LinkType.WRITES_DATA: (_("Writes to"), _("Is written by")),
    LinkType.PRODUCES: (_("Produces"), _("Is produced by")),
    LinkType.FEEDS: (_("Feeds"), _("Begins with what was written by")),
    LinkType.LOADS: (_("Loads"), _("Is loaded by")),
    LinkType.SERVES: (_("Serves"), _("Is served by")),
    LinkType.RUNS_IMAGE: (_("Runs the image"), _("Is run by")),
    LinkType.ENCRYPTED_BY: (_("Is encrypted by"), _("Encrypts")),
    LinkType.IN_NETWORK: (_("Is in the network of"), _("Protects or contains")),
    LinkType.GUARDED_BY: (_("Is guarded by"), _("Guards")),
    LinkType.STORES_IN: (_("Stores in"), _("Stores for")),
    LinkType.INDEXES: (_("Indexes"), _("Is indexed by")),
    LinkType.HAS_TOOL: (_("Has the tool"), _("Is a tool of")),
    LinkType.DELEGATES_TO: (_("Delegates to"), _("Works for")),
    LinkType.LOGS_TO: (_("Logs to"), _("Holds logs of")),
    LinkType.PART_OF: (_("Is part of"), _("Contains")),
    LinkType.SELECTS: (_("Selects"), _("Is selected by")),
    LinkType.ROUTES_TO: (_("Routes to"), _("Is reached through")),
    LinkType.RUNS_AS: (_("Runs as"), _("Is the account of")),
    LinkType.BINDS: (_("Binds"), _("Is bound by")),
    LinkType.GRANTS_TO: (_("Grants to"), _("Is granted by")),
    LinkType.MOUNTS: (_("Mounts"), _("Is mounted by")),
    LinkType.BOUND_TO: (_("Is bound to"), _("Is bound by")),
    LinkType.RUNS_ON: (_("Runs on"), _("Runs")),
}

STATES: dict[str, tuple[Words, str, str]] = {
    "complete": (_("Read to the end"), "ok", "circle-check"),
    "incomplete": (_("Not read to the end"), "high", "circle-half-2"),
    "denied": (_("Denied"), "critical", "ban"),
    "not-offered": (_("Not offered here"), "none", "circle-minus"),
    "not-chosen": (_("No longer chosen"), "none", "circle-minus"),
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


# What a role means where its general word would mislead: by the kind of the asset.
ROLES_OF_KINDS: dict[tuple[str, str], Words] = {
    ("identity", "aws.kms.key"): _("Key of AI only"),
    ("dataset", "aws.logs.log_group"): _("Log of AI"),
    ("guardrail", "aws.bedrock.logging_configuration"): _("Logging of AI"),
    ("registry", "aws.ecr.repository"): _("Images of AI"),
    ("registry", "aws.ecr.image"): _("Image of AI"),
    ("model", "aws.s3.bucket"): _("Model files"),
    ("dataset", "aws.s3.bucket"): _("Data of AI"),
    ("model", "k8s.persistent_volume_claim"): _("Model files"),
    ("model", "k8s.persistent_volume"): _("Model files"),
    ("dataset", "k8s.persistent_volume_claim"): _("Data of AI"),
    ("dataset", "k8s.persistent_volume"): _("Data of AI"),
}


def role_words(role: str, kind: str = "") -> str:
    """A role; of a kind in the words that fit it."""
    fitting = ROLES_OF_KINDS.get((role, kind)) or ROLES.get(role)
    return str(fitting or role.replace("-", " ").capitalize())


def link_words(type: str, *, outgoing: bool) -> str:
    known = LINKS.get(type)
    return str(known[0 if outgoing else 1]) if known else type.replace("_", " ").capitalize()
