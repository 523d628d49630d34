"""The parts that the commands are made of."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import peak_images_cli
from peak_build_context.text import format_size
from peak_images_cli.fields import split
from peak_images_cli.option_groups import Argument, Options, command, option
from peak_images_cli.progress import log_line
from peak_images_cli.values import as_text, readable_time


class CopyOptions(Options):
    name: str = option("TEXT", "The name", default="unnamed")
    count: int | None = option("N", "How many", type=int)


def test_command_has_an_option_for_each_attribute_of_a_group():
    seen = []

    @command(Argument("path", "PATH", "Where it is"))
    def copy_all(options: CopyOptions, path: str) -> None:
        """What it does."""
        seen.append((path, vars(options)))

    assert [parameter.name for parameter in copy_all.params] == ["path", "name", "count"]
    assert (copy_all.name, copy_all.help) == ("copy-all", "What it does.")
    copy_all.main(["a", "--name", "b", "--count", "2"], standalone_mode=False)
    assert seen == [("a", {"name": "b", "count": 2})]


@pytest.mark.parametrize(
    ("values", "parts"), [(None, None), ([], None), ([","], None), (["a,b", " c "], ["a", "b", "c"])]
)
def test_split(values, parts):
    assert split(values) == parts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", "-"),
        ([], "-"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ([{"name": "a", "color": "#000000"}, {"name": "b"}], "a, b"),
        ([{"name": "A", "value": "1"}], "A=1"),
        ([{"entityId": "1", "entityType": "api"}], "entityId=1, entityType=api"),
        ("2023-06-01T18:00:00.000Z", "2023-06-01 18:00:00"),
        ("2023-06-01T18:00:00+02:00", "2023-06-01T18:00:00+02:00"),
        ("FROM nginx\nRUN true", "FROM nginx\nRUN true"),
    ],
)
def test_as_text(value, text):
    assert as_text(value) == text


def test_readable_time_of_other_text_is_empty():
    assert readable_time("Twelve o'clockZ") == ""


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (3 << 20, "3.0 MiB"), (5 << 30, "5.0 GiB")]
)
def test_size_of(size, text):
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"timestamp": "2023-06-01T18:00:00.000Z", "message": "a\n"}, "2023-06-01 18:00:00  a"),
        ({"timestamp": 1685642400000, "message": "a"}, "2023-06-01 18:00:00  a"),
        ({"timestamp": "9" * 30, "message": "a"}, f"{'9' * 30}  a"),
        ({"timestamp": "²", "message": "a"}, "²  a"),
        ({"message": "\x1b[32ma\x1b[0m\x07"}, "a�"),
        ({}, ""),
    ],
)
def test_log_line_has_time_and_message(entry, line):
    assert log_line(entry) == line


def test_cli_uses_public_names_of_the_client_only():
    for path in Path(peak_images_cli.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                assert not module.startswith("peak_images._"), f"{path}: {module}"
                assert module != "httpx", path
