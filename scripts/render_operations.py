"""Render the operations table: one description per operation, which all layers read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from contract_document import (
    ContractError,
    Parameter,
    Path,
    RawOperation,
    argument_name,
    class_name,
    enum_values,
    flatten,
    is_file,
    is_object,
    is_secret,
    operations,
    python_name,
    reference_name,
    resolve,
    union_members,
)
from contract_limits import check_body, check_keywords, check_parameter, check_responses, check_security
from render_fields import describe_defaults, describe_fields, describe_value, discriminator_mapping, text_of

RESERVED: Final = frozenset({"artifact", "body", "on_progress", "prefetch", "return_iterator", "self"})
"""Arguments of the generated methods that no parameter may be named as."""

_ANNOTATIONS: Final = ("example", "examples", "externalDocs", "xml")


def describe_operations(document: dict[str, Any]) -> dict[str, Any]:
    """Return the operations table of a contract whose inline bodies and responses have been given names.

    Raises:
        ContractError: It has something that the generated methods can't express.
    """
    check_security(document)
    found = {operation.name: _Describer(document, operation).describe() for operation in operations(document)}
    _name_after_the_documented(document, found)
    sent = [[one["parameters"], one["body"]] for one in found.values()]
    return {
        "operations": found,
        "final_states": {
            name: schema["x-final"] for name, schema in document["components"]["schemas"].items() if "x-final" in schema
        },
        "secrets": sorted(_secrets(document)),
        "components": {"schemas": _request_schemas(document, sent)},
    }


def _name_after_the_documented(document: dict[str, Any], found: dict[str, Any]) -> None:
    """Give private operations the name of the documented method that calls them, for errors and the log."""
    commands: dict[str, str] = {}
    methods: dict[str, str] = {}
    for operation in operations(document):
        one = found[operation.name]
        method, command = one["python_name"], one["command"]
        if method in methods:
            raise ContractError(operation.path, f"the method {method} is already that of {methods[method]}")
        methods[method] = operation.name
        if command in commands and not method.startswith("_"):
            raise ContractError(operation.path, f"the command {command} is already that of {commands[command]}")
        one["documented_as"] = commands.setdefault(command, method.lstrip("_"))


class _Describer:
    """The description of one operation."""

    def __init__(self, document: dict[str, Any], operation: RawOperation) -> None:
        self.document = document
        self.operation = operation
        self.node = operation.node

    def describe(self) -> dict[str, Any]:
        """Return its entry of the table."""
        name = python_name(self.operation.name)
        response = self._response()
        return {
            "method": self.operation.method.upper(),
            "path": self.operation.url,
            "tag": python_name(next(iter(self.node.get("tags", ())), "default")),
            "module": name,
            "python_name": self.node.get("x-python-name", name),
            "documented_as": "",
            "command": self.node.get("x-cli-name", name.strip("_").replace("_", "-")),
            "summary": self.node.get("summary", self.operation.name).strip().rstrip("."),
            "description": self.node.get("description", "").strip(),
            "deprecated": self.node.get("deprecated", False),
            "parameters": self._parameters(),
            "body": self._body(),
            "response": response,
            "pagination": self._pagination(response),
            "errors": self._errors(),
            "samples": [one["source"] for one in self.node.get("x-codeSamples", ()) if one["lang"].lower() == "python"],
        }

    def _parameters(self) -> list[dict[str, Any]]:
        parameters = self.operation.parameters()
        generated = _generated_names(parameters)
        places = {"path": 0, "query": 1, "header": 2, "cookie": 3}
        in_url = {one.node["name"]: self.operation.url.find("{" + one.node["name"] + "}") for one in parameters}
        parameters.sort(
            key=lambda one: (places[one.node["in"]], in_url[one.node["name"]] if one.node["in"] == "path" else 0)
        )
        described: list[dict[str, Any]] = []
        for parameter in parameters:
            entry = self._parameter(parameter, generated[parameter.path])
            taken = {one["argument"] for one in described} | RESERVED
            if entry["argument"] in taken:
                problem = f"the argument {entry['argument']} is taken: give x-python-name"
                raise ContractError(parameter.path, problem)
            described.append(entry)
        return described

    def _parameter(self, parameter: Parameter, generated_name: str) -> dict[str, Any]:
        node, schema = parameter.node, resolve(self.document, parameter.schema)
        check_parameter(self.document, parameter, schema)
        check_keywords((*parameter.path, "schema"), parameter.schema)
        value = describe_value(self.document, schema, is_json=parameter.media_type is not None)
        argument = node.get("x-python-name", argument_name(node["name"]))
        command_line_name = node.get("x-cli-name", argument.strip("_").replace("_", "-"))
        return {
            "argument": argument,
            "option": f"--{command_line_name}",
            "name": node["name"],
            "generated_name": generated_name,
            "place": node["in"],
            "required": node.get("required", False),
            **value,
            "deprecated": node.get("deprecated", False) or value["deprecated"],
            "secret": is_secret(self.document, schema),
            "content_type": parameter.media_type,
            "description": text_of(node, schema),
            "example": _example(self.document, node, schema),
            "schema": _checked_schema(self.document, parameter.schema),
        }

    def _body(self) -> dict[str, Any] | None:
        if "requestBody" not in self.node:
            return None
        path: Path = (*self.operation.path, "requestBody")
        body = resolve(self.document, self.node["requestBody"])
        media_type = check_body(self.document, path, body)
        content = body["content"][media_type]
        schema = content["schema"]
        fields = flatten(self.document, schema)["properties"].values()
        return {
            "content_type": media_type,
            "required": body.get("required", False),
            "model": class_name(str(reference_name(schema))),
            "artifact": any(is_file(self.document, field) for field in fields),
            "defaults": describe_defaults(self.document, schema),
            "description": text_of(schema, resolve(self.document, schema)),
            "example": _example(self.document, content, {}),
            "fields": describe_fields(self.document, schema),
            "schema": _checked_schema(self.document, schema),
        }

    def _successes(self) -> Iterator[tuple[Path, dict[str, Any], dict[str, Any] | None]]:
        """Yield the path, the node and the JSON content of each successful response."""
        for status, listed in self.node["responses"].items():
            if str(status).startswith("2"):
                response = resolve(self.document, listed)
                path = (*self.operation.path, "responses", status)
                yield path, response, response.get("content", {}).get("application/json")

    def _response(self) -> dict[str, Any]:
        check_responses(self.document, (*self.operation.path, "responses"), self.node["responses"])
        description, example, members = "", None, list[dict[str, Any]]()
        fields: dict[str, str] = {}
        discriminator = None
        for path, response, content in self._successes():
            description = description or response.get("description", "").strip()
            if content is None:
                continue
            schema = content.get("schema", {})
            example = example or _example(self.document, content, {})
            discriminator = discriminator or _discriminator(self.document, resolve(self.document, schema))
            for member in union_members(self.document, schema) or [schema]:
                if reference_name(member) is None or not is_object(self.document, member):
                    raise ContractError((*path, "content"), "can't express a response that isn't an object")
                if member not in members:
                    members.append(member)
                fields |= _field_texts(self.document, member)
        return {
            "description": description,
            "empty": any(content is None for _, _, content in self._successes()),
            "model": class_name(str(reference_name(members[0]))) if len(members) == 1 else None,
            "members": [_member(self.document, one) for one in members] if len(members) > 1 else [],
            "discriminator": discriminator if len(members) > 1 else None,
            "fields": fields,
            "example": example,
        }

    def _pagination(self, response: dict[str, Any]) -> dict[str, Any] | None:
        if "x-pagination" not in self.node:
            return None
        key = self.node["x-pagination"]["items"]
        path = (*self.operation.path, "x-pagination")
        if response["model"] is None:
            raise ContractError(path, "can't page through a response that is a union")
        page = next(content["schema"] for _, _, content in self._successes() if content)
        items = resolve(self.document, flatten(self.document, page)["properties"][key]).get("items", {})
        if reference_name(items) is None or not is_object(self.document, items):
            raise ContractError(path, f"the items of {key} must be a schema of an object, by $ref")
        number = next(one for one in self.operation.parameters() if one.node["name"] == "pageNumber")
        return {
            "items": key,
            "model": class_name(str(reference_name(items))),
            "argument": number.node.get("x-python-name", argument_name("pageNumber")),
            "fields": _field_texts(self.document, items),
        }

    def _errors(self) -> dict[str, str]:
        return {
            str(status): resolve(self.document, response).get("description", "").strip()
            for status, response in self.node["responses"].items()
            if not str(status).startswith(("2", "3"))
        }


def _generated_names(parameters: list[Parameter]) -> dict[Path, str]:
    """Return the arguments of the generated call, by the generator's own rules for names that are taken."""
    places: dict[str, set[str]] = {}
    for one in parameters:
        places.setdefault(python_name(one.node["name"]), set()).add(one.node["in"])
    names = {}
    for one in parameters:
        name = python_name(one.node["name"])
        is_taken = name in ("client", "url") or len(places[name]) > 1
        names[one.path] = python_name(f"{name}_{one.node['in']}") if is_taken else name
    return names


