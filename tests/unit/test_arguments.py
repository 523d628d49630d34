"""Checks of arguments against the contract, before anything is sent."""

import warnings
from collections import deque
from datetime import UTC, date, datetime, timedelta, timezone
from inspect import isawaitable
from pathlib import Path

import anyio
import pytest

from peak_images import InvalidInputError, Session, get_async_client, get_client
from peak_images._validation import validate_arguments, validate_artifact
from peak_images._values import as_list, parse_datetime, validate_build_id, validate_id, validate_ids
from peak_images_api import operations
from tests.contract_facts import schema


@pytest.mark.parametrize(("given", "number"), [(1, 1), ("1", 1), ("007", 7), (2**70, 2**70)])
def test_id_is_a_positive_integer_or_its_text(given, number):
    assert validate_id("image_id", given) == number


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        1.0,
        True,
        None,
        "",
        "0",
        "-1",
        "1.5",
        " 1",
        "one",
        "١",
        "²",
        b"1",
        [1],
        "1/2",
        pytest.param("9" * 5000, id="long"),
    ],
)
def test_invalid_id_raises_and_is_named(value):
    with pytest.raises(InvalidInputError) as caught:
        validate_id("image_id", value)
    assert caught.value.field == "image_id"
    assert "must be a positive integer, not " in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("image_id", "weather", "find_image(name)"),
        ("version_id", "0.0.1", "find_version(image_id, version)"),
        ("image_id", 0, None),
        ("image_id", "0", None),
        ("keep", "all", None),
    ],
)
def test_name_in_place_of_an_id_hints_at_find_image_and_find_version(field, value, hint):
    with pytest.raises(InvalidInputError) as caught:
        validate_id(field, value)
    assert ("find_" in str(caught.value)) == (hint is not None)
    assert hint is None or hint in str(caught.value)


@pytest.mark.parametrize(
    ("given", "checked"), [(301, 301), ("301", 301), ("image-build-mock:2198", "image-build-mock:2198")]
)
def test_build_id_may_be_text(given, checked):
    assert validate_build_id(given) == checked


@pytest.mark.parametrize("value", [0, "", "  ", "0", None, 1.5, True, ".", "..", "\ud800"])
def test_invalid_build_id_raises(value):
    with pytest.raises(InvalidInputError, match="build_id"):
        validate_build_id(value)


@pytest.mark.parametrize("values", [[1, "2"], (1, 2), {1, 2}, deque([1, 2]), iter([1, 2]), range(1, 3)])
def test_any_iterable_is_accepted_as_list(values):
    assert validate_ids("version_ids", values) == [1, 2]


@pytest.mark.parametrize("values", [1, None, "12", b"12", {1: 2}])
def test_single_value_for_a_list_raises(values):
    with pytest.raises(InvalidInputError, match=r"version_ids: .* is not a list"):
        as_list("version_ids", values)


def test_invalid_id_in_a_list_is_named_by_its_index():
    with pytest.raises(InvalidInputError) as caught:
        validate_ids("version_ids", [1, 0])
    assert caught.value.field == "version_ids[1]"


def test_none_and_default_arguments_are_not_sent():
    arguments = {"page_size": 5, "page_number": 1, "name": None, "status": ("ready",)}

    assert validate_arguments("list_images", arguments) == {"page_size": 5, "status": ["ready"]}


def test_arguments_are_mapped_to_generated_names():
    sent = validate_arguments("list_image_builds", {"image_id": "7", "version_ids": ["8", 9], "count": 3})

    assert sent == {"image_id": 7, "versions": [8, 9], "count": 3}


@pytest.mark.parametrize("value", [True, 25.0, "25"])
def test_argument_equal_to_its_default_by_value_only_is_validated(value):
    with pytest.raises(InvalidInputError, match="page_size"):
        validate_arguments("list_images", {"page_size": value})


