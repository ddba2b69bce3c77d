"""Reads an uploaded kubeconfig. It may hold data only: nothing in it is run, no file of this machine is opened."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import yaml

from aispm.core.errors import Invalid
from aispm.core.outbound import check_form
from integrations.kubernetes.paths import mapping, mappings, text
from inventory.documents import Document

MAX_BYTES = 1_000_000
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FLATTEN = "Write it with the data inside: kubectl config view --raw --flatten --minify"
_INSTEAD = (
    "Use a token of a read-only service account instead: apply deploy/kubernetes/rbac.yaml, then "
    "kubectl -n aispm create token aispm-reader --duration=8760h, and put it into the user as `token:`."
)


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach one API server."""

    server: str
    context: str = ""
    ca: str = ""
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    token_file: str = ""
    token_source: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    renewal: str = "Make a new token with kubectl create token and connect the cluster again."
    server_name: str = ""
    proxy: str = field(default="", repr=False)


def decoded(content: bytes) -> str:
    """The text of a file that should be a kubeconfig; Invalid when it cannot be one."""
    if len(content) > MAX_BYTES:
        _refuse(f"A kubeconfig of more than {MAX_BYTES // 1000} kB is not read. {_FLATTEN}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        _refuse("This file is not text, so it is no kubeconfig. Give the output of kubectl config view --raw.")
    if not text.strip():
        _refuse("This kubeconfig is empty. Give the output of kubectl config view --raw --flatten --minify.")
    return text


def parse(content: str, *, context: str = "") -> Access:
    """The access that one context of a kubeconfig describes; Invalid says what to change."""
    document = _load(content)
    name, chosen = _chosen(document, context)
    cluster = _entry(document, "clusters", "cluster", text(chosen.get("cluster")), name)
    user = _entry(document, "users", "user", text(chosen.get("user")), name)
    _refuse_programs(user)
    _refuse_files(cluster, ("certificate-authority",))
    _refuse_files(user, ("client-certificate", "client-key", "tokenFile"))
    _refuse_impersonation(user)
    if cluster.get("insecure-skip-tls-verify") is True:
        _refuse(
            "This kubeconfig switches off the check of the server's certificate (insecure-skip-tls-verify). Put the "
            "cluster's certificate into certificate-authority-data and remove that line."
        )
    access = Access(
        server=_server(cluster),
        context=name,
        ca=_pem(cluster, "certificate-authority-data"),
        certificate=_pem(user, "client-certificate-data"),
        key=_key(user),
        token=_token(user),
        server_name=text(cluster.get("tls-server-name")),
        proxy=_proxy(cluster),
    )
    if not access.token and not (access.certificate and access.key):
        _refuse(f"The user of context {name!r} has neither a token nor a client certificate with its key. {_INSTEAD}")
    return access


def _refuse(message: str) -> None:
    raise Invalid(message, where="kubeconfig")


def _load(content: str) -> Document:
    if len(content) > MAX_BYTES:
        _refuse(f"A kubeconfig of more than {MAX_BYTES // 1000} kB is not read. {_FLATTEN}")
    try:
        document: Any = yaml.safe_load(content)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = f" in line {line + 1}" if line is not None else ""
        raise Invalid(f"This is not YAML: mistake{place}. Paste the whole kubeconfig.", where="kubeconfig") from error
    if not isinstance(document, dict) or not document.get("clusters"):
        _refuse("This is not a kubeconfig: it lists no clusters. Paste the output of kubectl config view --raw.")
    return mapping(document)


def _chosen(document: Document, context: str) -> tuple[str, Document]:
    contexts = {text(one.get("name")): mapping(one.get("context")) for one in mappings(document.get("contexts"))}
    name = context or text(document.get("current-context"))
    if not name and len(contexts) == 1:
        name = next(iter(contexts))
    if name not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        wanted = f"has no context {name!r}" if name else "has no current context"
        _refuse(f"The kubeconfig {wanted}. Choose one of: {known}.")
    return name, contexts[name]


def _entry(document: Document, plural: str, singular: str, name: str, context: str) -> Document:
    for one in mappings(document.get(plural)):
        if one.get("name") == name:
            return mapping(one.get(singular))
    raise Invalid(f"Context {context!r} names the {singular} {name!r}, which is not in the file.", where="kubeconfig")


def _refuse_programs(user: Document) -> None:
    if "exec" in user:
        command = text(mapping(user["exec"]).get("command")) or "a program"
        _refuse(f"This kubeconfig runs {command!r} to get its credentials, which is refused. {_INSTEAD}")
    if "auth-provider" in user:
        provider = text(mapping(user["auth-provider"]).get("name")) or "unnamed"
        _refuse(f"This kubeconfig uses the auth provider {provider!r}, which is refused. {_INSTEAD}")
    if user.get("username") or user.get("password"):
        _refuse(f"Kubernetes no longer accepts a user name with a password. {_INSTEAD}")


def _refuse_files(entry: Document, fields: tuple[str, ...]) -> None:
    for name in fields:
        if entry.get(name):
            _refuse(f"This kubeconfig points to a file ({name}), which is refused. {_FLATTEN}")


def _refuse_impersonation(user: Document) -> None:
    for name in ("as", "as-uid", "as-groups", "as-user-extra"):
        if user.get(name):
            _refuse(f"This kubeconfig acts as somebody else ({name}), which is refused. {_INSTEAD}")


def _token(user: Document) -> str:
    """A bearer token is one word of visible ASCII; anything else cannot be sent."""
    token = text(user.get("token")).strip()
    if token and not re.fullmatch(r"[!-~]+", token):
        _refuse(
            "The token holds blanks, line breaks or letters that no token has. Copy it again, in one line: "
            "kubectl -n aispm create token aispm-reader prints it."
        )
    return token


def _key(user: Document) -> str:
    key = _pem(user, "client-key-data")
    if "ENCRYPTED" in key:
        _refuse(
            "The client key is locked with a pass phrase, which nobody is here to type. Give the key without one "
            f"(openssl pkey -in key.pem). {_INSTEAD}"
        )
    return key


def _server(cluster: Document) -> str:
    server = text(cluster.get("server")).rstrip("/")
    if not server:
        _refuse("The cluster has no server address, such as https://10.0.0.1:6443.")
    check_form(server, where="kubeconfig")
    parts = urlsplit(server)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        _refuse("The server address is plain http, which would send the token in clear text. Use https.")
    return server


def _proxy(cluster: Document) -> str:
    proxy = text(cluster.get("proxy-url"))
    if proxy:
        if not proxy.startswith(("http://", "https://")):
            _refuse("proxy-url must be an http or https address.")
        check_form(proxy, where="kubeconfig")
    return proxy


def _pem(entry: Document, name: str) -> str:
    value = entry.get(name)
    if not value:
        return ""
    try:
        return base64.b64decode(str(value), validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise Invalid(f"{name} is not base64 of a PEM text.", where="kubeconfig") from error


SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
IN_CLUSTER_SERVER = "https://kubernetes.default.svc"


def in_cluster(folder: str = SERVICE_ACCOUNT, server: str = IN_CLUSTER_SERVER) -> Access:
    """The access of the pod that this process runs in."""
    try:
        with open(f"{folder}/ca.crt", encoding="ascii") as file:
            ca = file.read()
        with open(f"{folder}/token", encoding="ascii"):
            pass
    except OSError as error:
        raise Invalid(
            "This process does not run in a cluster with a service account. Paste a kubeconfig instead.",
            where="kubeconfig",
        ) from error
    return Access(server=server, context="in-cluster", ca=ca, token_file=f"{folder}/token")
