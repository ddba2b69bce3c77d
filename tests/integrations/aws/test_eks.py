"""Clusters of a connected account: opened by the account's own identity, with tokens that are renewed in time."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import CommandError, call_command
from moto.eks.models import eks_backends

from aispm.core import crypto
from aispm.core.errors import Conflict, PermanentError
from demo.aws import SimulatedAws
from demo.cluster.server import Cluster, serve
from integrations import registry, services
from integrations.aws import eks
from integrations.aws.eks import CLUSTER_HEADER, PREFIX, Token
from integrations.models import Connection, ConnectionKind
from integrations.services import SourceDetails
from inventory.documents import ScopeState
from inventory.models import Asset, Source, SourceKind
from tests.builders import make_asset
from tests.integrations.kubernetes.clusters import collect, demo_bodies

pytestmark = pytest.mark.django_db
NAME, REGION = "serving", "eu-west-1"


def request_in(token: str) -> tuple[str, dict[str, list[str]]]:
    """Host and query of the request that a token is."""
    encoded = token.removeprefix(PREFIX)
    parts = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    return parts.netloc, parse_qs(parts.query)


def is_signed_for_it(token: str) -> bool:
    """Whether the token is what EKS asks for."""
    if not token.startswith(PREFIX):
        return False
    _host, query = request_in(token)
    signed = query["X-Amz-SignedHeaders"][0].split(";")
    return query["Action"] == ["GetCallerIdentity"] and CLUSTER_HEADER in signed and bool(query["X-Amz-Signature"])


@pytest.fixture
def cluster(aws: SimulatedAws) -> Iterator[Cluster]:
    """One that the account runs, and that lets in who signs for it."""
    made = Cluster.of(demo_bodies())
    made.accepts = is_signed_for_it
    vpc = {"subnetIds": [], "securityGroupIds": []}
    role = f"arn:aws:iam::{aws.account_id}:role/eks"
    aws.client("eks", REGION).create_cluster(name=NAME, roleArn=role, resourcesVpcConfig=vpc)
    with serve(made) as address:
        simulated = eks_backends[aws.account_id][REGION].clusters[NAME]
        simulated.endpoint, simulated.certificate_authority = address, {"data": ""}
        yield made
    aws.client("eks", REGION).delete_cluster(name=NAME)


@pytest.fixture
def account(aws: SimulatedAws) -> Connection:
    source = Source.objects.create(kind=SourceKind.AWS, external_id=aws.account_id, name="research")
    settings = {"regions": ["us-east-1"], "endpoint_url": aws.url}
    key = aws.key
    secret = crypto.seal({"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key})
    return Connection.objects.create(source=source, kind=ConnectionKind.AWS, settings=settings, secret=secret)


@pytest.fixture
def found(account: Connection, aws: SimulatedAws) -> Asset:
    """The cluster as it is known from the account."""
    arn = f"arn:aws:eks:{REGION}:{aws.account_id}:cluster/{NAME}"
    return make_asset(account.source, kind="aws.eks.cluster", external_id=arn, name=NAME, place=REGION)


def test_a_cluster_of_an_account_is_read_without_a_kubeconfig(cluster: Cluster, found: Asset) -> None:
    made = services.connect_eks(cluster=found, details=SourceDetails(name="serving"))
    assert (made.kind, made.secret) == (ConnectionKind.KUBERNETES, None), "the keys stay with the account"
    with registry.collector_for(made) as collector:
        seen = collect(collector)
    assert made.source.external_id == collector.identify().external_id
    assert {outcome.state for outcome in seen.outcomes.values()} == {ScopeState.COMPLETE, ScopeState.NOT_OFFERED}


def test_a_cluster_of_an_account_can_be_followed(cluster: Cluster, found: Asset) -> None:
    made = services.connect_eks(cluster=found, details=SourceDetails())
    assert registry.cluster_collector(made).identify().external_id == made.source.external_id
    assert [one.pk for one in services.take_watches(holder=made.pk)] == [made.pk]


def test_the_terminal_connects_it_by_name(cluster: Cluster, found: Asset) -> None:
    call_command("connect", "kubernetes", eks=NAME, name="serving", json=True)
    assert Connection.objects.get(kind=ConnectionKind.KUBERNETES).settings["cluster"] == NAME
    with pytest.raises(CommandError, match="cluster/serving"):
        call_command("connect", "kubernetes", eks="another")


def test_a_cluster_that_does_not_let_the_account_in_says_what_to_do(cluster: Cluster, found: Asset) -> None:
    cluster.accepts = lambda _token: False
    with pytest.raises(PermanentError, match="access entry"):
        services.connect_eks(cluster=found, details=SourceDetails())


def test_without_the_account_there_is_no_way_in(cluster: Cluster, found: Asset) -> None:
    made = services.connect_eks(cluster=found, details=SourceDetails())
    found.source.connection.delete()
    with pytest.raises(PermanentError, match="not connected any more"):
        registry.cluster_collector(Connection.objects.get(pk=made.pk))
    with pytest.raises(Conflict, match="not connected any more"):
        services.connect_eks(cluster=Asset.objects.get(pk=found.pk), details=SourceDetails())


def test_a_token_is_kept_for_minutes_and_made_anew_before_it_runs_out(
    aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, signed = [1000.0], []
    monkeypatch.setattr(eks.time, "monotonic", lambda: clock[0])
    token = Token(aws.client("sts", REGION), NAME)
    monkeypatch.setattr(token, "_sign", lambda: signed.append(1) or f"token {len(signed)}")
    assert [token(), token()] == ["token 1", "token 1"]
    clock[0] += 14 * 60
    assert token() == "token 2"


def test_a_token_is_a_request_to_the_regions_own_service() -> None:
    from botocore.session import Session

    session = Session()
    session.set_credentials("AKIDEXAMPLE", "a-secret")
    host, query = request_in(Token(session.create_client("sts", region_name=REGION), NAME)())
    assert host == f"sts.{REGION}.amazonaws.com"
    assert query["X-Amz-Expires"] == ["60"]
    assert CLUSTER_HEADER in query["X-Amz-SignedHeaders"][0].split(";")
