"""boto3 clients that hand their requests to the simulator directly: for seeding, without sockets, faults or log."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.model import OperationModel
from moto.moto_api._internal import mock_random

from demo.aws.application import TRUSTED, Application

ENDPOINT = "http://127.0.0.1:80"


class InProcess:
    """Clients that act as the root of any account."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._sessions: dict[str, boto3.Session] = {}
        self.client = cache(self._client)

    def _client(self, service: str, region: str, account: str) -> Any:
        config = Config(
            retries={"total_max_attempts": 1}, inject_host_prefix=False, s3={"addressing_style": "path"},
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
        )  # fmt: skip
        client = self._session().client(service, region_name=region, endpoint_url=ENDPOINT, config=config)

        def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
            return self._send(request, account)

        client.meta.events.register("before-send.*", send)
        client.meta.events.register_first("before-parameter-build.*", _fill_tokens)
        return client

    def _session(self) -> boto3.Session:
        if "only" not in self._sessions:
            self._sessions["only"] = boto3.Session(aws_access_key_id="ROOT", aws_secret_access_key="ROOT")  # noqa: S106 - not a key of anything
        return self._sessions["only"]

    def _send(self, request: AWSPreparedRequest, account: str) -> AWSResponse:
        status: list[Any] = []

        def start_response(line: str, headers: list[tuple[str, str]]) -> None:
            status.extend((int(line.split(" ", 1)[0]), headers))

        body = b"".join(self._application(_environ(request, account), start_response))
        return AWSResponse(request.url, status[0], dict(status[1]), _Raw(body))


def _fill_tokens(params: dict[str, Any], model: OperationModel, **_: Any) -> None:
    """Idempotency tokens come from moto's seeded sequence; botocore would draw them anew in every process."""
    for name in model.idempotent_members:
        params.setdefault(name, str(mock_random.uuid4()))


class _Raw(io.BytesIO):
    """The body as urllib3 would give it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _environ(request: AWSPreparedRequest, account: str) -> dict[str, Any]:
    url = urlsplit(request.url)
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    data = body.encode() if isinstance(body, str) else bytes(body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path, "latin1"),
        "RAW_URI": url.path + (f"?{url.query}" if url.query else ""),
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": url.netloc,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(data),
        TRUSTED: account,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode() if isinstance(value, bytes) else str(value)
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    environ["CONTENT_LENGTH"] = str(len(data))
    return environ
