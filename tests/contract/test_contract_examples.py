"""Every operation has examples of its request and responses, which are valid."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.contract_facts import contract, contract_operations, resolve

CONTRACT = contract()
OPERATIONS = {operation.name: operation for operation in contract_operations()}


def media(node: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
    """Return pairs of schema and example value."""
    return [
        (kind["schema"], resolve(example)["value"])
        for kind in resolve(node).get("content", {}).values()
        for example in kind.get("examples", {}).values()
    ]


def validate(schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": CONTRACT["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_request_example_is_valid(name: str) -> None:
    operation = OPERATIONS[name]
    examples = [(one["schema"], one["example"]) for one in operation.parameters if "example" in one]
    examples += media(operation.described.get("requestBody", {}))
    for schema, value in examples:
        validate(schema, value)


@pytest.mark.parametrize("name", OPERATIONS)
def test_response_example_is_valid(name: str) -> None:
    for answer in OPERATIONS[name].described["responses"].values():
        for schema, value in media(answer):
            validate(schema, value)


def fields(schema: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the fields of a schema, with those of its parts."""
    whole = CONTRACT["components"]["schemas"][schema]
    parts = [whole, *whole.get("allOf", [])]
    return [(name, resolve(field)) for part in parts for name, field in part.get("properties", {}).items()]


@pytest.mark.parametrize("schema", CONTRACT["components"]["schemas"])
def test_every_field_is_described(schema: str) -> None:
    assert [name for name, field in fields(schema) if not field.get("description")] == []


@pytest.mark.parametrize("schema", CONTRACT["components"]["schemas"])
def test_the_examples_of_fields_are_valid(schema: str) -> None:
    for _, field in fields(schema):
        if "example" in field:
            validate(field, field["example"])


def test_unknown_enum_value_is_rejected_in_a_request_and_accepted_in_a_response() -> None:
    body = {"name": "an-image", "type": "spaceship"}
    with pytest.raises(jsonschema.ValidationError):
        validate(OPERATIONS["create_image"].body["schema"], body)
    image = {
        "id": 1,
        "name": "an-image",
        "type": "spaceship",
        "latestVersion": {"id": 1, "version": "1", "status": "?"},
    }
    validate({"$ref": "#/components/schemas/Image"}, image)
