"""Forms of signing in, preferences and API tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.utils.translation import gettext_lazy as _

from aispm.accounts.models import Theme, User
from aispm.accounts.permissions import BY_ROLE, Permission

SCOPES = {
    Permission.READ_INVENTORY: _("Read the inventory"),
    Permission.READ_FINDINGS: _("Read findings"),
    Permission.READ_POSTURE: _("Read scores and trends"),
    Permission.READ_SOURCES: _("Read sources, scopes and runs"),
    Permission.RUN_COLLECTION: _("Start and cancel runs"),
    Permission.MANAGE_SOURCES: _("Also cancel removals of sources"),
}
LIFETIMES = ((30, _("30 days")), (90, _("90 days")), (365, _("A year")))


class SignInForm(AuthenticationForm):
    """Name and password."""

    error_messages = {
        "invalid_login": _("Name and password do not match. Both are case-sensitive."),
        "inactive": _("This account is switched off. Ask an administrator."),
    }


class PasswordForm(PasswordChangeForm):
    """A new password, for whoever knows the present one."""

    error_messages = PasswordChangeForm.error_messages | {"password_incorrect": _("That is not your present password.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        labels = {"old_password": _("Present password"), "new_password1": _("New password")}
        for name, label in (labels | {"new_password2": _("New password again")}).items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("autofocus", None)


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What each person sets for themselves."""

    class Meta:
        model = User
        fields = ("theme", "shortcuts")
        labels = {"theme": _("Theme"), "shortcuts": _("Keyboard shortcuts")}
        widgets = {"theme": forms.RadioSelect(choices=Theme.choices)}


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(max_length=80, label=_("Name"), help_text=_("Where it will be used: “ticket system”."))
    scopes = forms.MultipleChoiceField(label=_("May"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(label=_("Valid for"), choices=LIFETIMES, coerce=int, initial=90)

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        allowed = BY_ROLE.get(user.role, frozenset())
        choices = [(scope.value, words) for scope, words in SCOPES.items() if scope in allowed]
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]
