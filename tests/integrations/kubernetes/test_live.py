"""Talking to a cluster: who it is, what it refuses, how it is asked, how a run is stopped."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from aispm.core.errors import Invalid, PermanentError, TransientError
from demo.cluster.server import Cluster, Fault, kubeconfig, serve
from integrations.base import Page
from integrations.kubernetes.client import Client, Patience
from integrations.kubernetes.collector import KubernetesCollector
from integrations.kubernetes.kubeconfig import Access, parse
from integrations.kubernetes.problems import ReadFailed, TooLarge
from integrations.kubernetes.resources import BY_KIND
from inventory.documents import Problem, ScopeState
from tests.integrations.kubernetes.clusters import IMPATIENT, bodies_of, collect, demo_bodies, everything, item, live


def test_a_cluster_is_known_by_the_uid_of_kube_system() -> None:
    with live(everything()) as (_, collector):
        assert collector.identify().external_id == "uid-namespaces-one-kube-system"
        assert collector.identify().name == "demo"


def test_the_default_namespace_stands_in_where_kube_system_may_not_be_read() -> None:
    bodies = demo_bodies()
    with live(bodies) as (cluster, collector):
        cluster.faults["/api/v1/namespaces/kube-system"] = Fault("denied")
        names = {one["metadata"]["name"]: one["metadata"]["uid"] for one in bodies["/api/v1/namespaces"]["items"]}
        assert collector.identify().external_id == names["default"]


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("unauthorized", PermanentError, "does not accept the credentials"),
        ("denied", PermanentError, "get namespaces"),
        ("server-error", TransientError, "HTTP 500"),
        ("throttled", TransientError, "too many requests"),
        ("not-json", PermanentError, "not complete JSON"),
    ],
)
def test_what_cannot_be_read_at_all_is_said_at_once(fault: str, error: type[Exception], words: str) -> None:
    with live(everything()) as (cluster, collector):
        for name in ("kube-system", "default"):
            cluster.faults[f"/api/v1/namespaces/{name}"] = Fault(fault)
        with pytest.raises(error, match=words):
            collector.identify()


def test_an_expired_token_ends_the_run_with_what_to_do() -> None:
    with live(everything()) as (cluster, collector):
        cluster.token = "another"
        with pytest.raises(PermanentError, match="kubectl create token"):
            collect(collector)


def test_a_cluster_that_is_not_there_is_worth_another_try() -> None:
    with live(everything()) as (_, collector):
        pass
    with pytest.raises(TransientError, match="cannot be reached"):
        collect(collector)


def test_a_server_that_is_no_cluster_is_named_so() -> None:
    with live({}) as (_, collector), pytest.raises(PermanentError, match="not a Kubernetes cluster"):
        collector.identify()


def test_a_group_that_the_cluster_does_not_have_is_not_offered() -> None:
    rows = [BY_KIND[kind] for kind in ("k8s.namespace", "k8s.pod", "k8s.deployment")]
    bodies = bodies_of({row: [item(row, "kube-system")] for row in rows})
    with live(bodies) as (cluster, collector):
        seen = collect(collector)
        asked = [call for call in cluster.calls if "ray.io" in call or "kserve" in call]
    assert seen.outcomes["k8s.ray.ray_cluster"].state == ScopeState.NOT_OFFERED
    assert seen.outcomes["k8s.ray.ray_cluster"].problem is None
    assert not asked


def test_only_the_declared_lists_are_asked_for_and_never_secrets() -> None:
    with live(demo_bodies(), page_size=20) as (cluster, collector):
        collect(collector)
        assert not [call for call in cluster.calls if "secret" in call.lower()]
        lists = {call.partition("?")[0] for call in cluster.calls if "limit=" in call}
    known = {f"{api.root}/{row.plural}" for row in BY_KIND.values() for api in row.apis}
    assert lists <= known
    assert len([call for call in cluster.calls if call.startswith("/version")]) == 1


def test_the_address_is_checked_again_at_every_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    content = kubeconfig("https://cluster.example:6443")
    for address, words in (("169.254.169.254", "metadata"), ("224.0.0.1", "no single machine")):
        answer = [(2, 1, 6, "", (address, 6443))]
        monkeypatch.setattr("socket.getaddrinfo", lambda *_args, answer=answer, **_kwargs: answer)
        with pytest.raises(Invalid, match=words):
            KubernetesCollector({}, {"kubeconfig": content}).identify()


def test_a_name_that_leads_elsewhere_after_it_was_looked_at_is_told_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.kubernetes.collector.check_url", lambda *_args, **_kwargs: None)
    with live(everything()) as (cluster, collector):
        settings.AISPM_ALLOW_LOOPBACK = False
        with pytest.raises(TransientError, match="cannot be reached"):
            collector.identify()
        assert cluster.calls == []


def test_a_proxy_is_checked_like_the_server() -> None:
    content = kubeconfig("https://cluster.invalid:6443").replace(
        '"server":', '"proxy-url":"http://169.254.169.254:3128","server":'
    )
    with pytest.raises(Invalid, match="metadata"):
        KubernetesCollector({}, {"kubeconfig": content}).identify()


def test_a_cancelled_run_ends_within_seconds_though_a_call_hangs() -> None:
    cancelled = threading.Event()
    with live(everything(), Patience(silence=60)) as (cluster, collector):
        cluster.faults["/apis/apps/v1/deployments"] = Fault("slow")
        cluster.faults["/api/v1/services"] = Fault("slow")
        outcomes = {}
        started = time.monotonic()
        for event in collector.collect(cancelled.is_set):
            if isinstance(event, Page):
                continue
            outcomes[event.key.collector] = event
            if event.key.collector == "k8s.node":
                cancelled.set()
        assert time.monotonic() - started < 30
        assert outcomes["k8s.deployment"].problem == outcomes["k8s.cron_job"].problem == Problem.CANCELLED
        assert outcomes["k8s.deployment"].state == ScopeState.INCOMPLETE
        assert set(outcomes) == {key.collector for key in collector.scopes()}


def test_a_reader_that_stops_listening_stops_the_threads() -> None:
    with live(everything(), page_size=1) as (_, collector):
        events = cast(Generator[object], collector.collect(lambda: False))
        next(events)
        next(events)
        next(events)
        events.close()
        for thread in threading.enumerate():
            if thread.name == "cluster-lists":
                thread.join(timeout=30)
                assert not thread.is_alive()


def test_waiting_is_bounded_by_what_the_server_asks_and_by_patience() -> None:
    with live(everything(), Patience(attempts=3, pause=30, longest_pause=0.01)) as (cluster, collector):
        cluster.faults["/version"] = Fault("throttled", retry_after="3600")
        started = time.monotonic()
        with pytest.raises(ReadFailed) as failed:
            collector.client.get("/version")
        assert failed.value.problem == Problem.THROTTLED
        assert len(cluster.calls) == 3
        assert time.monotonic() - started < 25


def test_a_body_beyond_the_limit_is_asked_for_in_smaller_pages() -> None:
    row = BY_KIND["k8s.config_map"]
    namespace = BY_KIND["k8s.namespace"]
    large = [item(row, f"m{n}", data={"x": "y" * 20_000}) for n in range(8)]
    bodies = bodies_of({namespace: [item(namespace, "kube-system")], row: large})
    with live(bodies, Patience(attempts=1, body_bytes=50_000)) as (_, collector):
        seen = collect(collector)
        assert seen.outcomes["k8s.config_map"].state == ScopeState.COMPLETE
        assert len(seen.of("k8s.config_map")) == 8
        with pytest.raises(TooLarge):
            collector.client.get("/api/v1/configmaps")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """(PEM of a certificate for 127.0.0.1, file with certificate and key)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "double")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(pem + private)
    return pem.decode(), file


