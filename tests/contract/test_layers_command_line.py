"""What a changed schema does to the command line, without a line of code: options, help, the example, the request."""

from __future__ import annotations

import json
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from contract_normal import normalize
from peak_images_api import operations
from peak_images_cli.__main__ import main
from render_operations import describe_operations

ROOT = Path(__file__).parents[2]


@pytest.fixture
def schemas(monkeypatch):
    """The schemas of a copy of the contract, to be changed before the operations table is rendered from it again."""
    document = yaml.safe_load((ROOT / "openapi/images.yaml").read_text("utf-8"))

    @contextmanager
    def changing():
        yield document["components"]["schemas"]
        table = json.loads(json.dumps(describe_operations(normalize(deepcopy(document)))))
        monkeypatch.setattr(operations, "table", lambda: table)

    return changing


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run the command line without a service; gives the exit code, stdout and stderr."""
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))

    def running(*argv):
        code = main([str(argument) for argument in argv])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return running


@pytest.fixture
def dry_run_body(run):
    """The body that a create would send."""

    def body(*argv):
        code, out, err = run("create", "--name", "a", "--type", "api", *argv, "--dry-run")
        assert code == 0, err
        return json.loads(out)["body"]

    return body


def test_new_field_of_a_body_is_an_option_and_in_the_example(dry_run_body, run, schemas):
    with schemas() as changed:
        changed["UploadBuild"]["properties"] |= {
            "platform": {"type": "string", "enum": ["amd64", "arm64"], "description": "The platform"},
            "registryPassword": {"type": "string", "format": "password", "description": "A password"},
            "labels": {"type": "array", "items": {"type": "string"}, "description": "Labels"},
        }

    options = ("--source", "upload", "--platform", "arm64", "--labels", "x,y", "--registry-password", "hunter2")

    body = dry_run_body(*options)

    assert body["buildDetails"] == {
        "source": "upload",
        "platform": "arm64",
        "labels": ["x", "y"],
        "registryPassword": "***",
    }
    assert "platform: amd64" in run("create", "--generate")[1]
    for command in ("create", "create-version", "create-or-update", "update-version"):
        assert "--platform" in run(command, "--help")[1]


@pytest.mark.parametrize(
    ("schema", "given", "sent"),
    [
        ({"type": "array", "items": {"type": "integer"}}, ("--extra", "1,2"), [1, 2]),
        ({"type": "array", "items": {"type": "boolean"}}, ("--extra", "true,false"), [True, False]),
        ({"type": "array", "items": {"type": "number"}}, ("--extra", "1.5,2"), [1.5, 2]),
        ({"type": "array", "items": {"type": "string"}}, ("--extra", "true,2"), ["true", "2"]),
        ({"type": "integer", "minimum": 1}, ("--extra", "7"), 7),
        ({"type": "array", "items": {"type": "object"}}, ("--extra", '[{"a": 1}]'), [{"a": 1}]),
        ({"type": ["boolean", "null"]}, ("--no-extra",), False),
        ({"type": "object"}, ("--extra", '{"a": 1}'), {"a": 1}),
    ],
)
def test_value_of_a_new_field_is_sent_as_its_type(dry_run_body, schemas, schema, given, sent):
    with schemas() as changed:
        changed["UploadBuild"]["properties"]["extra"] = schema

    assert dry_run_body(*given)["buildDetails"]["extra"] == sent


@pytest.mark.parametrize(
    ("schema", "given"),
    [
        ({"type": "integer", "minimum": 1}, "0"),
        ({"type": "object"}, "[]"),
        ({"type": "array", "items": {"type": "object"}}, "{}"),
        ({"type": "number", "maximum": 1}, "x"),
    ],
)
def test_value_of_a_new_field_that_is_not_of_its_type_is_an_error(run, schemas, schema, given):
    with schemas() as changed:
        changed["UploadBuild"]["properties"]["extra"] = schema

    code, _, err = run("create", "--name", "a", "--type", "api", "--extra", given, "--dry-run")

    assert code == 2
    assert "--extra" in err


def test_field_with_the_name_of_another_option_gets_one_of_its_own(run, schemas):
    with schemas() as changed:
        changed["UploadBuild"]["properties"]["profile"] = {"type": "string", "description": "It"}

    assert "--build-details-profile" in run("create", "--help")[1]


def test_recursive_schema(run, schemas):
    tree = {"type": "object", "description": "A tree", "properties": {"child": {"$ref": "#/components/schemas/Tree"}}}
    with schemas() as changed:
        changed["Tree"] = tree
        changed["ImageCreateForm"]["properties"]["tree"] = {"$ref": "#/components/schemas/Tree"}

    assert "--tree JSON" in run("create", "--help")[1]
    assert "tree:" in run("create", "--generate")[1]
