"""Addresses that other people name: which of them are connected to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import urllib3
from pytest_django import Settings

from aispm.core.errors import Invalid, TransientError
from aispm.core.outbound import check_url, guarded


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)


NEVER = [
    "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16", "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "0.0.0.0", "[::]", "224.0.0.1", "[ff02::1]", "[::a9fe:a9fe]",
    "[64:ff9b:1::a9fe:a9fe]", "[64:ff9b:1:a9fe:a9:fe00::]", "[64:ff9b:1:a9:fe:a9fe::]", "[64:ff9b:1:0:a9:fea9:fe00::]",
]  # fmt: skip


@pytest.mark.parametrize("host", NEVER)
@pytest.mark.parametrize("allow_private", [True, False])
def test_metadata_link_local_multicast_and_unspecified_addresses_are_never_called(
    host: str, allow_private: bool
) -> None:
    with pytest.raises(Invalid, match="never connected to") as refused:
        check_url(f"https://{host}:6443", allow_private=allow_private, where="kubeconfig")
    assert refused.value.where == "kubeconfig"


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "172.16.0.9", "100.64.0.1", "[fd12::1]", "127.0.0.1"])
def test_private_addresses_are_for_clusters_only(host: str) -> None:
    check_url(f"https://{host}", allow_private=True)
    with pytest.raises(Invalid, match="never connected to"):
        check_url(f"https://{host}", allow_private=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "[::127.0.0.1]"])
def test_loopback_can_be_switched_off(host: str, settings: Settings) -> None:
    check_url(f"http://{host}:8001", allow_private=True)
    settings.AISPM_ALLOW_LOOPBACK = False
    with pytest.raises(Invalid, match="this machine itself, and AISPM_ALLOW_LOOPBACK is off"):
        check_url(f"http://{host}:8001", allow_private=True)


def test_a_name_is_refused_when_any_of_its_addresses_is(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.216.34", "169.254.169.254")
    with pytest.raises(Invalid, match=r"harmless.example \(169.254.169.254\) is a link-local address"):
        check_url("https://harmless.example", allow_private=True)


def test_a_name_with_public_addresses_may_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.216.34")
    check_url("https://hooks.example", allow_private=False)


@pytest.mark.parametrize("host", ["[64:ff9b::5db8:d822]", "[64:ff9b:1::5db8:d822]", "[64:ff9b:1:5db8:d8:2200::]"])
def test_a_public_address_behind_a_translator_may_be_called(host: str) -> None:
    check_url(f"https://{host}", allow_private=True)


def test_a_name_that_does_not_resolve_may_do_so_later_or_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(TransientError, match=r"cluster.example cannot be resolved: Name or service not known"):
        check_url("https://cluster.example", allow_private=True)
    check_url("https://cluster.example", allow_private=True, must_resolve=False)


@pytest.mark.parametrize(
    "url",
    ["nonsense", "", "file:///etc/passwd", "https://", "https://[", "https://host:99999", "https://host:0",
     "https://a b", "https://host\n", "gopher://host"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(Invalid, match="is not an address: write it as https://host"):
        check_url(url, allow_private=True)


def test_credentials_have_no_place_in_an_address() -> None:
    with pytest.raises(Invalid, match="Remove them"):
        check_url("https://user:secret@host", allow_private=True)


@pytest.mark.parametrize("label", ["a" * 64, "a..b"])
def test_a_name_that_no_resolver_takes_cannot_be_resolved(label: str) -> None:
    with pytest.raises(TransientError, match="cannot be resolved"):
        check_url(f"https://{label}.example", allow_private=True)


class Listener(HTTPServer):
    heard = 0


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Listener)
        self.server.heard += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server
        server.shutdown()


def test_a_name_that_leads_elsewhere_after_it_was_looked_at_is_told_nothing(
    listener: Listener, settings: Settings
) -> None:
    pool = urllib3.PoolManager(retries=False)
    pool.pool_classes_by_scheme = guarded(pool.pool_classes_by_scheme)
    url = f"http://localhost:{listener.server_port}"
    assert pool.request("GET", url).status == 204
    pool.clear()
    settings.AISPM_ALLOW_LOOPBACK = False
    with pytest.raises(urllib3.exceptions.NewConnectionError, match="is this machine itself"):
        pool.request("GET", url)
    assert listener.heard == 1
