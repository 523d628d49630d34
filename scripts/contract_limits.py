"""What the generated methods can't express of parameters, bodies and responses: errors that name the line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from contract_document import (
    BODY_TYPES,
    ContractError,
    Parameter,
    Path,
    flatten,
    is_file,
    is_object,
    operations,
    reference_name,
    resolve,
)
from render_fields import describe_value

IGNORED_HEADERS: Final = frozenset({"accept", "authorization", "content-type"})
"""Headers that no parameter can describe: authentication is a security scheme, media types those of the content."""

GENERATED_VARIABLES: Final = frozenset({"body", "cookies", "headers"})
"""Names in a generated call that a parameter of the same name would replace."""

KEYWORDS: Final = frozenset({
    "$ref", "additionalProperties", "allOf", "anyOf", "const", "else", "enum", "exclusiveMaximum", "exclusiveMinimum",
    "if", "items", "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties",
    "minimum", "multipleOf", "not", "oneOf", "pattern", "properties", "required", "then", "type", "uniqueItems",
})  # fmt: skip
"""Keywords of schemas that the client checks requests by (``wrapper/peak_images/_json_schema.py``)."""

ANNOTATIONS: Final = frozenset({
    "$anchor", "$comment", "$defs", "$id", "$schema", "contentEncoding", "contentMediaType", "contentSchema", "default",
    "deprecated", "description", "discriminator", "example", "examples", "externalDocs", "format", "readOnly", "title",
    "writeOnly", "xml",
})  # fmt: skip
"""Keywords that nothing is checked by."""

_STYLES: Final = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def check_parameter(document: dict[str, Any], parameter: Parameter, schema: dict[str, Any]) -> None:
    """Check that a parameter can be sent.

    Args:
        document: The contract.
        parameter: The parameter.
        schema: Its schema, with references followed.

    Raises:
        ContractError: It can't.
    """
    node, path, name = parameter.node, parameter.path, parameter.node["name"]
    if node["in"] == "header" and name.lower() in IGNORED_HEADERS:
        raise ContractError((*path, "name"), f"OpenAPI ignores header parameters named {name}")
    if name in GENERATED_VARIABLES:
        raise ContractError((*path, "name"), f"can't send a parameter named {name}: the generated call uses that name")
    if node.get("style", _STYLES[node["in"]]) != _STYLES[node["in"]]:
        raise ContractError((*path, "style"), f"can't send {name} in the style {node['style']}")
    if parameter.media_type not in (None, "application/json"):
        raise ContractError((*path, "content"), f"can't send {name} as {parameter.media_type}")
    if parameter.media_type is not None:
        return
    if "array" in schema.get("type", ()):
        items = resolve(document, schema.get("items", {}))
        if not node.get("explode", True):
            raise ContractError((*path, "explode"), f"can't send {name} as one value: only repeated keys")
        if node["in"] != "query" or "array" in items.get("type", ()) or is_object(document, items):
            problem = f"can't send {name}: lists are sent in the query only, and of plain values"
            raise ContractError((*path, "schema"), problem)
    if is_object(document, schema):
        raise ContractError((*path, "schema"), f"can't send {name} as an object: give it content of JSON")


def check_body(document: dict[str, Any], path: Path, body: Mapping[str, Any]) -> str:
    """Return the media type that a body is sent as.

    Args:
        document: The contract.
        path: Where the body is.
        body: The body, with references followed.

    Raises:
        ContractError: It can't be sent.
    """
    media_type = next((one for one in BODY_TYPES if one in body["content"]), None)
    if media_type is None:
        raise ContractError(path, f"can't send {' or '.join(body['content'])}: only {', '.join(BODY_TYPES)}")
    content = body["content"][media_type]
    schema, where = content["schema"], (*path, "content", media_type, "schema")
    if reference_name(schema) is None or not is_object(document, schema):
        raise ContractError(where, "can't express a body that isn't an object; a union can be a field of one")
    flat = flatten(document, schema)
    for name, field in flat["properties"].items():
        encoding = content.get("encoding", {}).get(name, {})
        _check_field(document, where, media_type, name, field, encoding)
        if name in flat["required"] and resolve(document, field).get("readOnly"):
            problem = f"can't require {name}, which is readOnly: give the request a schema of its own"
            raise ContractError(where, problem)
    return media_type


def _check_field(
    document: dict[str, Any], path: Path, media_type: str, name: str, field: dict[str, Any], encoding: Mapping[str, Any]
) -> None:
    multipart, _, url_encoded = BODY_TYPES
    if is_file(document, field) and name != "artifact":
        raise ContractError(path, f"can't send the file {name}: the only file of a form is its artifact")
    if media_type == url_encoded and describe_value(document, field)["kind"] in ("object", "objects", "pairs"):
        raise ContractError(path, f"can't send {name} URL-encoded: it has parts")
    # Without an encoding each item of a list of texts or numbers is a part of its own.
    items = resolve(document, field).get("items", {"type": "object"})
    is_json = media_type != multipart or encoding.get("contentType") == "application/json"
    if not is_json and not is_object(document, items):
        where = (*path[:-1], "encoding")
        raise ContractError(where, f"can't send {name} in parts: give it the contentType application/json")


def check_responses(document: dict[str, Any], path: Path, responses: Mapping[str, Any]) -> None:
    """Check that the successful responses can be read.

    Args:
        document: The contract.
        path: Where they are.
        responses: The responses, by status.

    Raises:
        ContractError: One can't, or there is none.
    """
    successes = {status: one for status, one in responses.items() if str(status).startswith("2")}
    if not successes:
        raise ContractError(path, "can't express an operation without a successful response, such as 200")
    for status, response in successes.items():
        content = resolve(document, response).get("content", {})
        if content and "application/json" not in content:
            raise ContractError((*path, status), f"can't read {' or '.join(content)}: only application/json")


def check_security(document: dict[str, Any]) -> None:
    """Check that each operation can be authenticated as the client does it.

    Args:
        document: The contract.

    Raises:
        ContractError: One can't.
    """
    schemes = document.get("components", {}).get("securitySchemes", {})
    met = {name for name, scheme in schemes.items() if _is_token(resolve(document, scheme))}
    for operation in operations(document):
        path, owner = (operation.path, operation.node) if "security" in operation.node else ((), document)
        alternatives = owner.get("security", ())
        if alternatives and not any(met.issuperset(one) for one in alternatives):
            problem = "the client sends its token as it is, in the header Authorization only"
            raise ContractError((*path, "security"), problem)


def _is_token(scheme: dict[str, Any]) -> bool:
    place = scheme["type"], scheme.get("in"), scheme.get("name", "").lower()
    return place == ("apiKey", "header", "authorization")


def check_keywords(path: Path, schema: Any) -> None:
    """Check that the client can validate all that a schema of a request asks for.

    Args:
        path: Where the schema is.
        schema: The schema.

    Raises:
        ContractError: It has another keyword.
    """
    for key, value in schema.items() if isinstance(schema, dict) else ():
        if key not in KEYWORDS | ANNOTATIONS and not key.startswith("x-"):
            raise ContractError((*path, key), "the client can't check requests by this keyword")
        if key == "$ref" and value.rpartition("/")[0] != "#/components/schemas":
            raise ContractError((*path, key), f"can't refer to {value}: only to a schema of the components")
        if key == "properties":
            for name, field in value.items():
                check_keywords((*path, key, name), field)
        elif key in KEYWORDS and key not in ("const", "enum"):
            for index, part in enumerate(value) if isinstance(value, list) else [(None, value)]:
                check_keywords((*path, key) if index is None else (*path, key, index), part)
