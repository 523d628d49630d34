"""Checks of bodies against the contract, before anything is zipped or sent."""

import copy
import json
from collections import UserDict, UserList, deque
from enum import IntEnum, StrEnum
from pathlib import Path

import pytest

from peak_images import InvalidInputError
from peak_images._uploads import make_body
from peak_images._validation import (
    validate_body,
    validate_upsert,
)
from tests.contract_facts import schema

IMAGE = {"name": "an-image", "type": "workflow"}
DOCKERFILE = {"source": "dockerfile", "dockerfile": "FROM nginx"}
GITHUB = {"source": "github", "repository": "https://github.com/username/repository"}
SOURCES = tuple(schema("BuildSource")["enum"])
TYPES = tuple(schema("ImageType")["enum"])
ENTITY_TYPES = tuple(schema("AutodeployEntityType")["enum"])


def details(**fields):
    return {**IMAGE, "buildDetails": fields}


BAD_IMAGES = [
    ({"type": "workflow"}, "body.name", None, None),
    ({"name": "an-image"}, "body.type", None, None),
    ({**IMAGE, "name": ""}, "body.name", "", None),
    ({**IMAGE, "name": 7}, "body.name", 7, None),
    ({**IMAGE, "name": None}, "body.name", None, None),
    ({**IMAGE, "type": "spaceship"}, "body.type", "spaceship", TYPES),
    ({**IMAGE, "type": ["api"]}, "body.type", ["api"], None),
    ({**IMAGE, "version": ""}, "body.version", "", None),
    ({**IMAGE, "version": 1.0}, "body.version", 1.0, None),
    ({**IMAGE, "description": ["a"]}, "body.description", ["a"], None),
    ({**IMAGE, "buildDetails": "upload"}, "body.buildDetails", "upload", None),
    ({**IMAGE, "buildDetails": None}, "body.buildDetails", None, None),
    (details(source="git"), "body.buildDetails.source", "git", SOURCES),
    (details(source=None), "body.buildDetails.source", None, SOURCES),
    (details(source="upload", useCache="no"), "body.buildDetails.useCache", "no", None),
    (details(source="upload", context=7), "body.buildDetails.context", 7, None),
    (details(source="upload", secrets="KEY"), "body.buildDetails.secrets", "KEY", None),
    (details(source="upload", secrets=[7]), "body.buildDetails.secrets[0]", 7, None),
    (details(source="dockerfile"), "body.buildDetails.dockerfile", None, None),
    (details(source="dockerfile", dockerfile=""), "body.buildDetails.dockerfile", "", None),
    (details(source="github"), "body.buildDetails.repository", None, None),
    (details(**GITHUB, token=7), "body.buildDetails.token", None, None),
    (details(buildArguments={"A": "b"}), "body.buildDetails.buildArguments", None, None),
    (details(buildArguments=[{"name": "A"}]), "body.buildDetails.buildArguments[0].value", None, None),
    (
        details(buildArguments=[{"name": "A", "value": "b"}, {"name": "C", "value": 7}]),
        "body.buildDetails.buildArguments[1].value",
        None,
        None,
    ),
    ({**IMAGE, "artifact": {"path": "."}}, "body.artifact", None, None),
    (None, "body", None, None),
    ([IMAGE], "body", [IMAGE], None),
    ("name=an-image", "body", "name=an-image", None),
]


@pytest.mark.parametrize(("body", "field", "value", "allowed"), BAD_IMAGES)
def test_invalid_image_body_raises_with_field_value_and_allowed_values(body, field, value, allowed):
    with pytest.raises(InvalidInputError) as caught:
        validate_body("create_image", body)

    error = caught.value
    assert (error.field, error.value, error.allowed) == (field, value, allowed)
    assert str(error).startswith(f"{field}: ")
    assert str(error).endswith(f"; allowed: {', '.join(allowed)}" if allowed else "")


BAD_VERSIONS = [
    ({"autodeployResources": {}}, "body.autodeployResources", None),
    ({"autodeployResources": ["9999"]}, "body.autodeployResources[0]", None),
    ({"autodeployResources": [{"entityId": "1"}]}, "body.autodeployResources[0].entityType", None),
    (
        {"autodeployResources": [{"entityId": "1", "entityType": "image"}]},
        "body.autodeployResources[0].entityType",
        ENTITY_TYPES,
    ),
    ({"description": 7}, "body.description", None),
    ({"buildDetails": {"source": "dockerfile"}}, "body.buildDetails.dockerfile", None),
]


