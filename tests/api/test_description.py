"""The API describes itself in valid OpenAPI 3.1, and changes of it are noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from openapi_spec_validator import OpenAPIV31SpecValidator

SNAPSHOT = Path(__file__).parent.parent / "data" / "api" / "operations.yaml"


def document() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def test_the_description_is_valid() -> None:
    schema = document()
    assert schema["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(schema).validate()


def test_operations_and_their_parameters_are_as_recorded() -> None:
    """A removed or renamed parameter breaks somebody's integration: change the record only on purpose."""
    found = {
        f"{method.upper()} {path}": sorted(parameter["name"] for parameter in operation.get("parameters", []))
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    }
    assert found == yaml.safe_load(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_operation_says_what_it_needs() -> None:
    for operations in document()["paths"].values():
        for operation in operations.values():
            assert operation["security"], operation["operationId"]


def test_every_operation_says_how_it_fails() -> None:
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            assert {"401", "403", "422"} <= operation["responses"].keys()
            assert ("404" in operation["responses"]) >= ("{id}" in path)
            assert "application/problem+json" in operation["responses"]["422"]["content"]


@pytest.mark.django_db
def test_the_description_is_served_to_those_who_are_signed_in(viewer: Any) -> None:
    assert viewer.get("/api/v1/schema/").status_code == 200
