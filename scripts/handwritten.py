"""What handwritten code and the contract must agree on: names that are taken, needed, gone or not yet known."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from contract_changes import read_operations
from contract_document import ContractError, python_name

CLIENT: Final = "wrapper/peak_images"
COMMANDS: Final = "cli/peak_images_cli/app.py"
CALLERS: Final = (f"{CLIENT}/_async", "cli/peak_images_cli")
"""Where methods of the client are called by hand."""

SETTINGS: Final = "wrapper/peak_images/_settings.py"
HANDLERS: Final = "local/peak_images_local/handlers/__init__.py"
LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts of servers that the client needs no address for: they are given as the URL of a local service."""

SOURCES: Final = (CLIENT, "cli/peak_images_cli", "local/peak_images_local", "examples", "docs", "README.md")
"""Where names of the contract are written by hand."""


def check_names(document: dict[str, Any], root: Path) -> None:
    """Check that no operation has the method or the command of handwritten code, and that what that needs is there.

    Args:
        document: The contract.
        root: The directory of the project.

    Raises:
        ContractError: A name is taken, or states that handwritten code waits for are missing.
    """
    methods = {"close", *_methods(root / CLIENT / "_async")}  # aclose of the synchronous client
    commands = _commands(root / COMMANDS)
    for name, operation in read_operations(document).items():
        path = ("paths", operation.path, operation.method.lower())
        method = operation.described.get("x-python-name", python_name(name))
        command = operation.described.get("x-cli-name", python_name(name).strip("_").replace("_", "-"))
        if method in methods:
            raise ContractError(path, f"the client has a handwritten method {method}: give x-python-name")
        if command in commands and not method.startswith("_"):
            raise ContractError(path, f"the command line has a handwritten command {command}: give x-cli-name")
    schemas = document["components"]["schemas"]
    for place, enum in _matches(root, re.compile(r'final_states\("(\w+)"\)')):
        if "x-final" not in schemas.get(enum, {}):
            raise ContractError(("components", "schemas", enum), f"x-final is required: {place} waits for these states")
    _check_servers(document, _read(root / SETTINGS))


def _check_servers(document: dict[str, Any], settings: str) -> None:
    """Check that the client has the addresses of the servers, with all values of their variables."""
    for index, server in enumerate(document.get("servers", ()) if settings else ()):
        urls = {server["url"]}
        for name, variable in server.get("variables", {}).items():
            values = variable.get("enum", [variable["default"]])
            urls = {url.replace(f"{{{name}}}", value) for url in urls for value in values}
        for url in sorted(urls):
            parts = urlsplit(url)
            if parts.hostname in LOOPBACK_HOSTS:
                continue
            origin, prefix = f'"{parts.scheme}://{parts.netloc}"', f'PATH_PREFIX: Final = "{parts.path.rstrip("/")}"'
            for text in (origin, prefix):
                if text not in settings:
                    raise ContractError(("servers", index), f"{SETTINGS} has the addresses by hand, and not {text}")


def find_stale_operations(released: dict[str, Any], contract: dict[str, Any], root: Path) -> list[str]:
    """Return where handwritten code and pages name operations that were removed from the contract.

    Args:
        released: The contract as of the last release.
        contract: The contract.
        root: The directory of the project.
    """
    operations = read_operations(released).keys() - read_operations(contract).keys()
    return _find_removed(operations, '(?<=[".])({names})(?=["(])', root)


def find_stale_fields(released: dict[str, Any], contract: dict[str, Any], root: Path) -> list[str]:
    """Return where handwritten code and pages have a removed field or parameter, or the same word for something else.

    Args:
        released: The contract as of the last release.
        contract: The contract.
        root: The directory of the project.
    """
    fields = set(_fields(released)) - set(_fields(contract))
    # As a string, alone or in a path such as "latestVersion.status".
    return _find_removed(fields, r'"(?:[\w.]+\.)?({names})(?:\.[\w.]+)?"', root)