@pytest.mark.parametrize("operation", ["create_version", "update_version"])
@pytest.mark.parametrize(("body", "field", "allowed"), BAD_VERSIONS)
def test_invalid_version_body_raises(operation, body, field, allowed):
    with pytest.raises(InvalidInputError) as caught:
        validate_body(operation, body)

    assert (caught.value.field, caught.value.allowed) == (field, allowed)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"buildDetails": {"useCache": "no"}}, "body.buildDetails.useCache"),
        ({"buildDetails": {"source": "git"}}, "body.buildDetails.source"),
        ({"buildDetails": {"source": None}}, "body.buildDetails.source"),
        ({"buildDetails": []}, "body.buildDetails"),
        ({"buildDetails": None}, "body.buildDetails"),
    ],
)
def test_invalid_build_details_of_an_update_raise_one_problem(body, field):
    with pytest.raises(InvalidInputError) as caught:
        validate_body("update_version", body)

    assert caught.value.field == field


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", float("nan"), float("inf"), Path()])
def test_value_outside_json_raises(value):
    with pytest.raises(InvalidInputError, match="not made of JSON values"):
        validate_body("create_image", {**IMAGE, "extra": value})


@pytest.mark.parametrize("body", [{1: "a"}, {True: "a"}, {"a": {1: 2}}, {"a": "\ud800"}, {"\ud800": "a"}])
def test_text_that_is_not_utf_8_raises(body):
    with pytest.raises(InvalidInputError):
        validate_body("create_image", {**IMAGE, **body})


def test_recursive_body_raises():
    body = dict(IMAGE)
    body["extra"] = body

    with pytest.raises(InvalidInputError, match="not made of JSON values"):
        validate_body("create_image", body)


MESSAGES = [
    ({"type": "workflow"}, "body.name: is required"),
    ({"name": "a", "typ": "api"}, "body.type: is required; 'typ' is not a known field, did you mean 'type'?"),
    ({"type": "api", "tag": "a"}, "body.name: is required"),
    ({**IMAGE, "version": 1.0}, "body.version: float given; must be a str, not 1.0"),
    ({**IMAGE, "name": ""}, "body.name: must not be empty"),
    ({**IMAGE, "buildDetails": [1]}, "body.buildDetails: list given; must be a dict"),
    (details(source="upload", useCache=1), "body.buildDetails.useCache: int given; must be a bool, not 1"),
    (details(**GITHUB, token=7), "body.buildDetails.token: int given; must be a str"),
    (details(buildArguments=["A=hunter2"]), "body.buildDetails.buildArguments[0]: str given; must be a dict"),
    (
        {**IMAGE, "type": "wokflow"},
        f"body.type: 'wokflow' is not one of the allowed values; allowed: {', '.join(TYPES)}",
    ),
]


@pytest.mark.parametrize(("body", "message"), MESSAGES)
def test_error_messages_use_python_type_names(body, message):
    with pytest.raises(InvalidInputError) as caught:
        validate_body("create_image", body)
    assert str(caught.value) == message


class Version(str):
    __slots__ = ()

    def __repr__(self):
        return "Version(...)"


class Source(StrEnum):
    DOCKERFILE = "dockerfile"


class Count(IntEnum):
    ONE = 1


class NumpyLike:
    """What numpy's scalars have in common."""

    shape = ()

    def __init__(self, value):
        self._value = value

    def item(self):
        return self._value


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (Version("1.2.3"), "1.2.3"),
        (Source.DOCKERFILE, "dockerfile"),
        (Count.ONE, 1),
        (NumpyLike(7), 7),
        (NumpyLike(True), True),
        (NumpyLike("a"), "a"),
        ([Version("a"), (NumpyLike(1.5),)], ["a", [1.5]]),
        ({Version("k"): Version("v")}, {"k": "v"}),
    ],
)
def test_subclasses_and_numpy_scalars_become_plain_values(given, sent):
    extra = validate_body("create_image", {**IMAGE, "extra": given})["extra"]

    assert extra == sent
    assert json.dumps(extra) == json.dumps(sent)
    assert type(extra) is type(sent)
    if isinstance(extra, dict):
        assert [type(part) for item in extra.items() for part in item] == [str, str]


@pytest.mark.parametrize("kind", [list, tuple, deque, UserList])
def test_kinds_of_lists_in_a_body_are_sent_as_json(kind):
    arguments = kind([{"name": "A", "value": "b"}, {"name": "C", "value": "d"}])
    sent = validate_body("create_image", {**IMAGE, "buildDetails": {**DOCKERFILE, "buildArguments": arguments}})

    assert sent["buildDetails"]["buildArguments"] == [{"name": "A", "value": "b"}, {"name": "C", "value": "d"}]


