"""What SARIF 2.1.0 asks of the members that we write, in our own words."""

from __future__ import annotations

from typing import Any

import jsonschema

LEVEL = {"enum": ["none", "note", "warning", "error"]}
MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {"required": ["uri"], "properties": {"uri": {"pattern": r"^[A-Za-z0-9%._~:/-]+$"}}},
                "region": {"required": ["startLine"], "properties": {"startLine": {"type": "integer", "minimum": 1}}},
            },
        }
    },
}
NOTIFICATION = {
    "required": ["message"],
    "properties": {"message": MESSAGE, "level": LEVEL, "locations": {"items": LOCATION}},
}
RULE = {
    "required": ["id"],
    "properties": {
        "shortDescription": MESSAGE,
        "fullDescription": MESSAGE,
        "help": MESSAGE,
        "defaultConfiguration": {"properties": {"level": LEVEL}},
    },
}
RESULT = {
    "required": ["message"],
    "properties": {
        "message": MESSAGE,
        "level": LEVEL,
        "ruleIndex": {"type": "integer", "minimum": 0},
        "locations": {"items": LOCATION},
        "partialFingerprints": {"additionalProperties": {"type": "string"}},
    },
}
RUN = {
    "required": ["tool"],
    "properties": {
        "tool": {
            "required": ["driver"],
            "properties": {
                "driver": {
                    "required": ["name"],
                    "properties": {"name": {"minLength": 1}, "rules": {"items": RULE, "uniqueItems": True}},
                }
            },
        },
        "invocations": {
            "items": {
                "required": ["executionSuccessful"],
                "properties": {
                    "executionSuccessful": {"type": "boolean"},
                    "toolExecutionNotifications": {"items": NOTIFICATION},
                },
            }
        },
        "results": {"items": RESULT},
    },
}
LOG = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {"version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN}},
}


def assert_valid(log: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(LOG).validate(log)
