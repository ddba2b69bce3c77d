"""Forms that connect sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aispm.core.errors import Invalid
from integrations import registry
from integrations.kubernetes.kubeconfig import MAX_BYTES, decoded
from integrations.models import Connection, ConnectionKind
from integrations.services import AwsAccess, SourceDetails
from inventory.models import Asset, Environment

CRITICALITIES = ((1, _("Low")), (2, _("Normal")), (3, _("High: an outage or a leak here hurts the business")))
INTERVALS = ((60, _("Every hour")), (360, _("Every 6 hours")), (720, _("Every 12 hours")), (1440, _("Every day")))


class SaidForm(forms.Form):
    """What people say about one source or about several."""

    environment = forms.ChoiceField(label=_("Environment"), choices=Environment.choices, initial=Environment.UNKNOWN)
    criticality = forms.TypedChoiceField(label=_("Criticality"), choices=CRITICALITIES, coerce=int, initial=2)
    owner = forms.CharField(
        label=_("Owner"), max_length=120, required=False, help_text=_("Who answers for what has no owner of its own.")
    )


class DetailsForm(SaidForm):
    """What people say about a source. What they leave as it is stays so when it was connected before."""

    environment = forms.ChoiceField(
        label=_("Environment"),
        choices=(("", _("As it is; when new, not stated")), *Environment.choices),
        required=False,
    )
    criticality = forms.TypedChoiceField(
        label=_("Criticality"),
        choices=(("", _("As it is; when new, normal")), *CRITICALITIES),
        coerce=int,
        required=False,
        empty_value=None,
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        help_text=_("Empty leaves it as it is; a new source takes its own name."),
    )
    field_order: list[str] | None = None
    known: Connection | None = None
    """The connection that is changed; what it has is in the fields, so an emptied one was meant."""

    def details(self) -> SourceDetails:
        given = self.cleaned_data
        owner = given["owner"] if self.known else given["owner"] or None
        return SourceDetails(given["name"], given["environment"] or None, given["criticality"], owner)


class AwsForm(DetailsForm):
    """An AWS account: the role to assume, or keys, or the worker's own credentials."""

    regions = forms.CharField(
        label=_("Regions"),
        initial="us-east-1",
        help_text=_("Separated by commas, or “all”. Nothing outside them is called."),
    )
    role_arn = forms.CharField(
        label=_("Role to assume"),
        required=False,
        max_length=700,
        help_text=_("Such as arn:aws:iam::123456789012:role/AispmReader."),
    )
    external_id = forms.CharField(
        label=_("External id"),
        required=False,
        max_length=1224,
        help_text=_(
            "Sent when the role is assumed. This one is yours and stays the same; a role that you have already may ask "
            "for another."
        ),
    )
    access_key_id = forms.CharField(label=_("Access key id"), required=False, max_length=128)
    secret_access_key = forms.CharField(
        label=_("Secret access key"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Stored encrypted and never shown again. Leave both keys empty to use the worker's own identity."),
    )
    session_token = forms.CharField(
        label=_("Session token"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Only with temporary keys, which stop working when they run out."),
    )
    endpoint_url = forms.CharField(
        label=_("Endpoint"),
        required=False,
        max_length=300,
        help_text=_("Only for gateways and simulators."),
    )
    drop_keys = forms.BooleanField(
        label=_("Drop the stored keys and use the worker's own identity"), required=False, initial=False
    )
    field_order = [
        "regions", "role_arn", "external_id", "access_key_id", "secret_access_key", "session_token", "drop_keys",
        "endpoint_url", "name",
    ]  # fmt: skip

    def __init__(self, data: Any, *, known: Connection | None, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.known = known
        self.stored_keys = registry.keys_of(known) if known else {}
        if known:
            self.fields["external_id"].help_text = _("Sent when the role is assumed.")
        if self.stored_keys:
            self.fields["secret_access_key"].help_text = _("Keys are stored. Empty fields keep them.")
        else:
            del self.fields["drop_keys"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.access().parts()
            except Invalid as wrong:
                self.add_error(wrong.where if wrong.where in self.fields else None, str(wrong))
        return given

    def access(self) -> AwsAccess:
        """How to reach the account: with the stored keys where none are entered."""
        given = self.cleaned_data
        keys = {name: given[name] for name in registry.KEYS}
        if not any(keys.values()) and not given.get("drop_keys"):
            keys |= self.stored_keys
        return AwsAccess(
            regions=[given["regions"]],
            role_arn=given["role_arn"],
            external_id=given["external_id"],
            endpoint_url=given["endpoint_url"],
            through=self.known.settings.get("through", "") if self.known else "",
            **keys,
        )


class EksField(forms.ModelChoiceField):  # type: ignore[type-arg]  # it takes none when it runs
    """A cluster of a connected account."""

    def label_from_instance(self, obj: Asset) -> str:
        return f"{obj.name} · {obj.place} · {obj.source.name}"


class KubernetesForm(DetailsForm):
    """A cluster: a kubeconfig, pasted or as a file; one of a connected account; otherwise the one that we run in."""

    eks = EksField(
        label=_("EKS cluster of a connected account"),
        queryset=Asset.objects.none(),
        required=False,
        empty_label=_("None: by the kubeconfig below"),
        help_text=_("By the account's own role; no kubeconfig is needed."),
    )
    kubeconfig = forms.CharField(
        label=_("Kubeconfig"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("With a token or a client certificate inside. Plugins (exec) and file names are refused."),
    )
    file = forms.FileField(label=_("Or as a file"), required=False)
    context = forms.CharField(label=_("Context"), required=False, help_text=_("Empty takes the current context."))
    field_order = ["eks", "kubeconfig", "file", "context", "name"]

    def __init__(self, *args: Any, clusters: QuerySet[Asset], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["eks"]
        assert isinstance(field, EksField)
        field.queryset = clusters
        if not clusters:
            del self.fields["eks"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        upload = given.get("file")
        if upload is not None:
            try:
                given["kubeconfig"] = decoded(upload.read(MAX_BYTES + 1))
            except Invalid as wrong:
                self.add_error("file", str(wrong))
        return given


class SnapshotForm(DetailsForm):
    """A cluster snapshot: an archive of API lists, or the output of kubectl."""

    file = forms.FileField(
        label=_("Snapshot"), help_text=_("A .tar.gz, .zip, .json or .yaml file, made with the command above.")
    )
    field_order = ["file", "name"]

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        upload.name = Path(upload.name).name
        return upload


class ScheduleForm(forms.Form):
    """How often a source is collected."""

    every_minutes = forms.TypedChoiceField(label=_("Collect"), choices=INTERVALS, coerce=int)
    enabled = forms.BooleanField(label=_("Collect on schedule"), required=False)

    @classmethod
    def of(cls, connection: Connection) -> ScheduleForm | None:
        """The form of a connection; None for a snapshot, which has nothing new to read."""
        if connection.kind == ConnectionKind.SNAPSHOT:
            return None
        form = cls(initial={"every_minutes": connection.every_minutes, "enabled": connection.enabled})
        field: Any = form.fields["every_minutes"]
        if connection.every_minutes not in dict(INTERVALS):
            field.choices = [(connection.every_minutes, _("As now")), *INTERVALS]
        return form
