"""A loopback double of an API server: real paging and watches, and every fault that a collector has to survive."""

from __future__ import annotations

import base64
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from demo.cluster.bodies import Object
from demo.cluster.events import FIRST, Events

TOKEN = "demo-reader-token"  # noqa: S105  # opens the double and nothing else


@dataclass(slots=True)
class Fault:
    """What goes wrong at a path, or at the watch of a path: `PATH?watch`. `page`: from which page on (1 is the first).
    `times`: how often; -1 for ever."""

    kind: str
    page: int = 1
    times: int = -1
    retry_after: str = "0"


STATUS = {"unauthorized": 401, "denied": 403, "missing": 404, "gone": 410, "throttled": 429, "server-error": 500}
REASONS = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 410: "Expired", 429: "TooManyRequests"}
KINDS_OF_FAULT = (*STATUS, "cut", "truncated", "slow", "malformed", "not-json", "wrong-kind", "no-items")


@dataclass(slots=True)
class _List:
    head: Object
    items: list[bytes]
    names: list[tuple[str, str]]  # namespace and name


@dataclass(slots=True)
class Cluster:
    """What the double serves and how it misbehaves; shared by its threads."""

    documents: dict[str, bytes]
    lists: dict[str, _List]
    token: str = TOKEN
    accepts: Callable[[str], bool] | None = None  # tokens, where it is not a single one
    latency: float = 0.0
    faults: dict[str, Fault] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    events: Events = field(default_factory=Events)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, bodies: Mapping[str, Object]) -> Cluster:
        """From {path: body}, such as `demo.cluster.bodies.load` gives."""
        cluster = cls({}, {})
        for path, body in bodies.items():
            if isinstance(body.get("items"), list) and str(body.get("kind")).endswith("List"):
                items = body["items"]
                cluster.lists[path] = _List(
                    {k: v for k, v in body.items() if k != "items"},
                    [orjson.dumps(one) for one in items],
                    [_name(one) for one in items],
                )
            else:
                cluster.documents[path] = orjson.dumps(body)
        return cluster

    def lets_in(self, authorization: str) -> bool:
        if self.accepts is not None:
            return self.accepts(authorization.removeprefix("Bearer "))
        return not self.token or authorization == f"Bearer {self.token}"

    def change(self, path: str, item: Object, type: str = "MODIFIED") -> None:
        """An object of a list is another from now on, new (ADDED) or gone (DELETED); who watches is told."""
        served, meta = self.lists[path], item["metadata"]
        with self.lock:
            version = self.events.next_version()
            item = {**item, "metadata": {**meta, "resourceVersion": str(version)}}
            if _name(item) in served.names:
                at = served.names.index(_name(item))
                del served.items[at], served.names[at]
            if type != "DELETED":
                served.items.append(orjson.dumps(item))
                served.names.append(_name(item))
        whole = {"apiVersion": served.head["apiVersion"], "kind": str(served.head["kind"]).removesuffix("List")} | item
        self.events.tell(path, version, {"type": type, "object": whole})

    def fault(self, path: str, page: int) -> Fault | None:
        """The fault that strikes this call, counted down."""
        with self.lock:
            others = "*?watch" if path.endswith("?watch") else "*" if path in self.lists else ""
            fault = self.faults.get(path) or self.faults.get(others)
            if fault is None or page < fault.page or fault.times == 0:
                return None
            fault.times -= fault.times > 0
            return fault

    def list_page(self, path: str, query: Mapping[str, list[str]]) -> tuple[bytes, int]:
        """(body, page number) of a list."""
        namespace, served = self._find(path)
        with self.lock:
            items, version = list(zip(served.items, served.names, strict=True)), self.events.version
        chosen = [item for item, (home, _) in items if namespace in ("", home)]
        limit = int(query.get("limit", ["0"])[0]) or max(len(chosen), 1)
        start = int(base64.b64decode(query["continue"][0])) if "continue" in query else 0
        rest = len(chosen) - start - limit
        metadata = dict(served.head.get("metadata", {}))
        if version > FIRST:
            metadata["resourceVersion"] = str(version)
        if rest > 0:
            metadata |= {"continue": base64.b64encode(str(start + limit).encode()).decode(), "remainingItemCount": rest}
        head = orjson.dumps(served.head | {"metadata": metadata})
        body = head[:-1] + b',"items":[' + b",".join(chosen[start : start + limit]) + b"]}"
        return body, start // limit + 1

    def _find(self, path: str) -> tuple[str, _List]:
        if path in self.lists:
            return "", self.lists[path]
        before, _, after = path.partition("/namespaces/")
        namespace, _, plural = after.partition("/")
        return namespace, self.lists[f"{before}/{plural}"]

    def knows(self, path: str) -> bool:
        before, _, after = path.partition("/namespaces/")
        return path in self.lists or f"{before}/{after.partition('/')[2]}" in self.lists

    def named(self, path: str) -> bytes | None:
        """One namespace by name."""
        prefix = "/api/v1/namespaces/"
        served = self.lists.get("/api/v1/namespaces")
        if served is None or not path.startswith(prefix):
            return None
        wanted = path.removeprefix(prefix)
        for item in served.items:
            if orjson.loads(item)["metadata"]["name"] == wanted:
                return orjson.dumps({"kind": "Namespace", "apiVersion": "v1"} | orjson.loads(item))
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 256 * 1024
    disable_nagle_algorithm = True
    cluster: Cluster

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the calls are in the log of the cluster."""

    def do_GET(self) -> None:
        """Every call is a GET; anything else is answered with 501 by the base class."""
        parts = urlsplit(self.path)
        with self.cluster.lock:
            self.cluster.calls.append(self.path)
        self.cluster.closing.wait(self.cluster.latency)
        if not self.cluster.lets_in(self.headers.get("Authorization") or ""):
            self._status(401)
        else:
            self._answer(parts.path, parse_qs(parts.query))

    def _answer(self, path: str, query: Mapping[str, list[str]]) -> None:
        if "watch" in query and path in self.cluster.lists:
            self._watch(path, int(query["resourceVersion"][0]))
            return
        body, page = self.cluster.documents.get(path), 1
        if body is None and self.cluster.knows(path):
            body, page = self.cluster.list_page(path, query)
        body = body or self.cluster.named(path)
        fault = self.cluster.fault(path, page)
        if fault is not None:
            self._misbehave(fault, body or b"{}")
        elif body is None:
            self._status(404)
        else:
            self._send(200, body)

    def _watch(self, path: str, since: int) -> None:
        """Events as they come, each in a chunk, until the double closes or is told to hang up."""
        fault = self.cluster.fault(f"{path}?watch", 1)
        if fault is not None and (fault.kind in STATUS or fault.kind == "slow"):
            self._misbehave(fault, b"")
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._chunk(b"")
        spoilt = self.cluster.events.spoilt(fault.kind) if fault is not None else None
        for line in [spoilt] if spoilt is not None else self.cluster.events.since(path, since, self.cluster.closing):
            self._chunk(line)
        if fault is not None and fault.kind == "cut":
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, line: bytes) -> None:
        if line:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()

    def _misbehave(self, fault: Fault, body: bytes) -> None:
        if fault.kind in STATUS:
            self._status(STATUS[fault.kind], fault.retry_after)
        elif fault.kind == "slow":
            self.cluster.closing.wait(30)
            self.close_connection = True
        elif fault.kind == "cut":
            self._send(200, body[: len(body) // 2], length=len(body))
            self.close_connection = True
        else:
            self._send(200, _spoilt(fault.kind, body))

    def _status(self, status: int, retry_after: str = "0") -> None:
        reason = REASONS.get(status, "InternalError")
        body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": status}
        self._send(status, orjson.dumps(body | {"message": reason}), retry_after=retry_after if status == 429 else "")

    def _send(self, status: int, body: bytes, *, length: int = -1, retry_after: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length if length >= 0 else len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)


def _name(item: Object) -> tuple[str, str]:
    return item["metadata"].get("namespace", ""), item["metadata"].get("name", "")


def _spoilt(kind: str, body: bytes) -> bytes:
    """A body that arrives whole and is wrong."""
    if kind == "truncated":
        return body[: len(body) // 2]
    if kind == "not-json":
        return b"<html><body>Sign in to the proxy</body></html>"
    document: dict[str, Any] = orjson.loads(body)
    if kind == "wrong-kind":
        document["kind"] = "SecretList"
    elif kind == "no-items":
        document.pop("items", None)
    elif kind == "malformed":
        document["items"] = [*document.get("items", []), {"spec": "an element without a name"}]
    return orjson.dumps(document)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests."""


@contextmanager
def serve(cluster: Cluster, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serves on a free loopback port; gives the address."""
    handler = type("Handler", (_Handler,), {"cluster": cluster})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        cluster.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def kubeconfig(address: str, token: str = TOKEN, ca: str = "") -> str:
    """A kubeconfig for the double."""
    cluster: Object = {"server": address}
    if ca:
        cluster["certificate-authority-data"] = base64.b64encode(ca.encode()).decode()
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "demo",
        "clusters": [{"name": "demo", "cluster": cluster}],
        "contexts": [{"name": "demo", "context": {"cluster": "demo", "user": "reader"}}],
        "users": [{"name": "reader", "user": {"token": token}}],
    }
    return orjson.dumps(document).decode()
