"""Connecting sources: what is stored, what is refused, and what a second time means."""

from __future__ import annotations

import io
import json
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from aispm.core.crypto import unseal
from aispm.core.errors import Conflict, Invalid, PermanentError
from demo import cluster
from demo.aws import SimulatedAws
from integrations import registry, services
from integrations.models import Connection, Run, RunState, SnapshotPart
from integrations.services import AwsAccess, SourceDetails
from inventory.models import Source

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cluster")
    cluster.write(folder)
    archive = folder.parent / "cluster.tar.gz"
    with tarfile.open(archive, "w:gz") as target:
        target.add(folder, arcname=".")
    return archive


@pytest.fixture(scope="module")
def aws() -> object:
    with SimulatedAws() as simulated:
        yield simulated


def access(aws: SimulatedAws, **changes: str) -> AwsAccess:
    keys = {
        "access_key_id": aws.credentials["aws_access_key_id"],
        "secret_access_key": aws.credentials["aws_secret_access_key"],
        "endpoint_url": aws.url,
    }
    return AwsAccess(regions=["eu-central-1"], **(keys | changes))


def test_an_account_is_known_by_its_id_and_its_keys_are_sealed(aws: SimulatedAws) -> None:
    connection = services.connect_aws(access=access(aws), details=SourceDetails(name="research", criticality=3))
    assert (connection.source.external_id, connection.source.criticality) == (aws.account_id, 3)
    assert aws.credentials["aws_secret_access_key"] not in json.dumps(connection.settings)
    assert connection.secret is not None
    assert aws.credentials["aws_secret_access_key"].encode() not in bytes(connection.secret)
    assert unseal(bytes(connection.secret))["secret_access_key"] == aws.credentials["aws_secret_access_key"]


def test_connecting_an_account_again_replaces_the_credentials_and_keeps_the_source(aws: SimulatedAws) -> None:
    first = services.connect_aws(access=access(aws), details=SourceDetails(name="one"))
    second = services.connect_aws(access=access(aws), details=SourceDetails(name="two"))
    assert (first.pk, first.source_id) == (second.pk, second.source_id)
    assert Source.objects.get().name == "two"


def test_what_is_left_out_the_second_time_stays(aws: SimulatedAws) -> None:
    said = SourceDetails(name="one", environment="production", criticality=3, owner="ml")
    services.connect_aws(access=access(aws), details=said)
    services.connect_aws(access=access(aws), details=SourceDetails())
    source = Source.objects.get()
    assert (source.name, source.environment, source.criticality, source.owner) == ("one", "production", 3, "ml")


def test_a_snapshot_never_takes_the_place_of_a_live_connection(snapshot: Path) -> None:
    connection = services.connect_snapshot(path=snapshot, details=SourceDetails())
    Connection.objects.update(kind="kubernetes", secret=b"sealed")
    with pytest.raises(Conflict, match="already connected as Kubernetes cluster"):
        services.connect_snapshot(path=snapshot, details=SourceDetails())
    connection.refresh_from_db()
    assert bytes(connection.secret or b"") == b"sealed"