def _example(document: dict[str, Any], node: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    for one in (node, schema):
        if "example" in one:
            return one["example"]
        examples = one.get("examples")
        if isinstance(examples, dict) and examples:
            return resolve(document, next(iter(examples.values()))).get("value")
        if isinstance(examples, list) and examples:
            return examples[0]
    return None


def _field_texts(document: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, str]:
    fields = flatten(document, schema)["properties"]
    return {name: text_of(field, resolve(document, field)) for name, field in fields.items()}


def _member(document: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what distinguishes a member of a union of responses from the others."""
    flat = flatten(document, schema)
    fixed = {name: enum_values(document, field) for name, field in flat["properties"].items()}
    return {
        "model": class_name(str(reference_name(schema))),
        "required": flat["required"],
        "fixed": {name: values[0] for name, values in fixed.items() if _is_const(document, flat, name, values)},
        "fields": list(flat["properties"]),
    }


def _is_const(document: dict[str, Any], flat: dict[str, Any], name: str, values: list[Any]) -> bool:
    return len(values) == 1 and "type" in resolve(document, flat["properties"][name])


def _discriminator(document: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the field that tells the members of a union apart, with the model for each of its values."""
    if "discriminator" not in schema:
        return None
    mapping = discriminator_mapping(document, schema)
    return {
        "field": schema["discriminator"]["propertyName"],
        "mapping": {value: class_name(str(one).rpartition("/")[2]) for value, one in mapping.items()},
    }


def _secrets(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the fields that are secrets, each with the field that the object or the list of objects is in."""
    places: dict[tuple[str, str], Any] = {}
    for operation in operations(document):
        contents = [resolve(document, operation.node.get("requestBody", {})).get("content", {})]
        contents += [resolve(document, one).get("content", {}) for one in operation.node["responses"].values()]
        for schema in [one.get("schema", {}) for content in contents for one in content.values()]:
            _collect_fields(document, schema, "", places, set())
    return {place for place, field in places.items() if is_secret(document, field)}


def _collect_fields(
    document: dict[str, Any], schema: Any, parent: str, places: dict[tuple[str, str], Any], seen: set[tuple[str, str]]
) -> None:
    """Collect the fields of a schema and all below it, by the field that holds them and their name."""
    place = (reference_name(schema) or "", parent)
    if place in seen:
        return
    if place[0]:
        seen.add(place)
    schema = resolve(document, schema)
    for name, field in schema.get("properties", {}).items():
        places.setdefault((parent, name), field)
        if is_secret(document, field):
            places[parent, name] = field
        _collect_fields(document, field, name, places, seen)
    members = [one for key in ("allOf", "oneOf", "anyOf") for one in schema.get(key, ())]
    for member in [*members, *([schema["items"]] if "items" in schema else ())]:
        _collect_fields(document, member, parent, places, seen)


def _request_schemas(document: dict[str, Any], sent: Any) -> dict[str, Any]:
    """Return the schemas that requests refer to, each once, in the contract's order."""
    schemas = document["components"]["schemas"]
    needed: dict[str, Any] = {}
    while missing := _references([sent, needed]) - needed.keys():
        for name in missing:
            check_keywords(("components", "schemas", name), schemas[name])
        needed |= {name: _checked_schema(document, schemas[name]) for name in missing}
    return {name: needed[name] for name in schemas if name in needed}


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        own = {reference.rpartition("/")[2]} if isinstance(reference, str) else set()
        return own.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


def _checked_schema(document: dict[str, Any], schema: Any) -> Any:
    """Return a schema as requests are validated by it: without hints, and with unions as conditions.

    A validator then reports one problem, and not one for each member of a union.
    """
    if isinstance(schema, list):
        return [_checked_schema(document, item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "discriminator" in schema and ("oneOf" in schema or "anyOf" in schema):
        return _checked_schema(document, _choice_by_field(document, schema))
    if "anyOf" in schema:
        *others, last = schema["anyOf"]
        excluded = resolve(document, last).get("not")
        if excluded:
            rest = {key: value for key, value in schema.items() if key != "anyOf"}
            then = {"anyOf": others} if len(others) > 1 else others[0]
            return _checked_schema(document, {**rest, "if": excluded, "then": then, "else": last})
    return {
        key: value if key in (*_ANNOTATIONS, "default", "enum", "const") else _checked_fields(document, key, value)
        for key, value in schema.items()
        if not key.startswith("x-")
    }


def _checked_fields(document: dict[str, Any], key: str, value: Any) -> Any:
    if key in ("properties", "patternProperties", "$defs", "dependentSchemas"):
        return {name: _checked_schema(document, field) for name, field in value.items()}
    return _checked_schema(document, value)


def _choice_by_field(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    field = schema["discriminator"]["propertyName"]
    mapping = discriminator_mapping(document, schema)
    rest = {key: value for key, value in schema.items() if key not in ("oneOf", "anyOf", "discriminator")}
    choices = [
        {"if": {"required": [field], "properties": {field: {"const": value}}}, "then": {"$ref": _full(reference)}}
        for value, reference in mapping.items()
    ]
    known = {"required": [field], "properties": {field: {"enum": list(mapping)}}}
    return {**rest, "type": "object", **known, "allOf": [*rest.get("allOf", ()), *choices]}


def _full(reference: str) -> str:
    """Return a reference; a mapping may also give the bare name of a schema."""
    return reference if reference.startswith("#/") else f"#/components/schemas/{reference}"