def test_build_argument_value_is_redacted_in_errors():
    body = details(buildArguments=[{"name": "PASSWORD", "value": 1234567}])

    with pytest.raises(InvalidInputError) as caught:
        validate_body("create_image", body)
    assert "1234567" not in str(caught.value)


def test_long_value_is_truncated_in_the_message_only():
    with pytest.raises(InvalidInputError) as caught:
        validate_body("create_image", {**IMAGE, "type": "x" * 10_000})

    assert len(str(caught.value)) < 400
    assert caught.value.value == "x" * 10_000


@pytest.mark.parametrize(
    ("given", "checked"),
    [
        ({}, {"source": "upload"}),
        ({"buildDetails": {}}, {"source": "upload"}),
        ({"buildDetails": {"useCache": False}}, {"source": "upload", "useCache": False}),
        ({"buildDetails": DOCKERFILE}, DOCKERFILE),
        ({"buildDetails": GITHUB}, GITHUB),
    ],
)
@pytest.mark.parametrize("operation", ["create_image", "create_version"])
def test_create_defaults_to_source_upload(operation, given, checked):
    base = IMAGE if operation == "create_image" else {}

    assert validate_body(operation, {**base, **given})["buildDetails"] == checked


@pytest.mark.parametrize("given", [{}, {"buildDetails": {}}, {"buildDetails": {"useCache": False}}])
def test_update_has_no_default_source(given):
    assert validate_body("update_version", given) == given


def test_body_argument_is_not_modified():
    body = details(useCache=False, buildArguments=[{"name": "A", "value": "b"}])
    before = copy.deepcopy(body)
    checked = validate_body("create_image", body)
    validate_upsert(body)

    assert body == before
    assert checked["buildDetails"] is not body["buildDetails"]


def test_unknown_fields_are_kept():
    body = {**details(source="upload", newOption=[1]), "owner": {"team": 7}}

    assert validate_body("create_image", body) == body


@pytest.mark.parametrize("body", [UserDict(IMAGE), type("Own", (dict,), {})(IMAGE)])
def test_any_mapping_is_accepted_as_body(body):
    assert validate_body("create_image", body)["name"] == "an-image"


def test_model_is_accepted_as_body():
    from peak_images_api import models

    form = models.ImageCreateForm(
        name="an-image", type_=models.ImageType.API, build_details=models.UploadBuild("upload", use_cache=False)
    )

    assert validate_body("create_image", form) == {
        "name": "an-image",
        "type": "api",
        "buildDetails": {"source": "upload", "useCache": False},
    }


def test_model_nested_in_a_dictionary_raises():
    from peak_images_api import models

    with pytest.raises(InvalidInputError):
        validate_body("create_image", {**IMAGE, "buildDetails": models.UploadBuild("upload")})


def test_upsert_fields_are_returned_without_defaults():
    body = {**IMAGE, "version": "0.0.1", "buildDetails": {"useCache": False}, "owner": "us"}

    assert validate_upsert(body) == body


def test_upsert_requires_a_name_and_no_type():
    assert validate_upsert(IMAGE) == IMAGE
    assert validate_upsert({"name": "an-image"}) == {"name": "an-image"}
    with pytest.raises(InvalidInputError, match=r"body\.name"):
        validate_upsert({"version": "0.0.1"})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "api"}, "body.name"),
        ({**IMAGE, "type": "spaceship"}, "body.type"),
        ({**IMAGE, "version": ""}, "body.version"),
        (details(source="git"), "body.buildDetails.source"),
        ({**IMAGE, "autodeployResources": [{}]}, "body.autodeployResources[0].entityId"),
        ([], "body"),
    ],
)
def test_invalid_upsert_raises(body, field):
    with pytest.raises(InvalidInputError) as caught:
        validate_upsert(body)
    assert caught.value.field == field


@pytest.mark.parametrize("time", ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00.123456789+01:00", "2026-01-01"])
def test_times_of_a_body_are_sent_as_given(time):
    fields = {"name": "an-image", "expiresAt": time, "buildDetails": {"source": "upload", "since": time}}

    body = make_body(fields)

    assert body.to_dict() == fields
    parts = {name: content for name, (_, content, *_) in body.to_multipart()}
    assert parts["expiresAt"].decode() == time
    assert json.loads(parts["buildDetails"]) == fields["buildDetails"]
