"""boto3 clients that hand their requests to the simulator directly: for seeding, without sockets, faults or log."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import OperationModel
from moto.moto_api._internal import mock_random

from demo.aws import patches
from demo.aws.application import TRUSTED, Application

CHANGED_BY_CLIENTS = {"s3", "s3control"}
ENDPOINT = "http://127.0.0.1:80"


class InProcess:
    """Clients that act as the root of any account."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self.client = cache(self._client)

    def _client(self, service: str, region: str, account: str) -> Any:
        config = Config(
            retries={"total_max_attempts": 1}, inject_host_prefix=False, s3={"addressing_style": "path"},
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
        )  # fmt: skip
        client = session(**dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "ROOT")).client(
            service, region_name=region, endpoint_url=ENDPOINT, config=config
        )

        def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
            return self._send(request, account)

        client.meta.events.register("before-send.*", send)
        client.meta.events.register_first("before-parameter-build.*", _fill_tokens)
        return client

    def _send(self, request: AWSPreparedRequest, account: str) -> AWSResponse:
        status: list[Any] = []

        def start_response(line: str, headers: list[tuple[str, str]]) -> None:
            status.extend((int(line.split(" ", 1)[0]), headers))

        body = b"".join(self._application(_environ(request, account), start_response))
        return AWSResponse(request.url, status[0], dict(status[1]), _Raw(body))


class _SharedLoader(Loader):  # type: ignore[misc]
    """The service models that moto has parsed already; parsing those of EC2 and SageMaker twice takes a second."""

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        if type_name == "service-2" and service_name not in CHANGED_BY_CLIENTS:
            return patches.service_description(service_name, type_name)
        return super().load_service_model(service_name, type_name, api_version)


LOADER = _SharedLoader()


def session(**credentials: str) -> boto3.Session:
    """A boto3 session that shares the parsed service models with all others here."""
    core = botocore.session.get_session()
    core.register_component("data_loader", LOADER)
    return boto3.Session(**credentials, botocore_session=core)


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