@pytest.mark.parametrize(
    ("operation", "argument", "value", "field", "allowed"),
    [
        ("list_images", "page_size", 0, "page_size", None),
        ("list_images", "page_size", "25", "page_size", None),
        ("list_images", "page_number", 1.5, "page_number", None),
        ("list_images", "page_number", 2.0, "page_number", None),
        ("list_images", "name", 7, "name", None),
        ("list_images", "status", "ready", "status", None),
        ("list_images", "scope", ["mine"], "scope[0]", tuple(schema("ImageScope")["enum"])),
        (
            "list_image_versions",
            "status",
            ["ready", "broken"],
            "status[1]",
            tuple(schema("ImageStatus")["enum"]),
        ),
        (
            "list_image_builds",
            "build_status",
            ["done"],
            "build_status[0]",
            tuple(schema("BuildStatus")["enum"]),
        ),
        ("list_image_builds", "count", -2, "count", None),
        ("delete_versions", "version_ids", [], "version_ids", None),
        ("list_images", "tags", [None], "tags[0]", None),
    ],
)
def test_invalid_parameter_raises_with_the_argument_name(operation, argument, value, field, allowed):
    with pytest.raises(InvalidInputError) as caught:
        validate_arguments(operation, {"image_id": 1, argument: value})
    assert (caught.value.field, caught.value.allowed) == (field, allowed)


def test_parameter_that_is_not_utf_8_raises():
    with pytest.raises(InvalidInputError, match="name"):
        validate_arguments("list_images", {"name": "\ud800"})


@pytest.mark.parametrize(
    ("given", "time"),
    [
        ("2023-06-01", datetime(2023, 6, 1, tzinfo=UTC)),
        ("20230601T180000Z", datetime(2023, 6, 1, 18, tzinfo=UTC)),
        (" 2023-06-01T18:00:00.000Z ", datetime(2023, 6, 1, 18, tzinfo=UTC)),
        ("2023-06-01T18:00:00+02:00", datetime(2023, 6, 1, 16, tzinfo=UTC)),
        (date(2023, 6, 1), datetime(2023, 6, 1, tzinfo=UTC)),
        (datetime(2023, 6, 1, 18), datetime(2023, 6, 1, 18, tzinfo=UTC)),  # noqa: DTZ001 - what people give
        (datetime(2023, 6, 1, 18, tzinfo=timezone(timedelta(hours=2))), datetime(2023, 6, 1, 16, tzinfo=UTC)),
    ],
)
def test_datetime_argument_is_text_datetime_or_date_with_default_utc(given, time):
    assert parse_datetime("date_from", given) == time


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "",
        "2023-13-01",
        "01/06/2023",
        "2023-06-01T25:00",
        1685577600,
        None,
        [],
        b"",
        "9999-12-31T23:59:59-10:00",
        "0001-01-01T00:00:00+10:00",
    ],
)
def test_invalid_datetime_raises_and_is_named(value):
    with pytest.raises(InvalidInputError, match=r"date_from: .* is not a time") as caught:
        parse_datetime("date_from", value)
    assert caught.value.value == value


@pytest.mark.parametrize(
    "artifact", [{"path": "."}, {"path": Path(), "ignore_files": ["a"]}, {"path": ".", "follow_external_links": True}]
)
def test_artifact_argument_is_accepted(artifact):
    assert validate_artifact(artifact) == artifact
    assert validate_artifact(artifact) is not artifact


@pytest.mark.parametrize(("artifact", "given"), [("./app", "'./app'"), (Path("app"), "'app'"), (7, "'.'")])
def test_path_in_place_of_an_artifact_is_an_error_that_shows_the_dictionary(artifact, given):
    with pytest.raises(InvalidInputError) as caught:
        validate_artifact(artifact)
    assert str(caught.value).endswith(f"is not a dictionary: give {{'path': {given}}}")


def test_none_and_empty_artifact_are_none():
    assert validate_artifact(None) is None


