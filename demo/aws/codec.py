"""Between the bytes of an answer and the document that the service model describes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from botocore.parsers import create_parser
from moto.core.serialize import get_serializer_class

from demo.aws.errors import REQUEST_ID
from demo.aws.wire import Call, Document, Reply


def encode(call: Call, document: Document) -> Reply:
    """A successful answer in the protocol of the call."""
    if call.model is None:
        raise ValueError(f"{call.service} has no operation to encode for.")
    serializer = get_serializer_class(call.service, call.protocol)(operation_model=call.model)
    written = serializer.serialize(_naive(document))
    body = written["body"]
    headers = {**{key: str(value) for key, value in written["headers"].items()}, "x-amzn-RequestId": REQUEST_ID}
    return Reply(written["status_code"], body.encode() if isinstance(body, str) else body, headers)


def decode(call: Call, reply: Reply) -> Document:
    """What a client would read out of this answer."""
    if call.model is None or call.model.output_shape is None:
        return {}
    if call.protocol == "json":
        read: Document = json.loads(reply.body or b"{}")
        return read
    headers = {key.lower(): value for key, value in reply.headers.items()}
    response = {"body": reply.body, "headers": headers, "status_code": reply.status}
    parsed: Document = create_parser(call.protocol).parse(response, call.model.output_shape)
    parsed.pop("ResponseMetadata", None)
    return parsed


def encode_again(call: Call, document: Document, reply: Reply) -> Reply:
    """The answer with a changed document; the JSON protocol keeps its members as they came."""
    if call.protocol == "json":
        return Reply(reply.status, json.dumps(document).encode(), reply.headers)
    return encode(call, document)


def _naive(value: Any) -> Any:
    """The serializers want naive times in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, dict):
        return {key: _naive(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_naive(item) for item in value]
    return value
