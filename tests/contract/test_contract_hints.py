"""Hints and features of the contract that can't be expressed: errors that name the line."""

from __future__ import annotations

import re

import pytest
import yaml

from contract_document import ContractError, line_of
from contract_hints import check_hints
from contract_normal import for_generator, normalize
from render_fields import describe_value
from render_operations import describe_operations

CONTRACT = """
paths:
  /images/:
    get:
      operationId: list_images
      x-cli-name: list
      x-pagination: {items: images}
      x-codeSamples:
        - {lang: Python, source: "images = client.list_images()"}
      parameters:
        - {name: pageSize, in: query, schema: {type: integer}}
        - {name: pageNumber, in: query, schema: {type: integer}}
        - name: searchTerm
          in: query
          x-python-name: name
          schema: {type: string}
        - name: tags
          in: query
          schema: {type: array, items: {type: string}}
      responses:
        '200':
          description: A page
          content:
            application/json:
              schema: {$ref: '#/components/schemas/ImagePage'}
    post:
      operationId: create_image
      x-cli-name: create
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Image'}
      responses:
        '200':
          description: The image
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Image'}
    delete:
      operationId: delete_images
      responses:
        '204': {description: Deleted}
components:
  schemas:
    ImagePage:
      type: object
      properties:
        images: {type: array, items: {$ref: '#/components/schemas/Image'}}
    Image:
      type: object
      properties:
        status: {$ref: '#/components/schemas/Status', x-default-when-absent: building}
        tag: {type: array, items: {$ref: '#/components/schemas/Tag'}}
    Status:
      enum: [building, failed, success]
      x-final: [failed, success]
    Tag:
      type: object
      properties:
        color:
          type: string
"""


