"""Render the generated modules that openapi-python-client doesn't write, from this project's templates."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import jinja2

from contract_document import class_name
from render_methods import methods, rst
from render_operations import describe_operations
from render_types import Types

FLAVOURS = {"async_methods": "Async", "sync_methods": ""}


def render_modules(document: dict[str, Any], templates: Path, target: Path) -> None:
    """Write the modules into the generated package.

    Args:
        document: The contract, normalized.
        templates: The directory of the templates.
        target: The directory of the package.
    """
    table = describe_operations(document)
    text = json.dumps(table, indent=1, ensure_ascii=False)
    (target / "operations.json").write_text(f"{text}\n", encoding="utf-8")
    types = Types(document, table)
    by_tag = methods(types)
    environment = _environment(templates)

    def write(template: str, name: str, **values: Any) -> None:
        path = target / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(environment.get_template(template).render(**values), encoding="utf-8")

    for name in ("operations", "payload", "bodies", "responses"):
        write(f"{name}.py.jinja", f"{name}.py", types=types)
    for package, prefix in FLAVOURS.items():
        flavour = {"prefix": prefix, "is_async": bool(prefix)}
        write("methods_caller.py.jinja", f"{package}/_caller.py", **flavour)
        write("methods_init.py.jinja", f"{package}/__init__.py", tags=list(by_tag), **flavour)
        for tag, found in by_tag.items():
            write("methods.py.jinja", f"{package}/{tag}.py", tag=tag, methods=found, **flavour)


def _environment(templates: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"class_name": class_name, "docstring": rst, "python": repr, "rst": rst, "wrap": _wrap}
    return environment


def _wrap(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
