"""The pages that connect a source: wrong input, and what a test of the connection says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from aispm.accounts.models import Role
from demo.aws import SimulatedAws
from demo.cluster.server import Cluster, kubeconfig, serve
from integrations import grants, tasks
from integrations.aws import identity
from integrations.base import Check, Reason
from integrations.models import Connection, Run, RunState
from integrations.ui.examining import Examination
from inventory.documents import Problem
from inventory.models import Source
from tests.builders import make_user
from tests.integrations.kubernetes.clusters import everything

pytestmark = pytest.mark.django_db
AWS, KUBERNETES = "/sources/connect/aws/", "/sources/connect/kubernetes/"
DETAILS = {"environment": "unknown", "criticality": "2", "action": "connect"}
# The field, and CloudFormation, Terraform, the commands of the StackSet, the trust policy.
EVERY_FORM = 5
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00"


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedAws]:
    with SimulatedAws() as aws:
        yield aws


@pytest.fixture
def aws(simulated: SimulatedAws) -> Iterator[SimulatedAws]:
    yield simulated
    simulated.faults.clear()


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(tasks.collect, "delay", lambda _run: None)
    client = Client()
    client.force_login(make_user("ada", Role.ADMINISTRATOR))
    return client


def given(aws: SimulatedAws, **changes: str) -> dict[str, str]:
    key = aws.key
    keys = {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key}
    return DETAILS | {"regions": "eu-central-1", "endpoint_url": aws.url} | keys | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"regions": "eu-central-1, us-esat-1"}, "AWS has no such region: us-esat-1"),
        ({"regions": "no-such 1"}, "AWS has no such region: no-such, 1"),
        ({"endpoint_url": "nonsense"}, "is not an address"),
        ({"endpoint_url": "http://169.254.169.254"}, "metadata service"),
        ({"role_arn": "AispmReader"}, "The role is not the ARN of a role"),
        ({"external_id": "with blanks"}, "An external id has"),
        ({"secret_access_key": "wrong"}, "does not belong to this access key id"),
    ],
)
@pytest.mark.parametrize("action", ["test", "connect"])
def test_wrong_input_is_named_and_replaces_nothing(
    admin: Client, aws: SimulatedAws, action: str, changes: dict[str, str], words: str
) -> None:
    admin.post(AWS, given(aws))
    before = Connection.objects.values("settings", "secret").get()
    answer = admin.post(AWS, given(aws, **changes, action=action))
    only_asking_tells = "secret_access_key" in changes or "169.254" in changes.get("endpoint_url", "")
    assert answer.status_code == (200 if action == "test" and only_asking_tells else 422)
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert Connection.objects.values("settings", "secret").get() == before


def test_regions_may_be_separated_by_blanks_and_all_means_all(admin: Client, aws: SimulatedAws) -> None:
    admin.post(AWS, given(aws, regions="us-east-1 EU-central-1"))
    assert Connection.objects.get().settings["regions"] == ["us-east-1", "eu-central-1"]
    Run.objects.update(state=RunState.COMPLETE)
    admin.post(AWS, given(aws, regions="all"))
    assert Connection.objects.get().settings["regions"] == ["all"]


def test_the_external_id_is_the_same_for_everybody_and_every_day(admin: Client) -> None:
    page = admin.get(AWS).content.decode()
    external_id = grants.aws_external_id()
    assert re.fullmatch(r"aispm-[0-9a-f]{24}", external_id)
    assert page.count(external_id) == EVERY_FORM
    assert f'name="external_id" value="{external_id}"' in page
    assert "sts:AssumeRole" in page


def test_every_form_of_access_can_be_opened_without_a_script(admin: Client) -> None:
    page = admin.get(AWS).content.decode()
    forms = re.findall(r'<details class="more" name="aws-access"( open)?>', page)
    assert forms == [" open", "", "", ""]
    for id in ("aws-template", "aws-stack", "aws-stack-set", "aws-terraform", "aws-policy-1", "aws-trust"):
        assert f'<pre id="{id}"' in page
        assert f'data-copy="{id}"' in page


def test_another_installation_has_another_external_id(settings: Settings) -> None:
    mine = grants.aws_external_id()
    settings.SECRET_KEY = "another-installation-with-another-secret"
    assert grants.aws_external_id() != mine


def test_ones_own_external_id_is_used_and_shown_in_the_trust_policy(admin: Client, aws: SimulatedAws) -> None:
    wrong = given(aws, regions="nowhere", external_id="ours/4711")
    assert admin.post(AWS, wrong).content.decode().count("ours/4711") == EVERY_FORM


def test_the_page_says_who_we_are_in_aws_when_that_is_known(
    admin: Client, aws: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity.forget()
    assert "has no identity of its own" in admin.get(AWS).content.decode()
    for name, value in (("ACCESS_KEY_ID", aws.key.access_key_id), ("SECRET_ACCESS_KEY", aws.key.secret_access_key)):
        monkeypatch.setenv(f"AWS_{name}", value)
    settings.AWS_ENDPOINT_URL = aws.url
    identity.forget()
    page = admin.get(AWS).content.decode()
    identity.forget()
    assert page.count(aws.key.caller.arn) == 4


def test_an_assumed_role_is_named_as_the_role_that_trust_policies_know() -> None:
    session = "arn:aws:sts::111122223333:assumed-role/Worker/i-0123456789"
    assert identity.principal(session) == "arn:aws:iam::111122223333:role/Worker"
    assert identity.principal("arn:aws:iam::1:user/a") == "arn:aws:iam::1:user/a"


@pytest.mark.parametrize(
    ("content", "words"), [(PNG, "This file is not text"), (b"hello: world", "lists no clusters"), (b"", "empty")]
)
def test_a_file_that_is_no_kubeconfig_is_refused_at_its_field(admin: Client, content: bytes, words: str) -> None:
    file = SimpleUploadedFile("kubeconfig", content)
    answer = admin.post(KUBERNETES, DETAILS | {"file": file})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Source.objects.exists()


def test_a_test_of_the_connection_groups_what_does_not_work(admin: Client) -> None:
    cluster = Cluster.of(everything())
    from demo.cluster.server import Fault

    for path in ("/api/v1/pods", "/api/v1/services"):
        cluster.faults[path] = Fault("denied")
    cluster.faults["/apis/apps/v1/deployments"] = Fault("not-json")
    with serve(cluster) as address:
        page = admin.post(KUBERNETES, DETAILS | {"kubeconfig": kubeconfig(address), "action": "test"}).content.decode()
    assert "3 of " in page
    assert "reads do not work: 2 access denied, 1 answer not understood" in page
    assert page.count("Access denied</span>") == 1
    assert "<code>list pods</code>" in page or "list pods" in page


def test_reasons_are_told_apart_by_region_and_missing_rights_are_not() -> None:
    checks = [
        Check("A", False, Problem.UNREACHABLE, "no route", region="eu-west-1"),
        Check("B", False, Problem.UNREACHABLE, "no route", region="eu-west-1"),
        Check("A", False, Problem.UNREACHABLE, "no route", region="eu-west-2"),
        Check("C", False, Problem.OTHER, "Not in the snapshot.", reason=Reason.ABSENT),
        Check("D", ok=True),
        *(Check("E", False, Problem.DENIED, "not allowed", f"s3:Get{n}", region) for n in range(7) for region in "ab"),
        *(Check("F", False, Problem.DENIED, "not allowed", f"s3:List{n}", "a") for n in range(7)),
    ]
    tested = Examination("x", checks)
    assert [(str(group.words), group.region, len(group.checks)) for group in tested.groups] == [
        ("Access denied", "", 21),
        ("Not reachable", "eu-west-1", 2),
        ("Not in the snapshot", "", 1),
        ("Not reachable", "eu-west-2", 1),
    ]
    assert tested.reasons == "21 access denied, 3 not reachable, 1 not in the snapshot"
    assert [group.messages for group in tested.groups] == [[], ["no route"], [], ["no route"]]
    assert (len(tested.groups[0].permissions), tested.groups[0].further) == (12, 2)


def test_connecting_again_says_that_the_access_was_replaced(admin: Client, aws: SimulatedAws) -> None:
    def connected() -> str:
        admin.post(AWS, given(aws))
        return admin.get("/sources/").content.decode()

    assert "AWS 111122223333 is connected." in connected()
    assert "It is being collected right now, and once more after that." in connected()
    Run.objects.update(state=RunState.COMPLETE)
    Source.objects.update(collected_at=timezone.now())
    assert "its access is replaced" in connected()