SCHEMES = {
    "token": {"type": "apiKey", "in": "header", "name": "authorization"},
    "reference": {"$ref": "#/components/securitySchemes/token"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
}


def check(text: str) -> None:
    document = yaml.safe_load(text)
    check_hints(document)
    describe_operations(normalize(document))


def edited(old: str, new: str) -> str:
    assert old in CONTRACT
    return CONTRACT.replace(old, new, 1)


def test_the_contract_passes() -> None:
    check(CONTRACT)


@pytest.mark.parametrize(
    ("old", "new", "problem", "line"),
    [
        ("x-cli-name: list\n", "x-cli-nmae: list\n", "unknown hint", "x-cli-nmae"),
        ("x-cli-name: list\n", "x-cli-name: List Images\n", "not a name in lower case", "x-cli-name: List"),
        ("x-python-name: name\n", "x-python-name: class\n", "not a Python identifier", "x-python-name: class"),
        ("x-pagination: {items: images}\n", "x-pagination: {items: pictures}\n", "has no list 'pictures'", "pictures"),
        ("x-final: [failed, success]", "x-final: [failed, succes]", "'succes' is not one of", "succes]"),
        ("x-python-name: name\n", "x-python-name: page_size\n", "page_size is taken", "- name: searchTerm"),
        ("x-cli-name: create\n", "x-cli-name: list\n", "command list is already", "post:"),
        ("absent: building}", "absent: built}", "'built' is not one of the values", "absent: built"),
        ("client.list_images()", "client.list_images(", "the source is not Python", "client.list_images("),
        ("    delete:\n", "    head:\n", "no client method is made of HEAD", "head:"),
        ("{type: array, items: {type: string}}", "{type: array, items: {type: array}}", "of plain values", "items"),
        ("name: tags\n          in: query", "name: tags\n          in: header", "in the query only", "type: array"),
        ("name: tags\n          in: query", "name: Authorization\n          in: header", "OpenAPI ignores", "Authoriz"),
        ("enum: [building, ", "enum: [a-b, a_b, building, ", "the same name in Python", "enum: [a-b"),
        ("enum: [building, ", "enum: [true, building, ", "all texts or all integers", "enum: [true"),
        ("        tag: {", "        Status: {}\n        tag: {", "the same name in Python as 'status'", "Status: {}"),
    ],
)
def test_what_can_not_be_expressed_is_an_error_that_names_the_line(old: str, new: str, problem: str, line: str) -> None:
    text = edited(old, new)
    with pytest.raises(ContractError, match=problem) as caught:
        check(text)
    number = line_of(text, caught.value.path)
    assert line in text.splitlines()[number - 1]
    assert caught.value.located("images.yaml", text).startswith(f"images.yaml:{number}: ")


@pytest.mark.parametrize(
    ("place", "hint"),
    [("schemas", "x-final: [ready]"), ("schemas", "x-cli-name: tag"), ("schemas", "x-default-when-absent: blue")],
)
def test_a_hint_at_a_wrong_place_is_an_error(place: str, hint: str) -> None:
    text = edited("    Tag:\n      type: object\n", f"    Tag:\n      {hint}\n      type: object\n")
    with pytest.raises(ContractError, match="only ") as caught:
        check(text)
    assert hint in text.splitlines()[line_of(text, caught.value.path) - 1]


def test_keyword_that_the_client_can_not_check_is_an_error() -> None:
    text = edited("    Image:\n      type: object\n", "    Image:\n      type: object\n      dependentRequired: {}\n")
    with pytest.raises(ContractError, match="can't check requests by this keyword") as caught:
        check(text)
    assert "dependentRequired" in text.splitlines()[line_of(text, caught.value.path) - 1]


@pytest.mark.parametrize(
    "annotation",
    ["$anchor: image", "$defs: {Size: {type: integer}}", "$id: https://example.org/image",
     "$schema: https://json-schema.org/draft/2020-12/schema", "contentSchema: {dependentRequired: {}}"],
)  # fmt: skip
def test_keyword_that_nothing_is_checked_by_is_ignored(annotation: str) -> None:
    text = edited("    Image:\n      type: object\n", f"    Image:\n      type: object\n      {annotation}\n")
    assert "Image" in describe_operations(normalize(yaml.safe_load(text)))["components"]["schemas"]


@pytest.mark.parametrize("place", ["Image/$defs/Size", "Image/properties/tag"])
def test_reference_into_a_schema_is_an_error_that_names_it(place: str) -> None:
    size = f"        size: {{$ref: '#/components/schemas/{place}'}}\n"
    definition = f"      $defs: {{Size: {{type: integer}}}}\n      properties:\n{size}"
    image = "    Image:\n      type: object\n"
    text = edited(f"{image}      properties:\n", f"{image}{definition}")
    with pytest.raises(ContractError, match=f"can't refer to #/components/schemas/{re.escape(place)}") as caught:
        describe_operations(normalize(yaml.safe_load(text)))
    assert "size:" in text.splitlines()[line_of(text, caught.value.path) - 1]


@pytest.mark.parametrize(
    "security",
    [[{"bearer": []}], [{"key": []}], [{"token": [], "key": []}], [{"bearer": []}, {"token": [], "bearer": []}]],
)
def test_other_authentication_than_by_the_header_is_an_error(security: list[dict[str, list[str]]]) -> None:
    document = yaml.safe_load(CONTRACT)
    document["components"]["securitySchemes"] = SCHEMES
    with pytest.raises(ContractError, match="in the header Authorization only") as caught:
        describe_operations(normalize({**document, "security": security}))
    assert caught.value.path == ("security",)
    document["paths"]["/images/"]["post"]["security"] = security
    with pytest.raises(ContractError, match="in the header Authorization only") as caught:
        describe_operations(normalize({**document, "security": [{"token": []}]}))
    assert caught.value.path == ("paths", "/images/", "post", "security")


@pytest.mark.parametrize(
    "security", [[{"token": []}], [{"reference": []}], [{"bearer": []}, {"token": []}], [{"key": []}, {}], []]
)
def test_one_alternative_that_the_token_meets_is_enough(security: list[dict[str, list[str]]]) -> None:
    document = yaml.safe_load(CONTRACT)
    document["components"]["securitySchemes"] = SCHEMES
    assert describe_operations(normalize({**document, "security": security}))["operations"]


def test_path_by_reference_is_an_error() -> None:
    document = yaml.safe_load(CONTRACT)
    document["paths"]["/tags/"] = {"$ref": "#/components/pathItems/Tags"}
    with pytest.raises(ContractError, match="can't express a path by reference"):
        normalize(document)


def test_operation_without_a_successful_response_is_an_error() -> None:
    with pytest.raises(ContractError, match="without a successful response"):
        check(edited("'204': {description: Deleted}", "default: {description: Anything}"))


@pytest.mark.parametrize("name", ["headers", "body", "cookies"])
def test_parameter_named_as_a_variable_of_the_generated_call_is_an_error(name: str) -> None:
    with pytest.raises(ContractError, match=f"can't send a parameter named {name}"):
        check(edited("name: tags", f"name: {name}"))


@pytest.mark.parametrize(
    ("name", "argument", "generated"),
    [
        ("type", "type", "type_"),
        ("class", "class_", "class_"),
        ("sortBy", "sort_by", "sort_by"),
        ("url", "url", "url_query"),
        ("self", "self_", "self_"),
    ],
)
def test_argument_has_an_underscore_only_after_a_keyword(name: str, argument: str, generated: str) -> None:
    table = describe_operations(normalize(yaml.safe_load(edited("name: tags", f"name: {name}"))))
    parameter = table["operations"]["list_images"]["parameters"][-1]
    assert (parameter["argument"], parameter["generated_name"]) == (argument, generated)


def test_inline_object_of_a_field_gets_the_name_of_its_model() -> None:
    rows = "rows: {type: array, items: {type: object, properties: {cell: {type: object, properties: {n: {}}}}}}"
    document = yaml.safe_load(edited("        color:\n", f"        {rows}\n        color:\n"))
    schemas = normalize(document)["components"]["schemas"]
    assert schemas["Tag"]["properties"]["rows"]["items"] == {"$ref": "#/components/schemas/TagRowsItem"}
    assert schemas["TagRowsItem"]["properties"]["cell"] == {"$ref": "#/components/schemas/TagRowsItemCell"}
    assert schemas["TagRowsItemCell"]["properties"] == {"n": {}}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": ["integer", "null"]}, "integer"),
        ({"type": ["integer", "string"]}, "scalar"),
        ({"oneOf": [{"type": "boolean"}, {"enum": ["auto"]}]}, "scalar"),
        ({"anyOf": [{"$ref": "#/components/schemas/Status"}, {"type": "string"}]}, "string"),
        ({"enum": [1, 2]}, "integer"),
        ({"anyOf": [{"type": "number"}, {"type": "integer"}]}, "number"),
    ],
)
def test_kind_of_a_value_is_that_of_all_members_of_its_union(schema: dict[str, object], kind: str) -> None:
    assert describe_value(yaml.safe_load(CONTRACT), schema)["kind"] == kind


