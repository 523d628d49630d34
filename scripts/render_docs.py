"""Render the tables of the documentation from the contract.

They are between comments in the pages, so that they can be read in the repository too:

- ``<!-- fields: create_image create_version -->``: the fields of the bodies of operations;
- ``<!-- fields: BuildRequest -->``: those of a schema, of all members if it is a union;
- ``<!-- states: BuildStatus -->``: which values of an enum are final.

Each ends with ``<!-- end -->``.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

from contract_document import enum_values, flatten, operations, resolve, union_members
from contract_file import ContractFileError

BLOCK = re.compile(r"(<!-- (fields|states): ([^>]+?) -->\n).*?(<!-- end -->)", re.DOTALL)
DEFAULT = re.compile(r" \(default: ([^()]*)\)")


def render_pages(document: dict[str, Any], root: Path) -> dict[Path, str]:
    """Return the pages that have such tables, with the tables as they must be, by their paths below the root.

    Raises:
        ContractFileError: A page names an operation or a schema that isn't in the contract.
    """
    pages = {}
    for path in sorted((root / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if BLOCK.search(text):
            name = path.relative_to(root)
            pages[name] = BLOCK.sub(partial(_block, document, name), text)
    return pages


def _block(document: dict[str, Any], page: Path, match: re.Match[str]) -> str:
    render = _fields_table if match[2] == "fields" else _states_table
    try:
        return f"{match[1]}\n{render(document, match[3].split())}\n{match[4]}"
    except KeyError as error:
        place = f"{page.as_posix()}: {match[1].strip()}"
        raise ContractFileError(f"{place}: the contract has no {error.args[0]!r}") from error


def _schemas(document: dict[str, Any], names: list[str]) -> dict[str, dict[str, Any]]:
    """Return the objects of operations or schemas, by the label that distinguishes them."""
    bodies = {
        operation.name: next(iter(resolve(document, operation.node["requestBody"])["content"].values()))["schema"]
        for operation in operations(document)
        if "requestBody" in operation.node
    }
    found = {}
    for name in names:
        node = bodies.get(name) or document["components"]["schemas"][name]
        members = union_members(document, node)
        for member in members or [node]:
            title = _constant(document, member) if members else name
            found[title] = flatten(document, member)
    return found


def _constant(document: dict[str, Any], member: dict[str, Any]) -> str:
    """Return what distinguishes a member of a union: the value of its constant field."""
    for field in flatten(document, member)["properties"].values():
        if "const" in resolve(document, field):
            return str(resolve(document, field)["const"])
    return str(member.get("$ref", "")).rpartition("/")[2]


def _fields_table(document: dict[str, Any], names: list[str]) -> str:
    schemas = _schemas(document, names)
    fields: dict[str, dict[str, Any]] = {}
    for title, schema in schemas.items():
        for name, field in schema["properties"].items():
            if resolve(document, field).get("format") != "binary":
                fields.setdefault(name, {})[title] = field
    rows = ["| field | what it is | default |", "|---|---|---|"]
    for name, found in fields.items():
        required = [title for title in found if name in schemas[title]["required"]]
        default = _default(document, found, required)
        rows.append(f"| `{name}` | {_meaning(document, found, len(schemas))} | {default} |")
    return "\n".join(rows) + "\n"


def _meaning(document: dict[str, Any], found: dict[str, Any], total: int) -> str:
    nodes = {title: resolve(document, field) for title, field in found.items()}
    constants = [str(node.get("const", "")) for node in nodes.values()]
    if all(constants):
        return _listed(constants)
    texts = {title: DEFAULT.sub("", str(node.get("description", ""))) for title, node in nodes.items()}
    text = next(iter(texts.values()))
    if all(node.get("deprecated") for node in nodes.values()):
        text = f"Deprecated. {text}"
    if len(set(texts.values())) > 1:
        text = "; ".join(f"`{title}`: {each}" for title, each in texts.items())
    if values := enum_values(document, next(iter(found.values()))):
        text += f": {_listed(list(map(str, values)))}"
    if len(found) < total:
        text += f"; only with {_listed(list(found))}"
    return text.replace("\n", " ").replace("|", "\\|")


def _default(document: dict[str, Any], found: dict[str, Any], required: list[str]) -> str:
    if required and any("const" not in resolve(document, field) for field in found.values()):
        return "required" if len(required) == len(found) else f"required with {_listed(required)}"
    defaults = {}
    for title, field in found.items():
        node = resolve(document, field)
        written = DEFAULT.search(str(node.get("description", "")))
        given = node.get("x-default-when-absent", node.get("default"))
        if isinstance(given, dict):
            given = ", ".join(f"{key}: {value}" for key, value in given.items())
        defaults[title] = written[1] if written else "" if given is None else f"`{given}`"
    distinct = list(dict.fromkeys(defaults.values()))
    if len(distinct) == 1:
        return distinct[0]
    return "; ".join(f"{default} (`{title}`)" for title, default in defaults.items() if default)


def _states_table(document: dict[str, Any], names: list[str]) -> str:
    rows = ["| state | |", "|---|---|"]
    for name in names:
        schema = document["components"]["schemas"][name]
        final = schema.get("x-final", [])
        others = [value for value in schema["enum"] if value not in final]
        rows += [f"| {_ticks(others)} | in progress |", f"| {_ticks(final)} | final |"]
    return "\n".join(rows) + "\n"


def _ticks(values: list[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _listed(values: list[str]) -> str:
    """Return values in words: ``a``, ``b`` or ``c``."""
    *first, last = [f"`{value}`" for value in values]
    return f"{', '.join(first)} or {last}" if first else last
