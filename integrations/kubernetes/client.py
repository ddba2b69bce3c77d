"""Bounded, read-only JSON over HTTP. Every way in which a call can go wrong has its own, named end."""

from __future__ import annotations

import random
import ssl
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from threading import Event, local
from urllib.parse import urlencode

import orjson
import urllib3
from kubernetes.client.configuration import Configuration
from kubernetes.client.rest import RESTClientObject
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from aispm.core.errors import Invalid, PermanentError
from aispm.core.outbound import guarded
from integrations.kubernetes.kubeconfig import Access
from integrations.kubernetes.paths import mapping, text
from integrations.kubernetes.problems import Gone, NotServed, ReadFailed, TooLarge, cancelled
from inventory.documents import Document, Problem, ScopeState

_CHUNK = 256 * 1024
_RETRY_STATUS = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often to try. Seconds and bytes."""

    attempts: int = 4
    pause: float = 0.5
    longest_pause: float = 20.0
    connect: float = 5.0
    silence: float = 30.0
    whole_body: float = 120.0
    body_bytes: int = 64 * 1024 * 1024
    still: float = 100.0  # a watch that says nothing, not even its minutely bookmark, is asked for again


class Client:
    """GETs of one API server. Safe to use from several threads."""

    def __init__(self, access: Access, patience: Patience | None = None, stop: Event | None = None) -> None:
        self.access = access
        self.patience = patience or Patience()
        self.stop = stop or Event()
        self._mine = local()
        self._token = ("", 0.0)
        self._pool = _pool(access)

    def get(self, path: str, query: Mapping[str, str | int] | None = None, *, permission: str = "") -> Document:
        """The JSON object at a path. Raises ReadFailed, Gone (410), NotServed (404) or TooLarge."""
        url = f"{self.access.server}{path}" + (f"?{urlencode(query)}" if query else "")
        for attempt in range(self.patience.attempts):
            last = attempt + 1 == self.patience.attempts
            if self.stop.is_set():
                raise cancelled()
            try:
                return self._once(url, permission)
            except _TryAgain as failure:
                if last:
                    raise failure.why from failure.__cause__
                self._wait(attempt, failure.after)
        raise AssertionError("attempts is at least 1")

    def lines(self, path: str, query: Mapping[str, str | int], *, permission: str = "") -> Iterator[bytes]:
        """An answer line by line as it arrives, an empty one first, until the server ends it or is silent for long.

        Raises as `get` does, and ReadFailed when it is cut. Not tried again: the caller knows from where to go on.
        """
        try:
            response = self._ask(f"{self.access.server}{path}?{urlencode(query)}", self.patience.still, "identity")
            with closing(response):
                if response.status != 200:
                    raise self._refusal(response, self._body(response), permission)
                yield b""
                yield from self._lines(response)
        except _TryAgain as failure:
            self.stop.wait(min(failure.after or 0.0, self.patience.longest_pause))
            raise failure.why from failure.__cause__

    def calls_of_this_thread(self) -> int:
        """Requests sent so far, retries included."""
        return int(getattr(self._mine, "calls", 0))

    def close(self) -> None:
        self._pool.clear()

    def _wait(self, attempt: int, after: float | None) -> None:
        pause = self.patience.pause * 2**attempt * (0.5 + random.random())  # noqa: S311  # jitter, not a secret
        self.stop.wait(min(after if after is not None else pause, self.patience.longest_pause))

    def _once(self, url: str, permission: str) -> Document:
        response = self._ask(url, self.patience.silence, "gzip")
        try:
            body = self._body(response)
        finally:
            response.release_conn()
        if response.status == 200:
            return _object(body)
        raise self._refusal(response, body, permission)

    def _refusal(self, response: urllib3.BaseHTTPResponse, body: bytes, permission: str) -> Exception:
        if response.status == 401:
            words = "The cluster does not accept the credentials: they are wrong or have expired."
            return ReadFailed(Problem.EXPIRED, f"{words} {self.access.renewal}")
        return _refusal(response, body, permission)

    def _ask(self, url: str, silence: float, encoding: str) -> urllib3.BaseHTTPResponse:
        self._mine.calls = self.calls_of_this_thread() + 1
        try:
            return self._pool.request(
                "GET", url, headers=self._headers(encoding), preload_content=False, redirect=False, retries=False,
                timeout=urllib3.Timeout(connect=self.patience.connect, read=silence),
            )  # fmt: skip
        except HTTPError as error:
            raise _network(error, self.access.server) from error

    def _headers(self, encoding: str) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Encoding": encoding, "User-Agent": "aispm (read-only)"}
        token = self.access.token or self._made_token() or self._file_token()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def _made_token(self) -> str:
        """One that somebody makes for us, and renews."""
        try:
            return self.access.token_source() if self.access.token_source else ""
        except PermanentError as error:
            raise ReadFailed(Problem.EXPIRED, str(error)) from error

    def _file_token(self) -> str:
        """The pod's own token; the cluster renews the file, so it is read again every minute."""
        token, read_at = self._token
        if self.access.token_file and time.monotonic() - read_at > 60:
            with open(self.access.token_file, encoding="ascii") as file:
                token = file.read().strip()
            self._token = (token, time.monotonic())
        return token

    def _body(self, response: urllib3.BaseHTTPResponse) -> bytes:
        until = time.monotonic() + self.patience.whole_body
        chunks: list[bytes] = []
        size = 0
        try:
            while chunk := response.read(_CHUNK, decode_content=True):
                chunks.append(chunk)
                size += len(chunk)
                if size > self.patience.body_bytes:
                    response.close()
                    raise TooLarge
                if self.stop.is_set():
                    response.close()
                    raise cancelled()
                if time.monotonic() > until:
                    response.close()
                    raise _TryAgain(ReadFailed(Problem.TIMEOUT, "The cluster took too long to send its answer."))
        except HTTPError as error:
            response.close()
            raise _network(error, self.access.server) from error
        return b"".join(chunks)

    def _lines(self, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        rest = bytearray()
        try:
            while chunk := response.read1(_CHUNK):
                if self.stop.is_set():
                    return
                rest += chunk
                *whole, last = rest.split(b"\n")
                rest = bytearray(last)
                yield from map(bytes, whole)
                if len(rest) > self.patience.body_bytes:
                    raise ReadFailed(Problem.MALFORMED, "One object is larger than can be read.")
        except ReadTimeoutError:
            return
        except HTTPError as error:
            raise _network(error, self.access.server) from error
        if rest:
            raise ReadFailed(Problem.UNREACHABLE, "The connection was cut before the answer was complete.")


class _TryAgain(Exception):
    """A failure that may pass; `why` is raised when it does not."""

    def __init__(self, why: ReadFailed, after: float | None = None) -> None:
        super().__init__(str(why))
        self.why, self.after = why, after


def _network(error: HTTPError, server: str) -> Exception:
    """What a failure below HTTP means."""
    if isinstance(error, SSLError):
        return ReadFailed(
            Problem.UNREACHABLE,
            "The server's certificate cannot be verified. Check certificate-authority-data and the server address.",
        )
    if isinstance(error, LocationParseError):
        return ReadFailed(Problem.UNREACHABLE, "The server address is not a valid one.")
    if isinstance(error, ReadTimeoutError):
        return _TryAgain(ReadFailed(Problem.TIMEOUT, "The cluster did not answer in time."))
    if isinstance(error, ConnectTimeoutError | NewConnectionError | ProxyError):
        return _TryAgain(ReadFailed(Problem.UNREACHABLE, f"The cluster {server} cannot be reached: {_cause(error)}."))
    return _TryAgain(ReadFailed(Problem.UNREACHABLE, "The connection was cut before the answer was complete."))


def _cause(error: BaseException) -> str:
    """Why no connection was made: the system's own words where it has some."""
    below = error.__cause__ or getattr(error, "original_error", None)
    if below is not None:
        return _cause(below)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, ConnectTimeoutError | TimeoutError):
        return "nobody answers at this address"
    return str(error).rpartition(">: ")[2].rpartition("): ")[2].rstrip(".") or "no connection was made"