def test_a_name_that_begins_with_x_is_no_hint() -> None:
    check(edited("        color:\n          type: string\n", "        x-color:\n          type: string\n"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"text/plain": {"schema": {"type": "string"}}}, "can't read text/plain"),
        ({"application/json": {"schema": {"type": "array", "items": {}}}}, "isn't an object"),
    ],
)
def test_a_response_that_has_no_payload_is_an_error(content: dict[str, object], problem: str) -> None:
    document = yaml.safe_load(CONTRACT)
    document["paths"]["/images/"]["post"]["responses"]["200"]["content"] = content
    with pytest.raises(ContractError, match=problem):
        describe_operations(normalize(document))


def test_a_body_of_another_media_type_is_an_error() -> None:
    document = yaml.safe_load(CONTRACT)
    body = document["paths"]["/images/"]["post"]["requestBody"]
    body["content"] = {"application/xml": body["content"]["application/json"]}
    with pytest.raises(ContractError, match="can't send application/xml"):
        describe_operations(normalize(document))


@pytest.mark.parametrize(
    ("serialization", "problem"),
    [({"explode": False}, "only repeated keys"), ({"style": "pipeDelimited"}, "style pipeDelimited")],
)
def test_a_serialization_that_the_client_can_not_send_is_an_error(
    serialization: dict[str, object], problem: str
) -> None:
    document = yaml.safe_load(CONTRACT)
    document["paths"]["/images/"]["get"]["parameters"][3] |= serialization
    with pytest.raises(ContractError, match=problem):
        describe_operations(normalize(document))


