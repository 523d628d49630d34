"""The interpreter of JSON Schema: it supports the contract's keywords, and agrees with a full validator."""

import itertools
import random

import pytest
from jsonschema import Draft202012Validator

from peak_images._json_schema import first_violation
from peak_images_api.operations import table

SCHEMAS = table()["components"]["schemas"]

REQUESTS = {
    f"{name} {part}": schema
    for name, operation in table()["operations"].items()
    for part, schema in [
        *((parameter["name"], parameter["schema"]) for parameter in operation["parameters"]),
        *([("body", operation["body"]["schema"])] if operation["body"] else []),
    ]
}


def keywords_of(schema):
    if isinstance(schema, bool):
        return set()
    nested = [schema[key] for key in ("items", "not", "if", "then", "else", "additionalProperties") if key in schema]
    nested += schema.get("properties", {}).values()
    nested += itertools.chain(*(schema.get(key, ()) for key in ("allOf", "anyOf", "oneOf")))
    return set(schema).union(*map(keywords_of, nested))


VALUES = [None, True, 0, 1, -1, 2.5, "", "a", "upload", "github", "api", [], ["a"], [1], [{}], {}, {"source": "upload"}]
BODIES = [
    {"name": "a", "type": "api", "buildDetails": {"source": "upload", "buildArguments": [{"name": "A", "value": ""}]}},
    {"name": "a", "type": "workflow", "buildDetails": {"source": "github", "repository": "r", "token": "t"}},
    {"buildDetails": {"source": "dockerfile", "dockerfile": "FROM a", "secrets": ["s"], "useCache": False}},
    {"buildDetails": {"useCache": True}, "autodeployResources": [{"entityId": 1, "entityType": "api"}]},
]  # fmt: skip


def mutated(value, choice):
    """Return a copy of a JSON value in which one part is changed, removed or added."""
    if isinstance(value, dict) and value and choice.random() < 0.9:
        copy, key = dict(value), choice.choice(list(value))
        action = choice.random()
        if action < 0.2:
            del copy[key]
        elif action < 0.3:
            copy["unknown"] = choice.choice(VALUES)
        else:
            copy[key] = mutated(copy[key], choice)
        return copy
    if isinstance(value, list) and value and choice.random() < 0.8:
        return [mutated(value[0], choice), *value[1:]]
    return choice.choice(VALUES)


@pytest.mark.parametrize("name", [name for name in REQUESTS if name.endswith(" body")])
def test_body_validation_equals_jsonschema(name):
    choice = random.Random(7)
    full = Draft202012Validator({**REQUESTS[name], "components": {"schemas": SCHEMAS}})
    rejected = 0
    for body in itertools.islice(itertools.cycle(BODIES), 1500):
        for _ in range(choice.randint(0, 2)):
            body = mutated(body, choice)  # noqa: PLW2901
        found = first_violation(REQUESTS[name], body, SCHEMAS)
        assert (found is None) == full.is_valid(body), body
        rejected += found is not None

    assert 100 < rejected < 1500


@pytest.mark.parametrize("name", [name for name in REQUESTS if not name.endswith(" body")])
def test_parameter_validation_equals_jsonschema(name):
    full = Draft202012Validator({**REQUESTS[name], "components": {"schemas": SCHEMAS}})
    for value in VALUES:
        assert (first_violation(REQUESTS[name], value, SCHEMAS) is None) == full.is_valid(value), value


KEYWORD_CASES = [
    ({"minimum": 3}, 3, 2),
    ({"maximum": 3}, 3, 4),
    ({"exclusiveMinimum": 3}, 4, 3),
    ({"exclusiveMaximum": 3}, 2, 3),
    ({"multipleOf": 2}, 4, 3),
    ({"minLength": 2}, "ab", "a"),
    ({"maxLength": 2}, "ab", "abc"),
    ({"pattern": "^a"}, "ab", "b"),
    ({"minItems": 2}, [1, 2], [1]),
    ({"maxItems": 1}, [1], [1, 2]),
    ({"items": {"type": "string"}}, ["a"], [1]),
    ({"uniqueItems": True}, [1, 2], [1, 1]),
    ({"minProperties": 1}, {"a": 1}, {}),
    ({"required": ["a"]}, {"a": 1}, {"b": 1}),
    ({"maxProperties": 1}, {"a": 1}, {"a": 1, "b": 2}),
    ({"additionalProperties": False, "properties": {"a": {}}}, {"a": 1}, {"b": 1}),
    ({"additionalProperties": {"type": "string"}}, {"a": "b"}, {"a": 1}),
    ({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}}, "ab", 1),
    ({"allOf": [{"minimum": 1}, {"maximum": 3}]}, 3, 4),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, None, 1),
    ({"oneOf": [{"minimum": 1}, {"minimum": 5}]}, 3, 7),
    ({"not": {"const": 1}}, True, 1),
    ({"enum": [1]}, 1, True),
    ({"type": ["string", "null"]}, None, 1),
    ({"type": "integer"}, 1, True),
    ({"type": "number"}, 1.5, True),
]


@pytest.mark.parametrize(
    ("schema", "good", "bad"), KEYWORD_CASES, ids=lambda value: str(value) if isinstance(value, dict) else ""
)
def test_keyword_validation_equals_jsonschema(schema, good, bad):
    assert Draft202012Validator(schema).is_valid(good)
    assert not Draft202012Validator(schema).is_valid(bad)
    assert first_violation(schema, good, {}) is None
    assert first_violation(schema, bad, {}) is not None


ANNOTATIONS = {
    "title", "description", "default", "example", "examples", "deprecated", "format", "readOnly", "writeOnly",
}  # fmt: skip


@pytest.mark.parametrize("schema", [*REQUESTS.values(), *SCHEMAS.values()], ids=[*REQUESTS, *SCHEMAS])
def test_every_schema_keyword_of_the_contract_is_tested(schema):
    # Those above, and references, which the bodies have.
    tested = keywords_of({"allOf": [case for case, _, _ in KEYWORD_CASES]}) | {"$ref"}
    assert keywords_of(schema) - ANNOTATIONS <= tested
