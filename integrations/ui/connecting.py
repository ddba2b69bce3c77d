"""The pages that connect a source: what to grant, a test of the connection, and the connection itself."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from aispm.accounts.permissions import Permission
from aispm.accounts.requests import SignedIn
from aispm.core.errors import Conflict, DomainError, Invalid, PermanentError, TransientError
from aispm.core.http import go, needs, render_page
from integrations import grants, queries, registry, services, tasks
from integrations.models import Connection, ConnectionKind, Origin
from integrations.ui.examining import Examination
from integrations.ui.forms import AwsForm, DetailsForm, KubernetesForm, SnapshotForm

REFUSALS = (DomainError, PermanentError, TransientError)


@sensitive_post_parameters("secret_access_key", "session_token")
@needs(Permission.MANAGE_SOURCES)
def connect_aws(request: SignedIn) -> HttpResponse:
    """An AWS account."""
    known = _as_connected(request)
    initial = {"external_id": grants.aws_external_id(), **(_shown(known) if known else {})}
    form = AwsForm(request.POST or None, known=known, initial=initial)
    context = {"form": form, "known": known, **_aws_grants(request.POST.get("external_id") or initial["external_id"])}
    return _connect(request, form, "integrations/connect_aws.html", context, _aws_steps(form))


def _aws_grants(external_id: str) -> dict[str, Any]:
    """What has to be granted, in every form that the page shows."""
    return {
        "template": grants.aws_template(external_id),
        "stack": grants.aws_stack_commands(),
        "stack_set": grants.aws_stack_set_commands(external_id),
        "terraform": grants.aws_terraform(external_id),
        "policies": [(f"aws-policy-{number}", text) for number, text in enumerate(grants.aws_policies(), 1)],
        "trust": grants.aws_trust(external_id),
        "identity": grants.aws_identity(),
    }


def _as_connected(request: SignedIn) -> Connection | None:
    """The connection of the account named in the address, which is to be changed."""
    try:
        pk = UUID(request.GET.get("source", ""))
    except ValueError:
        return None
    return queries.connections_for(request.user).filter(kind=ConnectionKind.AWS, source_id=pk).first()


def _shown(known: Connection) -> dict[str, Any]:
    """What a connection has, besides keys. An external id is no secret: it stands in the role's trust policy."""
    public = {key: value for key, value in known.settings.items() if value and isinstance(value, str)}
    about = {key: getattr(known.source, key) for key in ("name", "environment", "criticality", "owner")}
    regions = ", ".join(known.settings.get("regions") or ["all"])
    external_id = {"external_id": registry.secret_of(known).get("external_id", "")} if "role_arn" in public else {}
    return {**about, **public, **external_id, "regions": regions}


@sensitive_post_parameters("kubeconfig")
@needs(Permission.MANAGE_SOURCES)
def connect_kubernetes(request: SignedIn) -> HttpResponse:
    """A live cluster."""
    clusters = queries.eks_clusters_for(request.user)
    form = KubernetesForm(request.POST or None, request.FILES or None, clusters=clusters)
    context = {
        "form": form,
        "eks_commands": grants.eks_commands() if clusters else "",
        "role": grants.kubernetes_role(),
        "kubeconfig_commands": grants.kubeconfig_commands(),
    }
    return _connect(request, form, "integrations/connect_kubernetes.html", context, _kubernetes_steps(form))


@needs(Permission.MANAGE_SOURCES)
def connect_snapshot(request: SignedIn) -> HttpResponse:
    """A cluster snapshot, for clusters that cannot be reached."""
    form = SnapshotForm(request.POST or None, request.FILES or None)
    context = {"form": form, "commands": grants.snapshot_commands()}
    return _connect(request, form, "integrations/connect_snapshot.html", context, _snapshot_steps(form))


@dataclass(frozen=True, slots=True)
class _Steps:
    test: Callable[[], Examination]
    connect: Callable[[], Connection]


