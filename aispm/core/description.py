"""What the API's description says of errors and of single rows."""

from __future__ import annotations

from typing import Any

from aispm.core.problems import TITLES, ProblemRenderer

PROBLEM = {
    "type": "object",
    "description": "RFC 9457: what is wrong and what to do",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do"},
        "where": {"type": "string", "description": "The parameter that is wrong"},
        "errors": {"type": "object", "description": "The fields of the body that are wrong, and why"},
    },
}
FIELDS = {
    "name": "fields",
    "in": "query",
    "schema": {"type": "string"},
    "description": "Only these, with commas",
}
EVERYWHERE = (401, 403, 422, 429, 503)


def describe_errors(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Adds to every operation how it fails, and `fields` to those that give one row."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for code in _codes(path, method):
                operation["responses"].setdefault(str(code), _response(code))
            if method == "get" and path.endswith("{id}/"):
                operation["parameters"].append(FIELDS)
    return result


def _codes(path: str, method: str) -> tuple[int, ...]:
    single = (404,) if "{" in path or method != "get" else ()
    change = (400, 409, 415) if method != "get" else ()
    return tuple(sorted({*EVERYWHERE, *single, *change}))


def _response(code: int) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/Problem"}
    return {"description": TITLES[code], "content": {ProblemRenderer.media_type: {"schema": reference}}}
