"""Connecting in the browser what is connected already, and changing its access: what is known stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aispm.core.crypto import unseal
from demo.aws import SimulatedAws
from demo.aws.build import identity
from demo.aws.build.site import Site
from demo.cluster.server import Cluster, kubeconfig, serve
from integrations import grants
from integrations.models import Connection
from inventory.models import Source
from tests.integrations.kubernetes.clusters import everything
from tests.integrations.runner.test_connecting import snapshot
from tests.integrations.runner.test_connecting_pages import AWS, KUBERNETES, admin, aws, given, simulated

__all__ = ["admin", "aws", "simulated", "snapshot"]
pytestmark = pytest.mark.django_db
SAID: dict[str, Any] = {"name": "one", "environment": "production", "criticality": 3, "owner": "ml"}
UNTOUCHED = {"name": "", "environment": "", "criticality": "", "owner": ""}
OWN = "ours/4711"


def said() -> dict[str, Any]:
    return dict(Source.objects.values(*SAID).get())


@pytest.fixture(scope="module")
def role(simulated: SimulatedAws) -> str:
    site = Site(simulated, "eu-central-1", simulated.account_id)
    return identity.cross_account_role(site, "Reader", OWN, simulated.account_id)


@pytest.fixture
def connected(admin: Client, aws: SimulatedAws, role: str) -> Connection:
    """An account with keys, a role and an external id of its own."""
    assert admin.post(AWS, given(aws, role_arn=role, external_id=OWN, **SAID)).status_code == 303
    return Connection.objects.select_related("source").get()


def fields(connection: Connection) -> dict[str, Any]:
    """What the form of a connection sends when nothing is touched."""
    shown = connection.settings
    access = {"regions": ", ".join(shown["regions"]), "endpoint_url": shown["endpoint_url"]}
    return SAID | access | {"role_arn": shown["role_arn"], "external_id": OWN, "action": "connect"}


def page_of(connection: Connection) -> str:
    return f"{AWS}?source={connection.source_id}"


def secret() -> dict[str, Any]:
    return dict(unseal(bytes(Connection.objects.get().secret or b"")))


def test_the_form_of_a_new_account_changes_nothing_that_is_known(admin: Client, aws: SimulatedAws) -> None:
    admin.post(AWS, given(aws, **SAID))
    admin.post(AWS, given(aws, **UNTOUCHED))
    assert said() == SAID
    admin.post(AWS, given(aws, **(UNTOUCHED | {"criticality": "1"})))
    assert said() == SAID | {"criticality": 1}


def test_the_form_of_a_cluster_changes_nothing_that_is_known(admin: Client) -> None:
    with serve(Cluster.of(everything())) as address:
        admin.post(KUBERNETES, SAID | {"kubeconfig": kubeconfig(address)})
        admin.post(KUBERNETES, UNTOUCHED | {"kubeconfig": kubeconfig(address)})
    assert said() == SAID


def test_the_form_of_a_snapshot_changes_nothing_that_is_known(admin: Client, snapshot: Any) -> None:
    for given_ in (SAID, UNTOUCHED):
        file = SimpleUploadedFile("cluster.tar.gz", snapshot.read_bytes())
        admin.post("/sources/connect/snapshot/", given_ | {"file": file})
    assert said() == SAID


def test_a_new_account_has_the_usual_where_nothing_is_said(admin: Client, aws: SimulatedAws) -> None:
    admin.post(AWS, given(aws, **UNTOUCHED))
    assert said() == {"name": "AWS 111122223333", "environment": "unknown", "criticality": 2, "owner": ""}


def test_an_untouched_form_of_a_connection_tests_and_keeps_its_keys(admin: Client, connected: Connection) -> None:
    before = secret()
    tested = admin.post(page_of(connected), fields(connected) | {"action": "test"}).content.decode()
    assert "Reached AWS 111122223333" in tested
    assert admin.post(page_of(connected), fields(connected)).status_code == 303
    assert (secret(), said()) == (before, SAID)


def test_it_says_whose_access_it_is_and_that_keys_stay(admin: Client, connected: Connection) -> None:
    page = admin.get(page_of(connected)).content.decode()
    assert "<h1>Change access of one</h1>" in page
    assert "They stay unless you enter others" in page
    assert f'name="external_id" value="{OWN}"' in page
    assert grants.aws_external_id() not in page
    assert secret()["secret_access_key"] not in page
    assert secret()["access_key_id"] not in page


def test_emptied_fields_of_a_connection_are_emptied(admin: Client, connected: Connection) -> None:
    admin.post(page_of(connected), fields(connected) | {"owner": "", "role_arn": ""})
    assert said()["owner"] == ""
    assert "role_arn" not in Connection.objects.get().settings


def test_stored_keys_can_be_dropped(admin: Client, connected: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, part in (("ACCESS_KEY_ID", "access_key_id"), ("SECRET_ACCESS_KEY", "secret_access_key")):
        monkeypatch.setenv(f"AWS_{name}", secret()[part])
    admin.post(page_of(connected), fields(connected) | {"drop_keys": "on"})
    assert secret() == {"external_id": OWN}


def test_a_changed_access_that_leads_to_another_account_is_refused(
    admin: Client, connected: Connection, aws: SimulatedAws
) -> None:
    other = aws.keys.user_key("222233334444", "somebody")
    keys = {"access_key_id": other.access_key_id, "secret_access_key": other.secret_access_key, "role_arn": ""}
    before = secret()
    answer = admin.post(page_of(connected), fields(connected) | keys)
    assert answer.status_code == 422
    assert "leads to account 222233334444, not to 111122223333" in answer.content.decode()
    assert (secret(), Source.objects.count()) == (before, 1)