def _connect(request: SignedIn, form: DetailsForm, page: str, context: dict[str, Any], steps: _Steps) -> HttpResponse:
    if request.method != "POST":
        return render_page(request, page, page, context)
    testing = request.POST.get("action") == "test"
    if not form.is_valid():
        return render_page(request, page, "integrations/_doctor.html" if testing else page, context, status=422)
    if testing:
        context["tested"] = steps.test()
        return render_page(request, page, "integrations/_doctor.html", context)
    try:
        connection = steps.connect()
    except REFUSALS as error:
        where = error.where if isinstance(error, Invalid) and error.where in form.fields else None
        form.add_error(where, str(error))
        return render_page(request, page, page, context, status=422)
    return _collect_at_once(request, connection)


def _collect_at_once(request: SignedIn, connection: Connection) -> HttpResponse:
    """Starts the first collection, or the one that reads what has just been replaced."""
    source = connection.source
    try:
        with transaction.atomic():
            run = services.request_run(source=source, by=request.user, origin=Origin.CONNECT)
            transaction.on_commit(partial(tasks.collect.delay, str(run.pk)))
        begun = _("Its collection has started.")
    except Conflict:
        begun = _("It is being collected right now, and once more after that.")
    messages.success(request, f"{_what_happened(connection)} {begun}")
    return go(request, reverse("integrations:source", args=[source.pk]))


def _what_happened(connection: Connection) -> str:
    source = connection.source
    if source.collected_at is None:
        return _("%s is connected.") % source.name
    if connection.kind == ConnectionKind.SNAPSHOT:
        return _("This snapshot takes the place of the one of %s that was here.") % source.name
    return _("%s was connected before: its access is replaced, what is known of it stays.") % source.name


def _aws_steps(form: AwsForm) -> _Steps:
    def test() -> Examination:
        public, hidden = registry.reached(*form.access().parts())
        return _examined(lambda: services.examine(registry.live_collector(ConnectionKind.AWS, public, hidden)))

    return _Steps(
        test=lambda: _guarded(test),
        connect=lambda: services.connect_aws(access=form.access(), details=form.details(), known=form.known),
    )


def _kubernetes_steps(form: KubernetesForm) -> _Steps:
    def test() -> Examination:
        given = form.cleaned_data
        if cluster := given.get("eks"):
            return _examined(lambda: services.examine(services.eks_collector(cluster)))
        public = {"context": given["context"]} if given["context"] else {}
        hidden = {"kubeconfig": given["kubeconfig"]} if given["kubeconfig"] else {}
        public |= {} if hidden else {"in_cluster": True}
        return _examined(lambda: services.examine(registry.live_collector(ConnectionKind.KUBERNETES, public, hidden)))

    def connect() -> Connection:
        given = form.cleaned_data
        if cluster := given.get("eks"):
            return services.connect_eks(cluster=cluster, details=form.details())
        return services.connect_kubernetes(
            kubeconfig=given["kubeconfig"], context=given["context"], details=form.details()
        )

    return _Steps(test=lambda: _guarded(test), connect=connect)


def _snapshot_steps(form: SnapshotForm) -> _Steps:
    def test() -> Examination:
        with _on_disk(form.cleaned_data["file"]) as path:
            return _examined(lambda: services.examine(registry.snapshot_collector(path)))

    def connect() -> Connection:
        with _on_disk(form.cleaned_data["file"]) as path:
            return services.connect_snapshot(path=path, details=form.details())

    return _Steps(test=lambda: _guarded(test), connect=connect)


def _examined(ask: Callable[[], Any]) -> Examination:
    identity, checks = ask()
    return Examination(f"{identity.name} ({identity.external_id})", checks)


def _guarded(test: Callable[[], Examination]) -> Examination:
    try:
        return test()
    except REFUSALS as error:
        return Examination(error=str(error))


@contextmanager
def _on_disk(upload: UploadedFile[bytes]) -> Iterator[Path]:
    """The upload as a file under its own name."""
    with tempfile.TemporaryDirectory(prefix="aispm-upload-") as folder:
        path = Path(folder) / (Path(str(upload.name)).name or "snapshot")
        with path.open("wb") as target:
            for part in upload.chunks():
                target.write(part)
        upload.seek(0)
        yield path
