"""Build the documentation: ``python scripts/build_docs.py``, and open ``build/site/index.html``.

``--serve`` serves it, which its search needs.

Handwritten pages are in ``docs/``. Generated pages are written at each build: the reference of commands from the code
of the command line, the tour from the notebook and its outputs, the changelog from ``CHANGELOG.md``. The addresses of
the site and the repository are those of ``[project.urls]`` in ``pyproject.toml``. A warning is an error, and no page
may fetch anything from another host.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs"
STAGE = ROOT / "build" / "docs"
SITE = ROOT / "build" / "site"

MODELS = {
    "Images": "Image.*",
    "Versions": "Version.*|Tag|Autodeploy.*|Deleting",
    "Build details": "BuildDetails|BuildChange|BuildSource|BuildArgument|.+Build",
    "Builds": "Build|BuildPage|BuildStatus|BuildLogs.*|LogEntry",
    "Errors": "Error",
}
"""The headings of the page of models, each with the pattern of the models below it."""

MODEL_OPTIONS = (
    "    options:",
    "      heading_level: 3",
    "      members: false",
    "      inherited_members: false",
    "      show_signature: false",
    "      merge_init_into_class: false",
)
ENUMS = ("Type", "Status", "Scope", "Source")

HANDWRITTEN = ("*.md", "*.css", "*.ipynb", "*.png", "*.svg")
ADDRESSES = {"DOCS_SITE_URL": "Documentation", "DOCS_REPO_URL": "Repository"}
"""The variables of ``mkdocs.yml``, each with its name in ``[project.urls]``; empty until it is there."""


def stage() -> None:
    """Copy the handwritten pages to one directory, and write the generated ones there."""
    shutil.rmtree(STAGE, ignore_errors=True)
    for pattern in HANDWRITTEN:
        for path in SOURCE.rglob(pattern):
            target = STAGE / path.relative_to(SOURCE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    # The repository has the notebook itself, the site a page made from it.
    index = STAGE / "index.md"
    index.write_text(index.read_text("utf-8").replace("](images.ipynb)", "](tour.md)"), "utf-8")
    (STAGE / "changelog.md").write_text((ROOT / "CHANGELOG.md").read_text("utf-8"), "utf-8")
    for name, mark, made in (
        ("commands", "commands", commands_list()),
        ("commands", "exit codes", exit_codes()),
        ("models", "models", models_list()),
        ("client", "operations", operations_list()),
    ):
        page = STAGE / "reference" / f"{name}.md"
        page.write_text(filled(page.read_text("utf-8"), mark, made), "utf-8")
    (STAGE / "tour.md").write_text(tour_page(SOURCE / "images.ipynb"), "utf-8")


def filled(text: str, mark: str, made: str) -> str:
    """Replace a comment of a page, and the line below it, which is for readers of the source, by generated text."""
    parts = re.split(rf"<!-- {mark} -->(?:\n.+)?", text)
    if len(parts) != 2:
        raise ValueError(f"expected one comment, <!-- {mark} -->")
    return made.join(parts)


def commands_list() -> str:
    """Return all commands, each with its arguments and options, from the command line's own code."""
    from peak_images_cli.app import Program

    program: Any = Program()
    lines = [
        f"```\n{usage('peak-images', program)} COMMAND …\n```",
        "",
        str(program.help),
        "",
        *options("peak-images", program),
    ]
    for heading, commands in program.headings().items():
        lines += [f"## {heading}", ""]
        for name in commands:
            command = program.get_command(None, name)
            lines += [f"### `{name}` {{ #peak-images-{name} }}", ""]
            lines += [f"```\n{usage(f'peak-images {name}', command)}\n```", "", str(command.help), ""]
            lines += options(f"peak-images-{name}", command)
    return "\n".join(lines)


def operations_list() -> str:
    """Return the methods of the contract's operations, in its order, as members for the reference."""
    from peak_images_api.operations import table

    names = dict.fromkeys(operation["documented_as"] for operation in table()["operations"].values())
    return "\n".join(f"        - {name}" for name in names)


def exit_codes() -> str:
    """Return the table of exit codes."""
    from peak_images_cli.exit_codes import MEANINGS

    lines = ["| code | meaning |", "|---|---|"]
    lines += [f"| {code.value} | {meaning.replace('|', '&#124;')} |" for code, meaning in MEANINGS.items()]
    return "\n".join(lines)


def usage(name: str, command: Any) -> str:
    """Return the usage line of a command."""
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    shown = (p.metavar if p.required else f"[{p.metavar}]" for p in arguments)
    return " ".join((name, *shown, "[OPTIONS]"))