def _object(body: bytes) -> Document:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        why = ReadFailed(Problem.MALFORMED, "The answer is not complete JSON.")
        raise _TryAgain(why) from error
    if not isinstance(document, dict):
        raise ReadFailed(Problem.MALFORMED, "The answer is not a JSON object.")
    return document


def _refusal(response: urllib3.BaseHTTPResponse, body: bytes, permission: str) -> Exception:
    """What an answer other than 200 means."""
    status = response.status
    if status == 403:
        what = f"{permission}" if permission else "read this"
        return ReadFailed(
            Problem.DENIED, f"The credentials may not {what}. Apply the read-only role.", ScopeState.DENIED, permission
        )
    if status == 404:
        return NotServed()
    if status == 410:
        return Gone()
    if status in _RETRY_STATUS:
        problem = Problem.THROTTLED if status == 429 else Problem.SERVER_ERROR
        words = "has too many requests" if status == 429 else "failed to answer"
        why = ReadFailed(problem, f"The cluster {words} (HTTP {status}), also when asked again.")
        return _TryAgain(why, _retry_after(response))
    reason = text(_reason(body))[:200]
    return ReadFailed(Problem.OTHER, f"The cluster answered HTTP {status}{f': {reason}' if reason else ''}.")


def _reason(body: bytes) -> object:
    try:
        return mapping(orjson.loads(body)).get("message")
    except orjson.JSONDecodeError:
        return ""


def _retry_after(response: urllib3.BaseHTTPResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


def _pool(access: Access) -> urllib3.PoolManager:
    """The connections of the official client: its proxies, keep-alive and server names, with our TLS context.

    Its typed calls are not used: lists are read as raw JSON, page by page, which takes a tenth of the memory.
    """
    configuration = Configuration(host=access.server)
    configuration.proxy = access.proxy or None
    configuration.tls_server_name = access.server_name or None
    configuration.connection_pool_maxsize = 4
    pool: urllib3.PoolManager = RESTClientObject(configuration).pool_manager
    for settled in ("ca_certs", "ca_cert_data", "cert_file", "key_file", "cert_reqs"):
        pool.connection_pool_kw.pop(settled, None)
    pool.connection_pool_kw["ssl_context"] = _tls(access)
    if not access.token_file:  # the cluster that we run in is not one that somebody named
        pool.pool_classes_by_scheme = guarded(pool.pool_classes_by_scheme)
    if access.server_name:
        pool.connection_pool_kw["assert_hostname"] = access.server_name
    return pool


def _tls(access: Access) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=access.ca or None)
        if access.certificate:
            _load_certificate(context, access)
    except (ssl.SSLError, ValueError) as error:
        raise Invalid(
            "A certificate or key in the kubeconfig is not a PEM text, or the two do not belong together. Take them "
            "anew: kubectl config view --raw --flatten --minify",
            where="kubeconfig",
        ) from error
    return context


def _load_certificate(context: ssl.SSLContext, access: Access) -> None:
    """The TLS library takes client certificates from files only: one that exists for a moment, for us alone."""
    with tempfile.NamedTemporaryFile("w", prefix="aispm-", encoding="ascii") as file:
        file.write(f"{access.certificate}\n{access.key}\n")
        file.flush()
        context.load_cert_chain(file.name, password="")  # a locked key is an error, not a question on the terminal
