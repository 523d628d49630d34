"""What a change of the contract does to the command line, without a line of code: commands, options, help, masks."""

from __future__ import annotations

from copy import deepcopy

import pytest

import peak_images
from peak_images_api import operations


@pytest.fixture
def table(monkeypatch):
    """A copy of the contract's descriptions, to be changed."""
    changed = deepcopy(operations.table())
    monkeypatch.setattr(operations, "table", lambda: changed)
    operations.operation.cache_clear()
    yield changed
    operations.operation.cache_clear()


@pytest.fixture
def add_operation(table, monkeypatch):
    """Add an operation; gives the list of the calls of its method."""

    def adding(name, like, response, **changes):
        described = deepcopy(table["operations"][like])
        table["operations"][name] = described | {"command": name.replace("_", "-"), "python_name": name} | changes
        calls = []

        def method(_, **arguments):
            calls.append(arguments)
            is_iterator = described["pagination"] and arguments.get("return_iterator", True)
            return iter(response[described["pagination"]["items"]]) if is_iterator else response

        monkeypatch.setattr(peak_images.Image, name, method, raising=False)
        return calls

    return adding


def parameter(argument, place="query", schema=None, **more):
    option = f"--{argument.replace('_', '-')}"
    return {
        "argument": argument,
        "option": option,
        "name": argument,
        "generated_name": argument,
        "place": place,
        "required": False,
        "secret": False,
        "content_type": None,
        "description": "About it",
        "example": None,
        "schema": schema or {"type": "string"},
        "kind": (schema or {}).get("type", "string"),
        "item_type": None,
        "default": (schema or {}).get("default"),
        "values": (schema or {}).get("enum", []),
        "minimum": None,
        "maximum": None,
        "deprecated": False,
        **more,
    }


def test_new_operation_is_a_command(done, run, known_service, add_operation, table):
    path = [
        *table["operations"]["describe_image"]["parameters"],
        parameter("build_id", "path", {"type": "integer"}, required=True, name="buildId"),
    ]
    reason = parameter("x_reason", "header")
    force = parameter("force", schema={"type": "boolean", "default": False})
    calls = add_operation(
        "stop_build",
        "describe_image",
        {"status": "stopping"},
        method="POST",
        path="/images/{imageId}/builds/{buildId}/stop",
        summary="Stop a build",
        parameters=[*path, reason, force],
    )

    assert "stop-build" in run("--help").out
    assert done("stop-build", 7, 9, "--x-reason", "slow", "--force") == {"status": "stopping"}
    assert done("stop-build", "--image-id", 7, "--build-id", "9") == {"status": "stopping"}
    assert calls == [
        {"image_id": 7, "build_id": "9", "x_reason": "slow", "force": True},
        {"image_id": 7, "build_id": "9"},
    ]
    shown = run("stop-build", "--help").out
    assert "Stop a build." in shown
    assert shown.count("peak-images stop-build ") >= 3
    assert run("stop-build", 7).code == 2


def test_new_paged_operation_lists_its_items(run, known_service, add_operation, table):
    page = {"tagCount": 3, "pageSize": 2, "pageNumber": 1, "pageCount": 2, "tags": [{"id": 1, "shortName": "a\nb"}]}
    pagination = {"items": "tags", "model": "Tag", "argument": "page_number", "fields": {"id": "", "shortName": ""}}
    calls = add_operation("list_tags", "list_images", page, pagination=pagination)
    table["operations"]["list_tags"]["pagination"] = pagination

    shown = run("list-tags", "-o", "table")
    assert shown.out == "ID  SHORT NAME\n1   a b\n"
    assert "page 1 of 2: 1 of 3 tags" in shown.err
    assert run("list-tags", "--page-size", 2, "-o", "csv").out == 'id,shortName\n1,"a\nb"\n'
    assert calls == [{"return_iterator": False}, {"page_size": 2, "return_iterator": False}]