def test_wrong_keys_store_nothing(aws: SimulatedAws) -> None:
    with pytest.raises(PermanentError):
        services.connect_aws(access=access(aws, access_key_id="AKIAWRONGWRONGWRONG1"), details=SourceDetails())
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("changes", "where"), [({"secret_access_key": ""}, "access_key_id"), ({"access_key_id": ""}, "access_key_id")]
)
def test_half_a_key_is_refused(aws: SimulatedAws, changes: dict[str, str], where: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.connect_aws(access=access(aws, **changes), details=SourceDetails())
    assert refused.value.where == where


@pytest.mark.parametrize("server", ["https://169.254.169.254", "https://[fe80::1]:6443", "https://0.0.0.0:6443"])
def test_the_metadata_service_is_not_a_cluster(server: str) -> None:
    kubeconfig = f"""
apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "{server}"}}}}]
users: [{{name: u, user: {{token: t}}}}]
contexts: [{{name: x, context: {{cluster: c, user: u}}}}]
current-context: x
"""
    with pytest.raises(Invalid, match="never connected to"):
        services.connect_kubernetes(kubeconfig=kubeconfig, details=SourceDetails())


def test_a_snapshot_survives_being_stored_and_is_collected_from_the_database(snapshot: Path) -> None:
    connection = services.connect_snapshot(path=snapshot, details=SourceDetails(name="shop"))
    parts = connection.snapshot_parts.order_by("number").values_list("body", flat=True)
    assert b"".join(bytes(part) for part in parts) == snapshot.read_bytes()
    with registry.collector_for(connection) as collector:
        assert collector.identify().external_id == connection.source.external_id
    run = services.request_run(source=connection.source)
    services.perform_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.error == ""
    assert connection.source.assets.filter(kind="k8s.deployment").exists()


def test_a_newer_snapshot_of_the_same_cluster_replaces_the_older_one(snapshot: Path) -> None:
    services.connect_snapshot(path=snapshot, details=SourceDetails())
    services.connect_snapshot(path=snapshot, details=SourceDetails())
    assert Connection.objects.count() == 1
    assert SnapshotPart.objects.filter(number=0).count() == 1


def test_what_is_no_snapshot_stores_nothing(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    with pytest.raises(Invalid):
        services.connect_snapshot(path=picture, details=SourceDetails())
    assert not Source.objects.exists()


def test_a_snapshot_beyond_the_limit_is_refused_with_the_limit(tmp_path: Path, settings: object) -> None:
    settings.AISPM_SNAPSHOT_MAX_BYTES = 1024 * 1024  # type: ignore[attr-defined]
    large = tmp_path / "large.json"
    large.write_bytes(b"0" * (1024 * 1024 + 1))
    with pytest.raises(Invalid, match="at most 1 MB"):
        services.connect_snapshot(path=large, details=SourceDetails())


def test_the_terminal_connects_a_folder(snapshot: Path, tmp_path: Path) -> None:
    cluster.write(tmp_path / "folder")
    out = io.StringIO()
    call_command("connect", "snapshot", str(tmp_path / "folder"), "--name", "shop", "--json", stdout=out)
    assert json.loads(out.getvalue())["name"] == "shop"


def test_what_the_terminal_connects_again_is_collected_at_once_and_not_on_schedule(tmp_path: Path) -> None:
    cluster.write(tmp_path / "folder")
    for _ in range(2):
        call_command("connect", "snapshot", str(tmp_path / "folder"), "--json", stdout=io.StringIO())
        call_command("connect", "snapshot", str(tmp_path / "folder"), "--json", stdout=io.StringIO())
        run = Run.objects.get(state=RunState.QUEUED)
        assert run.origin == "connect"
        assert services.take_due_runs(at=timezone.now()) == [run.pk]
        Run.objects.update(state=RunState.COMPLETE, lease_until=None)


@pytest.mark.parametrize("arguments", [["snapshot", "/nowhere"], ["aws"], ["kubernetes", "--kubeconfig", "/nowhere"]])
def test_the_terminal_says_what_is_wrong_and_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("connect", *arguments)
    assert refused.value.returncode == 2
    assert str(refused.value)
    assert "Errno" not in str(refused.value)


@pytest.mark.parametrize(
    "arguments", [["aws", "--secret-key-file"], ["aws", "--session-token-file"], ["kubernetes", "--kubeconfig"]]
)
def test_the_terminal_says_that_a_file_is_empty(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "nothing").write_text("\n")
    with pytest.raises(CommandError, match=r"The file .*nothing is empty\.") as refused:
        call_command("connect", *arguments, str(tmp_path / "nothing"))
    assert refused.value.returncode == 2


def test_the_terminal_takes_temporary_keys(aws: SimulatedAws, tmp_path: Path) -> None:
    key = aws.keys.session(aws.key.caller, timedelta(hours=1))
    (tmp_path / "secret").write_text(f"{key.secret_access_key}\n")
    (tmp_path / "token").write_text(f"{key.session_token}\n")
    files = ["--secret-key-file", str(tmp_path / "secret"), "--session-token-file", str(tmp_path / "token")]
    where = ["--regions", "eu-central-1", "--endpoint-url", aws.url, "--access-key-id", key.access_key_id]
    call_command("connect", "aws", *where, *files, stdout=io.StringIO())
    assert unseal(bytes(Connection.objects.get().secret or b""))["session_token"] == key.session_token


@pytest.mark.parametrize(("what", "word"), [("aws", "sagemaker:ListModels"), ("kubernetes", "ClusterRole")])
def test_the_terminal_shows_what_has_to_be_granted(what: str, word: str) -> None:
    out = io.StringIO()
    call_command("connect", what, "--show-access", stdout=out)
    assert word in out.getvalue()


def test_the_policies_are_one_json_object_each_within_the_limit_of_aws() -> None:
    out = io.StringIO()
    call_command("connect", "aws", "--show-access", stdout=out)
    named = json.loads(out.getvalue())
    assert list(named) == [f"AispmReader-{number}" for number in range(1, len(named) + 1)]
    assert len(named) > 1
    assert all(len(json.dumps(document, separators=(",", ":"))) <= 6144 for document in named.values())


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ("json", '"Version": "2012-10-17"'),
        ("cloudformation", "AWSTemplateFormatVersion: '2010-09-09'"),
        ("terraform", 'resource "aws_iam_role" "aispm"'),
        ("stackset", "create-stack-set"),
    ],
)
def test_the_terminal_shows_it_in_the_form_that_one_uses(form: str, word: str) -> None:
    out = io.StringIO()
    call_command("connect", "aws", "--show-access", form, "--external-id", "ours/4711", stdout=out)
    assert word in out.getvalue()
    assert ("ours/4711" in out.getvalue()) is (form != "json")
