"""Every operation shows what it takes and gives, and what it shows is true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRACT: dict[str, Any] = yaml.safe_load((ROOT / "openapi/images.yaml").read_text(encoding="utf-8"))


def resolve(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = CONTRACT
        for step in node["$ref"].split("/")[1:]:
            target = target[step]
        node = target
    return node


def operations() -> dict[str, dict[str, Any]]:
    found = {}
    for item in CONTRACT["paths"].values():
        for method in item.keys() & {"get", "post", "put", "patch", "delete"}:
            shared = item.get("parameters", [])
            found[item[method]["operationId"]] = {
                **item[method],
                "parameters": [*shared, *item[method].get("parameters", [])],
            }
    return found


OPERATIONS = operations()


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


def test_the_contract_has_the_documented_operations() -> None:
    assert sorted(OPERATIONS) == [
        "create_image",
        "create_version",
        "delete_image",
        "delete_version",
        "delete_versions",
        "describe_image",
        "describe_version",
        "get_build_logs",
        "get_build_logs_download",
        "list_image_builds",
        "list_image_versions",
        "list_images",
        "update_version",
    ]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_request_example_is_valid(name: str) -> None:
    operation = OPERATIONS[name]
    parameters = [resolve(parameter) for parameter in operation["parameters"]]
    examples = [(parameter["schema"], parameter["example"]) for parameter in parameters]
    if "requestBody" in operation:
        examples += media(operation["requestBody"])
    assert examples
    for schema, value in examples:
        validate(schema, value)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_answer_example_is_valid(name: str) -> None:
    for status, answer in OPERATIONS[name]["responses"].items():
        examples = media(answer)
        assert examples or status == "204"
        for schema, value in examples:
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
        validate({"$ref": "#/components/schemas/ImageCreateForm"}, body)
    image = {
        "id": 1,
        "name": "an-image",
        "type": "spaceship",
        "latestVersion": {"id": 1, "version": "1", "status": "?"},
    }
    validate({"$ref": "#/components/schemas/Image"}, image)