def test_new_query_parameter_is_an_option_with_values_and_default(run, known_service, table, start, monkeypatch):
    schema = {"type": "string", "enum": ["created", "name"], "default": "created"}
    table["operations"]["list_images"]["parameters"].append(parameter("sort_by", schema=schema))
    calls = []
    monkeypatch.setattr(peak_images.Image, "list_images", lambda _, **given: calls.append(given) or {"images": []})

    assert "--sort-by BY" in run("list", "--help").out
    assert "created, name (default: created)" in run("list", "--help").out
    assert run("list", "--sort-by", "name").code == 0
    assert calls == [{"sort_by": "name", "return_iterator": False}]


@pytest.mark.parametrize("name", ["options", "values", "context", "command", "import"])
def test_parameter_with_a_name_of_the_command_line_s_own_is_an_option(run, known_service, table, monkeypatch, name):
    table["operations"]["list_images"]["parameters"].append(parameter(name))
    calls = []
    monkeypatch.setattr(peak_images.Image, "list_images", lambda _, **given: calls.append(given) or {"images": []})

    assert run("list", f"--{name}", "a").code == 0
    assert calls == [{name: "a", "return_iterator": False}]


def test_deprecated_parameters_and_operations_warn(run, known_service, table):
    table["operations"]["list_images"]["parameters"][2]["deprecated"] = True

    assert "[deprecated]" in run("list", "--help").out
    assert "--name is deprecated" in run("list", "--name", "a").err
    assert run("list").err == ""


def test_secret_query_parameter_is_masked_in_a_dry_run(done, known_service, table, monkeypatch):
    table["operations"]["delete_image"]["parameters"].append(parameter("key", secret=True))
    url = "http://a/image-management/api/v2/images/1?key=hunter2&x=1"
    request = peak_images.PreparedRequest("delete_image", "DELETE", url)
    monkeypatch.setattr("peak_images_cli.commands.operations.capture_request", lambda *_: request)

    assert done("delete", 1, "--key", "hunter2", "--dry-run")["requests"][0]["url"].endswith("?key=***&x=1")


def test_parameter_with_the_name_of_another_option_gets_one_of_its_own(run, known_service, table):
    table["operations"]["list_images"]["parameters"].append(parameter("output"))

    assert "--query-output" in run("list", "--help").out


@pytest.mark.parametrize(
    ("given", "sent"), [("5", 5), ("-1", -1), ("true", True), ("auto", "auto"), ("1.10", "1.10"), ("[1]", "[1]")]
)
def test_value_of_several_types_is_sent_as_it_is_written(run, known_service, table, monkeypatch, given, sent):
    schema = {"type": ["integer", "boolean", "string"]}
    table["operations"]["list_images"]["parameters"].append(parameter("owner", schema=schema, kind="scalar"))
    calls = []
    monkeypatch.setattr(peak_images.Image, "list_images", lambda _, **given: calls.append(given) or {"images": []})

    assert run("list", "--owner", given).code == 0
    assert calls == [{"owner": sent, "return_iterator": False}]


def test_all_pages_are_no_larger_than_the_maximum_of_the_contract(run, known_service, table, monkeypatch):
    size = next(one for one in table["operations"]["list_images"]["parameters"] if one["argument"] == "page_size")
    size["maximum"] = 40
    calls = []
    monkeypatch.setattr(peak_images.Image, "list_images", lambda _, **given: calls.append(given) or iter(()))

    assert run("list", "--all").code == 0
    assert calls == [{"page_size": 40}]


def test_new_deletion_names_what_it_deletes(run, known_service, add_operation, table):
    path = [
        *table["operations"]["describe_image"]["parameters"],
        parameter("tag", "path", required=True),
    ]
    more = {"method": "DELETE", "path": "/images/{imageId}/tags/{tag}", "parameters": path}
    calls = add_operation("delete_tag", "describe_image", {}, **more)

    ended = run("delete-tag", 7, "0", "--yes", "-o", "table")
    assert "Deleting: image 7, tag 0." in ended.out + ended.err
    assert calls == [{"image_id": 7, "tag": "0"}]


@pytest.mark.parametrize("operation", sorted(operations.table()["operations"]))
def test_help_has_three_examples(run, operation):
    command = operations.operation(operation)["command"]

    assert run(command, "--help").out.count(f"    peak-images {command}") == 3