def _find_removed(names: Collection[str], pattern: str, root: Path) -> list[str]:
    alternatives = "|".join(map(re.escape, names))
    found = _matches(root, re.compile(pattern.replace("{names}", alternatives))) if names else ()
    return [f"{place}: {name} is no longer in the contract" for place, name in sorted(found)]


def find_misfits(table: dict[str, Any], root: Path) -> list[str]:
    """Return the calls of generated methods in handwritten code that lack an argument, or have one that is gone.

    Args:
        table: The operations table.
        root: The directory of the project.
    """
    operations = {one["python_name"]: one for one in table["operations"].values()}
    found = []
    for path in (path for source in CALLERS for path in sorted((root / source).rglob("*.py"))):
        text = _read(path)
        calls = ast.walk(ast.parse(text)) if any(f".{name}(" in text for name in operations) else ()
        for call in (node for node in calls if isinstance(node, ast.Call)):
            name = getattr(call.func, "attr", "")
            if name in operations and (problem := _misfit(operations[name], call)):
                found.append(f"{path.relative_to(root).as_posix()}:{call.lineno}: {name} {problem}")
    return found


def _misfit(operation: dict[str, Any], call: ast.Call) -> str | None:
    given = [keyword.arg for keyword in call.keywords]
    if None in given or any(isinstance(argument, ast.Starred) for argument in call.args):
        return None  # which arguments are given, only the run shows
    listed = operation["parameters"]
    positional = [one["argument"] for one in listed if one["place"] == "path"]
    positional += ["body"] if operation["body"] and operation["body"]["required"] else []
    positional += [one["argument"] for one in listed if one["required"] and one["place"] == "query"]
    keywords = [one["argument"] for one in listed if one["required"] and one["place"] in ("header", "cookie")]
    if missing := [name for name in (*positional[len(call.args) :], *keywords) if name not in given]:
        return f"now requires {', '.join(missing)}"
    known = {one["argument"] for one in listed} | {"artifact", "body", "on_progress", "prefetch", "return_iterator"}
    gone = [str(name) for name in given if name not in known]
    return f"has no argument {', '.join(gone)}" if gone else None


def find_unhandled(contract: dict[str, Any], root: Path) -> list[str]:
    """Return the operations that the local service has no handler for.

    Args:
        contract: The contract.
        root: The directory of the project.
    """
    handled = set(re.findall(r'^    "(\w+)": ', _read(root / HANDLERS), re.MULTILINE))
    return [name for name in read_operations(contract) if handled and name not in handled]


def _methods(directory: Path) -> Iterator[str]:
    """Yield the methods of the client, those that its handwritten bases define."""
    trees = [ast.parse(_read(path)) for path in directory.glob("*.py")]
    classes = {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}
    names = ["AsyncImage"]
    while names:
        if node := classes.get(names.pop()):
            yield from (one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
            names += [base.id for base in node.bases if isinstance(base, ast.Name)]


def _commands(app: Path) -> set[str]:
    """Return the handwritten commands, the keys of the table that names their modules."""
    keys: set[str] = set()
    for node in ast.parse(_read(app)).body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "_HANDWRITTEN":
            tables = [one for one in ast.walk(node) if isinstance(one, ast.Dict)]
            keys |= {str(key.value) for one in tables for key in one.keys if isinstance(key, ast.Constant)}
    return keys


def _fields(node: Any) -> Iterator[str]:
    """Yield the names of all fields and parameters."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield from node["properties"]
        if "in" in node and isinstance(node.get("name"), str):
            yield node["name"]
        for value in node.values():
            yield from _fields(value)
    elif isinstance(node, list):
        for item in node:
            yield from _fields(item)


def _matches(root: Path, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield what handwritten code and pages have of a pattern's group, each with the file and the line."""
    for source in SOURCES:
        paths = [root / source] if (root / source).is_file() else sorted((root / source).rglob("*"))
        for path in paths:
            if path.suffix in (".py", ".md") and "_sync" not in path.parts:
                for number, line in enumerate(_read(path).splitlines(), 1):
                    yield from ((f"{path.relative_to(root).as_posix()}:{number}", one) for one in pattern.findall(line))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