def options(anchor: str, command: Any) -> Iterator[str]:
    """Yield the tables of a command's arguments and options, one for each group."""
    groups: dict[str, list[Any]] = {}
    for parameter in command.params:
        title = getattr(parameter, "panel", "Options")
        groups.setdefault("argument or option" if title == "Options" else title, []).append(parameter)
    for title in sorted(groups, key=lambda title: title != "argument or option"):
        yield from (f"| {title} | |", "|---|---|")
        for parameter in groups[title]:
            yield f"| {names(anchor, parameter)} | {meaning(parameter)} |"
        yield ""


def names(anchor: str, parameter: Any) -> str:
    """Return the spellings of a parameter; those of an option are a link to its own row."""
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar}`"
    value = "" if parameter.is_flag else f" {parameter.metavar}"
    spellings = [f"`{name}{value}`" for name in parameter.opts] + [f"`{name}`" for name in parameter.secondary_opts]
    target = anchor + max(parameter.opts, key=len)
    return f"[{'<br>'.join(spellings)}](#{target}){{ #{target} }}".replace("|", "\\|")


def meaning(parameter: Any) -> str:
    """Return the help of a parameter, with its default and its environment variable."""
    parts = [escape(parameter.help or "", quote=False).replace("|", "\\|")]
    if parameter.required:
        parts.append("(required)")
    elif parameter.param_type_name == "option" and not parameter.is_flag and parameter.default is not None:
        parts.append(f"(default: {parameter.default})")
    if parameter.envvar:
        parts.append(f"(environment: `{parameter.envvar}`)")
    return " ".join(parts)


def models_list() -> str:
    """Return all models by subject, each with its fields or values."""
    from peak_images_api import models

    lines: list[str] = []
    for title, pattern in MODELS.items():
        lines += [f"## {title}", ""]
        for name in filter(re.compile(pattern).fullmatch, models.__all__):
            values = [f"`{value}`" for value in getattr(models, name, ())] if name.endswith(ENUMS) else []
            lines += [f"::: peak_images_api.models.{name}", *MODEL_OPTIONS, ""]
            lines += [f"One of {', '.join(values)}.", ""] if values else []
    listed = [name for name in models.__all__ if sum(bool(re.fullmatch(p, name)) for p in MODELS.values()) == 1]
    if listed != list(models.__all__):
        raise ValueError(f"not in exactly one group: {set(models.__all__) - set(listed)}")
    return "\n".join(lines)


def tour_page(path: Path) -> str:
    """Return the notebook, with the outputs that it was saved with, as a page."""
    import nbformat

    first, *cells = nbformat.read(path, 4).cells  # type: ignore[no-untyped-call]
    note = "This page is a notebook, [images.ipynb](images.ipynb), as it ran on the local service."
    parts = [first.source, note]
    for cell in cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        parts += [shown for output in cell.outputs if (shown := output_of(output))]
    return "\n\n".join(parts) + "\n"


def output_of(output: Any) -> str:
    """Return an output of a cell as Markdown."""
    if output.output_type == "stream":
        return f"```text\n{output.text.rstrip()}\n```"
    if "text/html" in output.data:
        html = re.sub(r"<style.*?</style>", "", output.data["text/html"], flags=re.DOTALL)
        return f'<div class="output" markdown="0">{html}</div>'
    return f"```text\n{output.data['text/plain'].rstrip()}\n```"


def check_site() -> list[str]:
    """Return what pages load from other hosts, which is missing without a network."""
    taking = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=["']?((?:https?:)?//[^"'\s>]+)""")
    found = []
    for page in SITE.rglob("*.html"):
        found += [f"{page.relative_to(SITE)}: {url}" for url in taking.findall(page.read_text("utf-8"))]
    for sheet in SITE.rglob("*.css"):
        urls = re.findall(r"""(?:url\(|@import )["']?((?:https?:)?//[^"')]+)""", sheet.read_text("utf-8"))
        found += [f"{sheet.relative_to(SITE)}: {url}" for url in urls]
    return found


def main() -> int:
    """Build the site, or serve it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--serve", action="store_true", help="serve it on this machine, as of now")
    arguments = parser.parse_args()
    stage()
    command = [sys.executable, "-m", "zensical", *(["serve"] if arguments.serve else ["build", "--clean", "--strict"])]
    addresses = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    environment = {variable: addresses.get(name, "") for variable, name in ADDRESSES.items()}
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False)
    if done.returncode:
        return done.returncode
    elsewhere = check_site()
    sys.stderr.write("".join(f"loaded from another host: {line}\n" for line in elsewhere))
    return 1 if elsewhere else 0


if __name__ == "__main__":
    sys.exit(main())