def test_the_certificate_of_the_kubeconfig_is_checked(authority: tuple[str, Path]) -> None:
    pem, file = authority
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with serve(Cluster.of(everything()), context) as address:
        trusted = KubernetesCollector({}, {"kubeconfig": kubeconfig(address, ca=pem)}, IMPATIENT)
        assert trusted.identify().external_id == "uid-namespaces-one-kube-system"
        trusted.client.close()
        stranger = KubernetesCollector({}, {"kubeconfig": kubeconfig(address)}, IMPATIENT)
        with pytest.raises(TransientError, match="certificate cannot be verified"):
            stranger.identify()
        stranger.client.close()


def test_a_client_certificate_is_loaded_and_leaves_no_file(authority: tuple[str, Path]) -> None:
    pem, file = authority
    whole = file.read_text()
    access = Access(server="https://127.0.0.1:1", certificate=pem, key=whole[len(pem) :])
    Client(access).close()
    with pytest.raises(Invalid, match="not a PEM text"):
        Client(Access(server="https://127.0.0.1:1", certificate=pem, key="no key"))


def test_the_token_of_the_own_pod_is_sent(tmp_path: Path) -> None:
    cluster = Cluster.of(everything())
    (tmp_path / "token").write_text(f"{cluster.token}\n")
    with serve(cluster) as address:
        client = Client(Access(server=address, token_file=str(tmp_path / "token")), IMPATIENT)
        assert client.get("/version")["gitVersion"] == "v1.36.2"
        client.close()


def test_the_address_of_the_server_is_known_before_any_call() -> None:
    content = kubeconfig("https://10.1.2.3:6443")
    assert KubernetesCollector({}, {"kubeconfig": content}).server == parse(content).server == "https://10.1.2.3:6443"
