"""The generated modules that openapi-python-client doesn't write, rendered from templates of this project's own."""

from __future__ import annotations

from pathlib import Path

import jinja2


def render_modules(templates: Path, target: Path) -> None:
    """Write the modules into the generated package.

    Args:
        templates: The directory of the templates.
        target: The directory of the package.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    (target / "operations.py").write_text(environment.get_template("operations.py.jinja").render(), encoding="utf-8")
