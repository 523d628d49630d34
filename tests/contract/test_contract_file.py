"""A contract that isn't valid is an error that names the file, the line and the field, and never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from contract_file import ContractFileError, load_contract

FROZEN = Path(__file__).with_name("contract.yaml").read_text(encoding="utf-8")
ROOT = Path(__file__).resolve().parents[2]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def load(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "openapi" / "images.yaml"
    path.parent.mkdir()
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    load_contract(path, tmp_path)


INVALID = [
    ("  version: 1.0.0\n", "", "info:", 'info: "version" is a required property'),
    ("operationId: describe_image", "operationId: list_images", "operationId: list_images",
     "paths./images/{imageId}.get.operationId: 'list_images' is the operationId of GET /images/ too"),
    ("schemas/ImageDetail'}", "schemas/ImageDetails'}", "schemas/ImageDetails'}",
     "schema.$ref: no such component: #/components/schemas/ImageDetails"),
    ("    Build:\n      type: object", "    Build:\n      type: objekt", "type: objekt",
     "components.schemas.Build.type: 'objekt' is not"),
    ("          in: query\n          description: The page", "          in: body\n          description: The page",
     "in: body", 'parameters.1.in: "body" is not one of'),
    ("  title: Peak Images\n", "  title: Peak Images\n  title: Images\n", "title: Images\n",
     "info.title: is here already, in line 7"),
    ("        size:\n", "        name: {type: integer}\n        size:\n", "        name: {type: integer}",
     "components.schemas.Image.properties.name: is here already, in line"),
    ("openapi: 3.1.0", "openapi: 3.0.3", "openapi: 3.0.3", "openapi: must be 3.1.x, is '3.0.3'"),
    ("minimum: 1, default: 25", "minimum: 1, maximum: 9, default: 25", "maximum: 9",
     "parameters.0.schema: 25 is greater than the maximum of 9"),
    ("    Build:\n      type: object", "    Build:\n      pattern: '[a-'\n      type: object", "pattern: '[a-'",
     "components.schemas.Build.pattern: '[a-' is not a 'regex'"),
    ("minimum: 1, default: 25", "minimum: one, default: 25", "minimum: one", "minimum: 'one' is not of type 'number'"),
    ("minimum: 1, default: 25", "minimum: 1, default: .inf", "default: .inf", "default: JSON has no number .inf"),
    ("        size:\n", "        on:\n", "        on:\n",
     "Image.properties.on: YAML reads this key as bool: put it in quotes"),
    ("        size:\n", "        until: {type: string, example: 2024-01-01}\n        size:\n", "example: 2024-01-01",
     "until.example: YAML reads 2024-01-01 as timestamp: put it in quotes"),
    ("    Build:\n      type: object", "    Build:\n      nullable: true\n      type: object", "nullable: true",
     "components.schemas.Build.nullable: OpenAPI 3.1 has no nullable"),
    ("  /images/{imageId}:", "  /images/{id}:", "    get:\n      operationId: describe_image",
     "paths./images/{id}.get: Path parameter 'id'"),
]  # fmt: skip


def test_nullable_in_an_extension_is_data(tmp_path: Path) -> None:
    load(
        tmp_path,
        FROZEN.replace(
            "    Build:\n      type: object", "    Build:\n      x-foo: {nullable: true}\n      type: object"
        ),
    )


@pytest.mark.parametrize(("old", "new", "place", "message"), INVALID)
def test_invalid_contract_is_reported_with_line_and_field(
    tmp_path: Path, old: str, new: str, place: str, message: str
) -> None:
    assert old in FROZEN
    text = FROZEN.replace(old, new, 1)
    if "is the operationId of" in message:
        line = line_of(text[text.index(place) + 1 :], place) + line_of(text, place) - 1
    else:
        line = line_of(text, place)
    with pytest.raises(ContractFileError) as caught:
        load(tmp_path, text)

    first = str(caught.value).splitlines()[0]
    assert first.startswith(f"openapi/images.yaml:{line}: ")
    assert message in first


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FROZEN.replace("info:\n", "info: [\n", 1), r"openapi/images\.yaml:\d+:\d+: not YAML: "),
        (FROZEN.replace("  title: Peak", "\ttitle: Peak", 1), r"openapi/images\.yaml:7:1: not YAML: .*'\\t'"),
        ("a: b: c\n", r"openapi/images\.yaml:1:5: not YAML: mapping values are not allowed here"),
        ("", r"openapi/images\.yaml: must be an OpenAPI document, .*; is empty"),
        ("- a\n", r"openapi/images\.yaml: must be an OpenAPI document, .*; is a list"),
        ("hello", r"openapi/images\.yaml: must be an OpenAPI document, .*; is a str"),
        (b"\xff\xfe\x00", r"openapi/images\.yaml: can't be read: "),
        ("openapi: 3.1.0\ninfo: 7\npaths: []\n", r"openapi/images\.yaml:2: info: 7 is not of type .object."),
        ("openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {/a: 7}\n", r"openapi/images\.yaml:3: paths\./a"),
    ],
)
def test_file_that_is_no_openapi_document_is_reported(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ContractFileError, match=message):
        load(tmp_path, text)


def test_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ContractFileError, match=r"images\.yaml: can't be read: No such file"):
        load_contract(tmp_path / "images.yaml", tmp_path)


def test_several_problems_are_reported_together(tmp_path: Path) -> None:
    text = FROZEN.replace("type: number", "type: numbers").replace("type: boolean", "type: bool")
    with pytest.raises(ContractFileError) as caught:
        load(tmp_path, text)

    assert "'numbers' is not" in str(caught.value)
    assert "'bool' is not" in str(caught.value)


def test_regenerate_prints_the_problem_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi/images.yaml").write_text(FROZEN.replace("type: number", "type: numbers"), encoding="utf-8")
    command = [sys.executable, ROOT / "scripts/regenerate.py", "--root", tmp_path]
    run = subprocess.run(command, check=False, capture_output=True, text=True, env={"PATH": ""})

    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.startswith("openapi/images.yaml:")
    assert "Traceback" not in run.stderr
