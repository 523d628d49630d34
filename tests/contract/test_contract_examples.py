"""Every operation shows what it takes and gives, and what it shows is true."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.contract_facts import contract, contract_operations, resolve

CONTRACT = contract()
OPERATIONS = {operation.name: operation for operation in contract_operations()}


def media(node: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
    """Pairs of schema and example value."""
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
def test_an_answer_example_is_valid(name: str) -> None:
    for answer in OPERATIONS[name].described["responses"].values():
        for schema, value in media(answer):
            validate(schema, value)


def schemas_with_properties() -> list[tuple[str, str, Any]]:
    return [
        (schema_name, name, schema)
        for schema_name, whole in CONTRACT["components"]["schemas"].items()
        for part in [whole, *whole.get("allOf", [])]
        for name, schema in part.get("properties", {}).items()
    ]


@pytest.mark.parametrize(("schema", "name", "described"), schemas_with_properties())
def test_a_field_is_described(schema: str, name: str, described: dict[str, Any]) -> None:
    assert resolve(described).get("description")


@pytest.mark.parametrize(("schema", "name", "described"), schemas_with_properties())
def test_the_example_of_a_field_is_valid(schema: str, name: str, described: dict[str, Any]) -> None:
    for value in [resolve(described)["example"]] if "example" in resolve(described) else []:
        validate(described, value)


def test_an_unknown_value_is_refused_in_a_request_and_taken_in_an_answer() -> None:
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
