"""Regeneration after a change of the contract, on a copy of the tree."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

import regenerate

ROOT = Path(__file__).resolve().parent.parent.parent
GENERATED = "generated/peak_images_api"
FROZEN = Path(__file__).with_name("contract.yaml")

NEW_OPERATION = """  /images/{imageId}/events:
    parameters:
      - $ref: '#/components/parameters/ImageId'
    get:
      operationId: list_image_events
      tags: [images]
      summary: List the events of an image
      description: All that happened to the image.
      responses:
        '200':
          description: The events
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Build'}
              examples:
                event: {value: {buildId: 301, status: building}}
        '401': {$ref: '#/components/responses/Unauthorized'}

components:
  securitySchemes:
"""

# Values in place, and a union whose members share nothing.
SCHEDULE = """        mode: {type: string, enum: [fast, small], description: What counts, example: fast}
        schedule:
          description: When to build
          oneOf:
            - $ref: '#/components/schemas/Daily'
            - $ref: '#/components/schemas/Cron'
        buildDetails: {$ref"""
MEMBERS = """    Daily:
      type: object
      description: Every day
      required: [hour]
      properties: {hour: {type: integer, description: The hour, example: 3}}
    Cron:
      type: object
      description: As cron has it
      required: [expression]
      properties: {expression: {type: string, description: The expression, example: 0 3 * * *}}
    ImageCreateForm:
"""


class Tree:
    """A copy of what ``scripts/regenerate`` reads and writes, with a contract of the tests' own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls, folder: Path) -> Tree:
        for name in ("openapi", GENERATED, "wrapper/peak_images"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("images.yaml", "released.yaml"):
            shutil.copyfile(FROZEN, folder / "openapi" / name)
        tree = cls(folder)
        made = tree.regenerate()
        assert made.returncode == 0, made.stdout + made.stderr
        return tree

    def regenerate(self, *arguments: str, lint: bool = False) -> subprocess.CompletedProcess[str]:
        command = ["--root", str(self.folder), *arguments]
        output, errors = io.StringIO(), io.StringIO()
        # Without a PATH there is no Node.js, and without that no linting, which takes a second or two.
        with patch.dict(os.environ, {} if lint else {"PATH": ""}), redirect_stdout(output), redirect_stderr(errors):
            status = regenerate.main(command)
        return subprocess.CompletedProcess(command, status, output.getvalue(), errors.getvalue())

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def edit_contract(self, old: str, new: str) -> None:
        self.edit("openapi/images.yaml", old, new)

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def state(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree.make(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def tree(regenerated: Tree, tmp_path: Path) -> Tree:
    shutil.copytree(regenerated.folder, tmp_path, dirs_exist_ok=True)
    return Tree(tmp_path)


def grow(tree: Tree) -> None:
    """Add a field, a value and an operation to the contract."""
    field = "        archived:\n          type: boolean\n          description: Put away\n"
    tree.edit_contract("        size:\n", f"{field}        size:\n")
    tree.edit_contract("[workflow, webapp, api]", "[workflow, webapp, api, agent]")
    tree.edit_contract("components:\n  securitySchemes:\n", NEW_OPERATION)


def test_twice_in_a_row_changes_nothing(tree: Tree) -> None:
    before = tree.state()
    assert tree.regenerate().returncode == 0
    assert tree.state() == before


def test_a_grown_contract_fails_the_check_until_it_is_regenerated(tree: Tree) -> None:
    grow(tree)
    before = tree.state()
    stale = tree.regenerate("--check")
    assert stale.returncode == 1
    assert f"out of date: {GENERATED}/models/image.py" in stale.stdout
    assert f"out of date: {GENERATED}/api/images/list_image_events.py" in stale.stdout
    assert tree.state() == before

    written = tree.regenerate()
    assert written.returncode == 0, written.stderr
    assert "archived" in tree.read(f"{GENERATED}/models/image.py")
    assert "AGENT" in tree.read(f"{GENERATED}/models/image_type.py")
    assert "agent" in tree.read(f"{GENERATED}/operations.json")
    assert "def asyncio_detailed" in tree.read(f"{GENERATED}/api/images/list_image_events.py")
    assert "- Added: field `Image.archived` (received by list_images, create_image, describe_image)" in written.stdout
    assert "- Added: value `agent` of `ImageType` (sent by create_image; received by " in written.stdout
    assert "- Added: operation `list_image_events`, GET /images/{imageId}/events" in written.stdout
    assert "breaking" not in written.stdout


@pytest.mark.parametrize(
    "secret",
    [
        "type: string\n          format: password",
        "$ref: '#/components/schemas/Key'",
        "allOf: [{$ref: '#/components/schemas/Key'}]",
    ],
    ids=["inline", "reference", "allOf"],
)
def test_secret_field_is_masked_in_the_model_and_in_one_that_includes_it(tree: Tree, secret: str) -> None:
    key = "    Key: {type: string, format: password, description: A key}\n"
    tree.edit_contract("    Image:\n", f"{key}    Image:\n")
    field = f"        key:\n          description: Its key\n          {secret}\n"
    tree.edit_contract("        size:\n", f"{field}        size:\n")
    written = tree.regenerate()

    assert written.returncode == 0, written.stderr
    for module in ("image", "image_detail"):
        assert '_secrets: ClassVar[tuple[str, ...]] = ("key",)' in tree.read(f"{GENERATED}/models/{module}.py")
    assert ["", "key"] in json.loads(tree.read(f"{GENERATED}/operations.json"))["secrets"]


@pytest.mark.parametrize("option", ["--check", "--release"])
def test_an_addition_needs_a_minor_version(tree: Tree, option: str) -> None:
    grow(tree)
    written = tree.regenerate()
    wanted = "info.version: there are additions since 1.0.0, so 1.0.0 must be 1.1.0"
    assert written.returncode == 0, written.stderr
    assert wanted in written.stdout

    refused = tree.regenerate(option)
    assert refused.returncode == 1
    assert wanted in refused.stderr
    tree.edit_contract("version: 1.0.0", "version: 1.1.0")
    tree.regenerate()
    accepted = tree.regenerate(option)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr


@pytest.mark.parametrize("option", ["--check", "--release"])
def test_lower_contract_version_is_rejected(tree: Tree, option: str) -> None:
    tree.edit_contract("version: 1.0.0", "version: 0.9.0")
    refused = tree.regenerate(option)
    assert refused.returncode == 1
    assert "info.version: 0.9.0 is older than the released 1.0.0" in refused.stderr


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("required: [name, type]\n", "required: [name, type, description]\n", "`ImageCreateForm.description` is now"),
        ("enum: [workflow, webapp, api]", "enum: [workflow, webapp]", "value `api` of `ImageType`"),
        ("required: [source]", "required: [source, secrets]", "`UploadBuild.secrets` is now required"),
    ],
    ids=["field is required now", "value is gone", "field of a union's member is required now"],
)
def test_a_breaking_change_needs_a_major_version(tree: Tree, old: str, new: str, line: str) -> None:
    tree.edit_contract(old, new)
    refused = tree.regenerate()
    assert refused.returncode == 1
    assert "info.version: a change breaks what worked since 1.0.0, so 1.0.0 must be 2.0.0" in refused.stderr
    assert "(**breaking**)" in refused.stdout
    assert line in refused.stdout
    tree.edit_contract("version: 1.0.0", "version: 2.0.0")
    accepted = tree.regenerate("--check")
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr


@pytest.mark.parametrize("option", ["--check", "--release"])
def test_a_word_that_a_removed_field_has_too_is_listed_and_does_not_fail(tree: Tree, option: str) -> None:
    page = tree.folder / "README.md"
    page.write_text('report = {"size": 1}\n', encoding="utf-8")
    tree.edit_contract("        size:\n          type: number\n", "        bytes:\n          type: number\n")
    tree.edit_contract("version: 1.0.0", "version: 2.0.0")
    tree.regenerate()
    ended = tree.regenerate(option)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "by hand, if it is the contract's: README.md:1: size is no longer in the contract" in ended.stdout


@pytest.mark.parametrize("option", ["--check", "--release"])
def test_a_name_of_a_removed_operation_fails(tree: Tree, option: str) -> None:
    page = tree.folder / "README.md"
    page.write_text("client.delete_image(1)\n", encoding="utf-8")
    tree.edit_contract("operationId: delete_image\n", "operationId: remove_image\n")
    tree.edit_contract("version: 1.0.0", "version: 2.0.0")
    tree.regenerate()
    ended = tree.regenerate(option)

    assert ended.returncode == 1
    assert "by hand: README.md:1: delete_image is no longer in the contract" in ended.stdout
    assert "Handwritten code or documentation doesn't fit the contract." in ended.stderr


def test_an_edited_generated_file_is_named(tree: Tree) -> None:
    tree.edit(f"{GENERATED}/types.py", "UNSET", "UNSAT")
    (tree.folder / GENERATED / "extra.py").write_text("")
    (tree.folder / GENERATED / "py.typed").unlink()
    checked = tree.regenerate("--check")
    assert checked.returncode == 1
    for name in ("types.py", "extra.py", "py.typed"):
        assert f"out of date: {GENERATED}/{name}" in checked.stdout


def test_a_change_of_the_asynchronous_source_makes_the_synchronous_one_stale(tree: Tree) -> None:
    tree.edit("wrapper/peak_images/_async/pagination.py", '"""', '"""Changed: ')
    checked = tree.regenerate("--check")
    assert checked.returncode == 1
    assert "out of date: wrapper/peak_images/_sync/pagination.py" in checked.stdout


def test_an_invalid_contract_changes_nothing(tree: Tree) -> None:
    tree.edit_contract("  version: 1.0.0\n", "")
    before = tree.state()
    refused = tree.regenerate()
    assert refused.returncode == 1
    assert "openapi/images.yaml:6: info: " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert tree.state() == before


def test_an_unclean_contract_fails(tree: Tree) -> None:
    if shutil.which("npx") is None:
        pytest.skip("the linter runs on Node.js, which is not here")
    tree.edit_contract("      summary: List images\n", "")
    checked = tree.regenerate("--check", lint=True)
    assert checked.returncode == 1
    assert "operation-summary" in checked.stdout


def test_missing_linter_is_reported(tree: Tree) -> None:
    assert "skipped: the linting of the contract" in tree.regenerate("--check").stdout


def test_a_release_takes_the_contract_as_released(tree: Tree) -> None:
    grow(tree)
    tree.edit_contract("version: 1.0.0", "version: 1.1.0")
    assert tree.regenerate("--release").returncode == 0
    assert tree.read("openapi/released.yaml") == tree.read("openapi/images.yaml")
    assert "Nothing changed for users" in tree.regenerate("--check").stdout


def test_generated_files_have_a_do_not_edit_header() -> None:
    for folder in (GENERATED, "wrapper/peak_images/_sync"):
        for path in (ROOT / folder).rglob("*.py"):
            first = path.read_text(encoding="utf-8").partition("\n")[0]
            assert first.startswith("# Written by scripts/regenerate from "), path
            assert "Do not edit" in first


def test_every_template_override_gives_its_reason() -> None:
    for path in (ROOT / "openapi/templates").rglob("*.jinja"):
        assert path.read_text(encoding="utf-8").startswith(("{# Overridden: ", "{# Added: ")), path


PAGE = """# Bodies

<!-- fields: create_image -->
<!-- end -->

<!-- fields: BuildRequest -->
<!-- end -->

<!-- states: BuildStatus -->
<!-- end -->
"""


def test_tables_of_the_documentation_follow_the_contract(tree: Tree) -> None:
    page = tree.folder / "docs/page.md"
    page.parent.mkdir()
    page.write_text(PAGE, encoding="utf-8")
    tree.edit_contract("[workflow, webapp, api]", "[workflow, webapp, api, agent]")
    assert "out of date: docs/page.md" in tree.regenerate("--check").stdout
    assert page.read_text(encoding="utf-8") == PAGE

    assert "written: docs/page.md" in tree.regenerate().stdout
    text = page.read_text(encoding="utf-8")
    assert "| `type` | What an image is for: `workflow`, `webapp`, `api` or `agent` | required |" in text
    assert "| `useCache` | Whether layers of earlier builds may be used again; only with `upload` | `True` |" in text
    assert "| `source` | `upload` or `dockerfile` |  |" in text
    assert "| `failed`, `success` | final |" in text


def test_table_of_what_the_contract_does_not_have_is_an_error_that_names_the_page(tree: Tree) -> None:
    page = tree.folder / "docs/page.md"
    page.parent.mkdir()
    page.write_text("<!-- fields: make_image -->\n<!-- end -->\n", encoding="utf-8")
    tree.edit_contract("description: What an image is for", "description: Changed")
    before = tree.state()
    refused = tree.regenerate()

    assert (refused.returncode, tree.state() == before) == (1, True)
    assert refused.stderr == "docs/page.md: <!-- fields: make_image -->: the contract has no 'make_image'\n"


def test_docstring_has_values_in_place_and_a_union_of_members_that_share_nothing(tree: Tree) -> None:
    tree.edit_contract("        buildDetails: {$ref", SCHEDULE)
    tree.edit_contract("    ImageCreateForm:\n", MEMBERS)
    written = tree.regenerate()
    assert written.returncode == 0, written.stderr
    text = " ".join(tree.read(f"{GENERATED}/sync_methods/images.py").split())
    assert "- ``mode``: What counts: ``fast``, ``small``." in text
    assert "- ``schedule``: When to build. One of ``Daily`` with ``hour``; ``Cron`` with ``expression``." in text