@pytest.mark.parametrize(
    ("artifact", "field", "allowed"),
    [
        (".", "artifact", None),
        ([], "artifact", None),
        ({"ignore_files": []}, "artifact.path", None),
        ({"path": 7}, "artifact.path", None),
        ({"path": None}, "artifact.path", None),
        ({"path": ".", "ignore_files": ".dockerignore"}, "artifact.ignore_files", None),
        ({"path": ".", "ignore_files": ["a", 7]}, "artifact.ignore_files[1]", None),
        ({"path": ".", "follow_external_links": "no"}, "artifact.follow_external_links", None),
        (
            {"path": ".", "ignoreFiles": []},
            "artifact.ignoreFiles",
            ("path", "ignore_files", "follow_external_links", "check"),
        ),
        ({"path": ".", "check": "maybe"}, "artifact.check", ("error", "warn", "off", "strict")),
        ({"path": ".", "check": True}, "artifact.check", ("error", "warn", "off", "strict")),
    ],
)
def test_invalid_artifact_raises(artifact, field, allowed):
    with pytest.raises(InvalidInputError) as caught:
        validate_artifact(artifact)
    assert (caught.value.field, caught.value.allowed) == (field, allowed)


@pytest.mark.parametrize("return_iterator", [True, False])
@pytest.mark.parametrize("backend", ["sync", "async"])
def test_deprecated_list_operation_warns_once(wire, monkeypatch, backend, return_iterator):
    monkeypatch.setitem(operations.operation("list_images"), "deprecated", True)
    client = {"sync": get_client, "async": get_async_client}[backend](Session("t"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = client.list_images(return_iterator=return_iterator)
        if isawaitable(result):
            anyio.run(lambda: result)

    assert [str(one.message) for one in caught] == ["list_images is deprecated"]


@pytest.fixture
def validate(monkeypatch):
    """Validate one argument of an operation by a schema."""

    def validating(schema, value, place="query"):
        described = operations.operation("list_images")
        parameter = {
            **described["parameters"][0],
            "argument": "given",
            "generated_name": "given",
            "place": place,
            "default": None,
            "schema": schema,
        }
        monkeypatch.setattr(operations, "operation", lambda _: {**described, "parameters": [parameter]})
        return validate_arguments("list_images", {"given": value})["given"]

    return validating


@pytest.mark.parametrize("place", ["path", "query", "header"])
@pytest.mark.parametrize("value", [date(2024, 2, 3), "2024-02-03", datetime(2024, 2, 3, 23, tzinfo=UTC)])
def test_date_is_sent_as_text(validate, place, value):
    assert validate({"type": "string", "format": "date"}, value, place) == "2024-02-03"


@pytest.mark.parametrize("value", ["2024-13-01", "yesterday", 5])
def test_invalid_date_raises(validate, value):
    with pytest.raises(InvalidInputError, match="given: "):
        validate({"type": "string", "format": "date"}, value)


@pytest.mark.parametrize(
    ("schema", "value", "sent"),
    [
        ({"type": "integer", "minimum": 0}, 0, 0),
        ({"type": "integer"}, "-7", -7),
        ({"type": "boolean"}, True, "true"),
        ({"type": "number"}, 0.5, 0.5),
        ({"type": "string", "enum": ["a"]}, "a", "a"),
    ],
)
def test_path_parameter_is_validated_by_its_schema(validate, schema, value, sent):
    assert validate(schema, value, "path") == sent


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 0, "maximum": 9}, 10),
        ({"type": "integer", "minimum": 1, "maximum": 9}, 10),
        ({"type": "integer"}, "x"),
        ({"type": "boolean"}, "yes"),
        ({"type": "string", "enum": ["a"]}, "b"),
    ],
)
def test_path_parameter_that_its_schema_does_not_allow_raises(validate, schema, value):
    with pytest.raises(InvalidInputError, match="given: "):
        validate(schema, value, "path")


def test_list_may_have_integers_that_are_no_ids(validate):
    assert validate({"type": "array", "items": {"type": "integer"}}, [0, -1, "2"]) == [0, -1, 2]


def test_argument_too_long_for_a_url_is_an_invalid_input():
    with get_client(Session("t", base_url="http://service")) as client, pytest.raises(InvalidInputError, match="url: "):
        next(client.list_images(name="x" * 100_000))
