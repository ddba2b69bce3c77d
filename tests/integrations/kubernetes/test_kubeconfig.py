"""An uploaded kubeconfig may hold data, nothing that is run and no path of this machine."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from aispm.core.errors import Invalid
from integrations.kubernetes.kubeconfig import decoded, in_cluster, parse


def config(
    cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None, current: str = "main", **more: Any
) -> str:
    document = {
        "clusters": [{"name": "c", "cluster": {"server": "https://10.0.0.1:6443"} | (cluster or {})}],
        "users": [{"name": "u", "user": {"token": "t0ken"} if user is None else user}],
        "contexts": [{"name": "main", "context": {"cluster": "c", "user": "u"}}],
        "current-context": current,
    } | more
    return yaml.safe_dump(document)


def test_a_token_with_inline_certificate_is_taken() -> None:
    ca = base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode()
    access = parse(config({"certificate-authority-data": ca, "tls-server-name": "api"}))
    assert (access.server, access.token, access.ca) == ("https://10.0.0.1:6443", "t0ken", "-----BEGIN CERTIFICATE-----")
    assert access.server_name == "api"
    assert "t0ken" not in repr(access)


PEM = base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode()
LOCKED = base64.b64encode(b"-----BEGIN ENCRYPTED PRIVATE KEY-----").decode()
REFUSED = [
    ({}, {"exec": {"command": "aws", "args": ["eks", "get-token"]}}, "runs 'aws'"),
    ({}, {"exec": {}}, "runs 'a program'"),
    ({}, {"auth-provider": {"name": "gcp"}}, "auth provider 'gcp'"),
    ({}, {"tokenFile": "/etc/passwd"}, "points to a file (tokenFile)"),
    (
        {},
        {"client-certificate": "/etc/pki/c.pem", "client-key": "/etc/pki/k.pem"},
        "points to a file (client-certificate)",
    ),
    ({"certificate-authority": "/etc/ca.pem"}, None, "points to a file (certificate-authority)"),
    ({"insecure-skip-tls-verify": True}, None, "insecure-skip-tls-verify"),
    ({"server": "http://10.0.0.1"}, None, "plain http"),
    ({"server": ""}, None, "no server address"),
    ({"server": "file:///etc/passwd"}, None, "is not an address"),
    ({"server": "https://["}, None, "is not an address"),
    ({"server": "https://host:port"}, None, "is not an address"),
    ({"server": "https://a:b@10.0.0.1"}, None, "user name or a password"),
    ({"proxy-url": "socks5://p"}, None, "proxy-url"),
    ({"proxy-url": "http://u:p@proxy"}, None, "user name or a password"),
    ({}, {"token": "first\nsecond"}, "The token holds blanks, line breaks"),
    ({}, {"token": "tök€n"}, "letters that no token has"),
    ({}, {"client-certificate-data": PEM, "client-key-data": LOCKED}, "locked with a pass phrase"),
    ({"certificate-authority-data": "%%%"}, None, "certificate-authority-data is not base64"),
    ({}, {"username": "u", "password": "p"}, "no longer accepts"),
    ({}, {"token": "t", "as": "admin"}, "acts as somebody else"),
    ({}, {}, "neither a token nor a client certificate"),
]


@pytest.mark.parametrize(("cluster", "user", "words"), REFUSED)
def test_what_is_refused_says_why_and_what_to_do(
    cluster: dict[str, Any], user: dict[str, Any] | None, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse(config(cluster, user))
    assert words in str(refused.value)
    assert refused.value.where == "kubeconfig"


@pytest.mark.parametrize("user", [{"exec": {"command": "aws"}}, {"auth-provider": {"name": "oidc"}}])
def test_a_refused_program_is_answered_with_the_way_to_a_token(user: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="create token aispm-reader"):
        parse(config({}, user))


def test_a_refused_file_is_answered_with_the_way_to_inline_data() -> None:
    with pytest.raises(Invalid, match="--flatten"):
        parse(config({"certificate-authority": "ca.pem"}))


def test_loopback_may_be_plain_http() -> None:
    assert parse(config({"server": "http://127.0.0.1:8001/"})).server == "http://127.0.0.1:8001"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not a kubeconfig"),
        ("just words", "not a kubeconfig"),
        ("a: [1", "line"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
        ("x" * 1_100_000, "not read"),
        (config(current="", contexts=[]), "no current context"),
        (config(current="other"), "no context 'other'. Choose one of: main"),
        (config(users=[]), "which is not in the file"),
    ],
)
def test_what_is_not_a_kubeconfig_is_named(content: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(content)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not text"),
        (b"clusters:\x00", "not text"),
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"#" * 1_100_000, "not read"),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_refused_before_it_is_parsed(content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        decoded(content)
    assert refused.value.where == "kubeconfig"


def test_a_file_from_windows_may_begin_with_its_mark() -> None:
    assert parse(decoded(b"\xef\xbb\xbf" + config().encode())).token == "t0ken"


def test_another_context_can_be_chosen() -> None:
    contexts = [{"name": n, "context": {"cluster": "c", "user": "u"}} for n in ("main", "second")]
    assert parse(config(contexts=contexts), context="second").context == "second"


def test_the_account_of_the_own_pod_is_read_from_its_files(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="does not run in a cluster"):
        in_cluster(str(tmp_path))
    (tmp_path / "ca.crt").write_text("PEM")
    (tmp_path / "token").write_text("t")
    access = in_cluster(str(tmp_path))
    assert (access.ca, access.token_file) == ("PEM", str(tmp_path / "token"))
