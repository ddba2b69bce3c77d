"""Error answers in the form of each AWS protocol."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from demo.aws.wire import Reply, ServiceError

REQUEST_ID = "11111111-2222-4333-8444-555555555555"


def error_reply(error: ServiceError, protocol: str, service: str = "") -> Reply:
    """The bytes that the AWS service would send for this error."""
    if protocol == "json":
        return _json(error)
    if protocol == "rest-json":
        return _rest_json(error)
    if protocol == "ec2":
        return _xml(error, "<Response><Errors><Error>{fields}</Error></Errors><RequestID>{id}</RequestID></Response>")
    if service == "s3":
        return _xml(error, "<Error>{fields}<RequestId>{id}</RequestId></Error>")
    return _xml(
        error,
        "<ErrorResponse><Error><Type>Sender</Type>{fields}</Error><RequestId>{id}</RequestId></ErrorResponse>",
    )


def _json(error: ServiceError) -> Reply:
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return Reply(error.status, body, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": REQUEST_ID})


def _rest_json(error: ServiceError) -> Reply:
    body = json.dumps({"message": error.message}).encode()
    headers = {
        "Content-Type": "application/json",
        "x-amzn-ErrorType": error.code,
        "x-amzn-RequestId": REQUEST_ID,
    }
    return Reply(error.status, body, headers)


def _xml(error: ServiceError, frame: str) -> Reply:
    fields = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    body = '<?xml version="1.0" encoding="UTF-8"?>\n' + frame.format(fields=fields, id=REQUEST_ID)
    return Reply(error.status, body.encode(), {"Content-Type": "text/xml"})
