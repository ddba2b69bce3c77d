"""Which service and operation an HTTP request means, from the botocore service models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import DataNotFoundError
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

# Signing names that several clients share, in the order in which they are tried.
SHARED = {
    "bedrock": ("bedrock", "bedrock-agent", "bedrock-data-automation", "bedrock-runtime"),
    "bedrock-agentcore": ("bedrock-agentcore-control", "bedrock-agentcore"),
    "monitoring": ("cloudwatch",),
    "lex": ("lexv2-models",),
    "es": ("opensearch",),
    "aoss": ("opensearchserverless",),
    "access-analyzer": ("accessanalyzer",),
    "states": ("stepfunctions",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "sso": ("sso-admin",),
    "tagging": ("resourcegroupstaggingapi",),
    "s3": ("s3control", "s3"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The credential scope of a signed request."""

    access_key: str
    date: str
    region: str
    signing_name: str


@dataclass(frozen=True, slots=True)
class Target:
    """What a request asks for; `operation` is empty when no model knows it."""

    service: str
    operation: str
    protocol: str
    model: OperationModel | None = None
    path_params: dict[str, Any] | None = None


def scope_of(authorization: str) -> Scope | None:
    """Reads `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`; None when it is not one."""
    try:
        credential = authorization.split("Credential=", 1)[1].split(",", 1)[0]
        access_key, date, region, service, _ = credential.split("/")
    except (IndexError, ValueError):
        return None
    return Scope(access_key, date, region, service.lower())


def resolve(request: Request, signing_name: str) -> Target:
    """The operation of the first client with this signing name that has a matching one."""
    first: ServiceModel | None = None
    for service in _services(request, signing_name):
        try:
            model = get_service_model(service)
        except DataNotFoundError:
            continue
        first = first or model
        try:
            operation, path_params = get_service_router(service).match(request)
        except NotFound:
            continue
        protocol = determine_request_protocol(model, request.content_type)
        return Target(service, str(operation.name), protocol, operation, path_params)
    name = first.service_name if first else signing_name
    return Target(name, "", str(first.resolved_protocol) if first else "json")


def parse_params(request: Request, target: Target) -> dict[str, Any]:
    """The call's parameters under the names of the service model."""
    if target.model is None:
        return {}
    parser = PROTOCOL_PARSERS[target.protocol](target.model)
    parsed: dict[str, Any] = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": target.path_params or {},
        }
    )
    return parsed


def _services(request: Request, signing_name: str) -> tuple[str, ...]:
    if signing_name == "s3" and not request.path.startswith("/v20180820/"):
        return ("s3",)
    return SHARED.get(signing_name, (signing_name,))
