"""The form that connects the members of an organization, and the panel around it."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aispm.accounts.permissions import Permission
from aispm.accounts.requests import SignedIn
from integrations import queries
from integrations.models import Connection
from integrations.queries import Member, Standing
from integrations.services import MemberAccess
from integrations.services.members import JOINABLE, SAID, agreed
from integrations.ui.forms import SaidForm

ALL, CHOSEN = "all", "chosen"
LEFT = {
    Standing.LEFT: _("This account is no longer in the organization. What is known of it stays; remove it when done."),
    Standing.CLOSED: _("This account is suspended or closed. What is known of it stays; remove it when done."),
}


class MembersForm(SaidForm):
    """How to reach the members, which, and what is said of them."""

    role_name = forms.CharField(
        label=_("Role in every account"), max_length=576, help_text=_("The StackSet on the page Connect AWS makes it.")
    )
    external_id = forms.CharField(
        label=_("External id"), required=False, max_length=1224, help_text=_("Sent when the role is assumed.")
    )
    which = forms.ChoiceField(
        label=_("Which accounts"),
        choices=((ALL, _("All that are not connected")), (CHOSEN, _("Only those ticked below"))),
        initial=ALL,
        widget=forms.RadioSelect,
    )
    accounts = forms.MultipleChoiceField(
        label=_("Accounts"), required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "tall"})
    )
    regions = forms.CharField(label=_("Regions"), help_text=_("Separated by commas, or “all”."))
    join = forms.BooleanField(label=_("Also connect accounts that join later"), required=False, initial=True)
    field_order = ["role_name", "external_id", "which", "accounts", "regions", *SAID, "join"]

    def __init__(self, data: Any, *, parent: Connection, members: list[Member]) -> None:
        terms, external_id = agreed(parent)
        regions = ", ".join(terms["regions"])
        super().__init__(data, initial=terms | {"regions": regions, "external_id": external_id})
        field: Any = self.fields["accounts"]
        field.choices = [(one.account, f"{one.name} ({one.account})") for one in members if one.standing in JOINABLE]

    def access(self) -> MemberAccess:
        given = self.cleaned_data
        chosen = given["accounts"] if given["which"] == CHOSEN else []
        return MemberAccess(
            role_name=given["role_name"],
            external_id=given["external_id"],
            accounts=chosen,
            regions=re.split(r"[,\s]+", given["regions"].strip()),
            join=given["join"],
            **{name: given[name] for name in SAID},
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("which") == CHOSEN and not given.get("accounts"):
            self.add_error("accounts", _("Tick at least one account, or choose all."))
        return given


def members_context(request: SignedIn, connection: Connection | None) -> dict[str, Any]:
    """The panel of the account that lists members, and what is to be said of a member."""
    if connection is None:
        return {}
    members = queries.members_for(request.user, connection)
    manages = request.user.may(Permission.MANAGE_SOURCES)
    asking = sum(one.standing is Standing.ASKED for one in members)
    form = None
    if manages and not asking and any(one.standing in JOINABLE for one in members):
        form = MembersForm(None, parent=connection, members=members)
    return {
        "members": members,
        "members_form": form,
        "asking": asking,
        "joining": (connection.settings.get("members") or {}).get("join"),
        "askable": manages and any(one.standing is Standing.REFUSED for one in members),
        "left": _left(request, connection),
    }


def _left(request: SignedIn, connection: Connection) -> str:
    """Why a member is not read any more."""
    parent = queries.parent_for_system(connection.settings.get("through") or "")
    if parent is None:
        return ""
    members = queries.members_for(request.user, parent)
    standing = next((one.standing for one in members if one.source == connection.source), None)
    return str(LEFT[standing]) if standing in LEFT else ""