def test_a_list_of_texts_in_a_form_is_an_error_unless_it_is_sent_as_json() -> None:
    document = yaml.safe_load(CONTRACT)
    content = document["paths"]["/images/"]["post"]["requestBody"]["content"]
    form = content["multipart/form-data"] = content.pop("application/json")
    form["schema"] = {"type": "object", "properties": {"notify": {"type": "array", "items": {"type": "string"}}}}
    with pytest.raises(ContractError, match="can't send notify in parts"):
        describe_operations(normalize(document))

    form["encoding"] = {"notify": {"contentType": "application/json"}}
    describe_operations(normalize(document))


@pytest.mark.parametrize(
    "field",
    [
        {"type": "string", "format": "binary"},
        {"type": "string", "contentMediaType": "image/png"},
        {"type": "array", "items": {"type": "string", "format": "binary"}},
    ],
)
def test_another_file_than_the_artifact_is_an_error_that_names_it(field: dict[str, object]) -> None:
    document = yaml.safe_load(CONTRACT)
    content = document["paths"]["/images/"]["post"]["requestBody"]["content"]
    content["multipart/form-data"] = content.pop("application/json")
    artifact = {"type": "string", "format": "binary"}
    document["components"]["schemas"]["Image"]["properties"] = {"artifact": artifact, "icon": field}
    with pytest.raises(ContractError, match="can't send the file icon"):
        describe_operations(normalize(document))


@pytest.mark.parametrize(
    "schema",
    [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"oneOf": [{"type": "object"}]}],
)
def test_body_that_is_no_object_is_an_error(schema: dict[str, object]) -> None:
    document = yaml.safe_load(CONTRACT)
    document["paths"]["/images/"]["post"]["requestBody"]["content"]["application/json"]["schema"] = schema
    with pytest.raises(ContractError, match="a body that isn't an object"):
        describe_operations(normalize(document))


def test_union_as_a_body_is_an_error() -> None:
    document = yaml.safe_load(CONTRACT)
    schemas = document["components"]["schemas"]
    schemas["Either"] = {"oneOf": [{"$ref": "#/components/schemas/Image"}, {"$ref": "#/components/schemas/Tag"}]}
    content = document["paths"]["/images/"]["post"]["requestBody"]["content"]["application/json"]
    content["schema"] = {"$ref": "#/components/schemas/Either"}
    with pytest.raises(ContractError, match="a union can be a field of one"):
        describe_operations(normalize(document))


def test_required_field_that_only_the_service_sets_is_an_error() -> None:
    document = yaml.safe_load(CONTRACT)
    image = document["components"]["schemas"]["Image"]
    image["properties"]["id"] = {"type": "integer", "readOnly": True}
    assert ["id"] not in [
        one["path"] for one in describe_operations(normalize(document))["operations"]["create_image"]["body"]["fields"]
    ]

    image["required"] = ["id"]
    with pytest.raises(ContractError, match="can't require id, which is readOnly"):
        describe_operations(normalize(document))


def test_object_in_a_url_encoded_form_is_an_error() -> None:
    document = yaml.safe_load(CONTRACT)
    content = document["paths"]["/images/"]["post"]["requestBody"]["content"]
    content["application/x-www-form-urlencoded"] = content.pop("application/json")
    with pytest.raises(ContractError, match="can't send tag URL-encoded"):
        describe_operations(normalize(document))


def test_generated_call_sends_one_of_several_media_types() -> None:
    document = yaml.safe_load(CONTRACT)
    content = document["paths"]["/images/"]["post"]["requestBody"]["content"]
    content["text/csv"] = {"schema": {"type": "string"}}

    body = for_generator(normalize(document))["paths"]["/images/"]["post"]["requestBody"]

    assert list(body["content"]) == ["application/json"]


def test_pages_of_an_operation_with_a_body_are_an_error() -> None:
    document = yaml.safe_load(CONTRACT)
    document["paths"]["/images/"]["get"]["requestBody"] = document["paths"]["/images/"]["post"]["requestBody"]
    with pytest.raises(ContractError, match="an operation with a body can't be paged through"):
        check_hints(document)
