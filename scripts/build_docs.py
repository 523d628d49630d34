"""Build the documentation: ``python scripts/build_docs.py``, and open ``build/site/index.html``.

``--serve`` serves it, which its search needs.

What is written by hand is in ``docs/``; what is generated is generated each time, so that it can't drift: the reference
of commands from the command line's own code, the tour from the notebook as it runs on the local service, the changelog
from ``CHANGELOG.md``. A warning is an error, and no page may fetch anything from another host.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
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
"""Which models the page of models has below which heading."""

MODEL_OPTIONS = (
    "    options:",
    "      heading_level: 3",
    "      members: false",
    "      inherited_members: false",
    "      show_signature: false",
    "      merge_init_into_class: false",
)
ENUMS = ("Type", "Status", "Scope", "Source")

HANDWRITTEN = ("*.md", "*.css", "*.ipynb", "*.png")


def stage() -> None:
    """Put everything that the site is made of into one directory."""
    shutil.rmtree(STAGE, ignore_errors=True)
    for pattern in HANDWRITTEN:
        for path in SOURCE.rglob(pattern):
            target = STAGE / path.relative_to(SOURCE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    # In the repository the notebook is what there is to read; the site has it as a page.
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
    """A page with what is made in place of a comment, and of the line below it, which is for readers of the source."""
    parts = re.split(rf"<!-- {mark} -->(?:\n.+)?", text)
    if len(parts) != 2:
        raise ValueError(f"not one comment, <!-- {mark} -->")
    return made.join(parts)


def commands_list() -> str:
    """All commands, each with its arguments and options, from the command line's own code."""
    from typer.main import get_command

    from peak_images_cli.app import make_app

    program: Any = get_command(make_app())
    panels: dict[str, list[Any]] = {}
    for name, command in program.commands.items():
        panels.setdefault(command.rich_help_panel, []).append((name, command))
    lines = [
        f"```\n{usage('peak-images', program)} COMMAND …\n```",
        "",
        str(program.help),
        "",
        *options(program),
    ]
    for panel, commands in panels.items():
        lines += [f"## {panel}", ""]
        for name, command in commands:
            lines += [f"### `{name}` {{ #peak-images-{name} }}", "", str(command.help), ""]
            lines += [f"```\n{usage(f'peak-images {name}', command)}\n```", "", *options(command)]
    return "\n".join(lines)


def operations_list() -> str:
    """The methods that the contract's operations are, in its order, as members for the reference."""
    from peak_images_api.operations import table

    names = dict.fromkeys(operation["documented_as"] for operation in table()["operations"].values())
    return "\n".join(f"        - {name}" for name in names)


def exit_codes() -> str:
    """The table of exit codes."""
    from peak_images_cli.exit_codes import MEANINGS

    lines = ["| code | meaning |", "|---|---|"]
    lines += [f"| {code.value} | {meaning.replace('|', '&#124;')} |" for code, meaning in MEANINGS.items()]
    return "\n".join(lines)


def usage(name: str, command: Any) -> str:
    """How a command is called."""
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    shown = (p.metavar if p.required else f"[{p.metavar}]" for p in arguments)
    return " ".join((name, *shown, "[OPTIONS]"))


def options(command: Any) -> Iterator[str]:
    """The tables of a command's arguments and options, one for each group."""
    groups: dict[str, list[Any]] = {}
    for parameter in command.params:
        if not parameter.hidden:
            groups.setdefault(parameter.rich_help_panel or "", []).append(parameter)
    for title in sorted(groups, key=bool):
        yield from (f"| {title or 'argument or option'} | |", "|---|---|")
        for parameter in groups[title]:
            yield f"| {names(parameter)} | {meaning(parameter)} |"
        yield ""


def names(parameter: Any) -> str:
    """How a parameter is written."""
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar}`"
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.display_type(None)}"
    written = [f"`{name}{value}`" for name in parameter.opts] + [f"`{name}`" for name in parameter.secondary_opts]
    return "<br>".join(written).replace("|", "\\|")


def meaning(parameter: Any) -> str:
    """What a parameter is for, with what goes for it otherwise."""
    parts = [escape(parameter.help or "", quote=False).replace("|", "\\|")]
    if parameter.required:
        parts.append("**Required.**")
    elif parameter.show_default and parameter.default not in (None, False, True):
        parts.append(f"(default: {parameter.default})")
    if parameter.envvar:
        parts.append(f"From the environment: `{parameter.envvar}`.")
    return " ".join(parts)


def models_list() -> str:
    """All models, each with its fields or its values, by what they are about."""
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
        raise ValueError(f"not in one group each: {set(models.__all__) - set(listed)}")
    return "\n".join(lines)


def tour_page(path: Path) -> str:
    """The notebook as a page, with what its cells put out when they run now."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, 4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    first, *cells = notebook.cells
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
    """What a cell has put out, as Markdown."""
    if output.output_type == "stream":
        return f"```text\n{output.text.rstrip()}\n```" if output.name == "stdout" else ""
    if output.output_type == "error":
        raise RuntimeError(output.evalue)
    if "text/html" in output.data:
        html = re.sub(r"<style.*?</style>", "", output.data["text/html"], flags=re.DOTALL)
        return f'<div class="output" markdown="0">{html}</div>'
    return f"```text\n{output.data['text/plain'].rstrip()}\n```"


def check_site() -> list[str]:
    """What a reader without a network would miss: whatever a page takes from another host."""
    taking = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=["']?((?:https?:)?//[^"'\s>]+)""")
    found = []
    for page in SITE.rglob("*.html"):
        found += [f"{page.relative_to(SITE)}: {url}" for url in taking.findall(page.read_text("utf-8"))]
    for sheet in SITE.rglob("*.css"):
        urls = re.findall(r"""(?:url\(|@import )["']?((?:https?:)?//[^"')]+)""", sheet.read_text("utf-8"))
        found += [f"{sheet.relative_to(SITE)}: {url}" for url in urls]
    return found


def main() -> int:
    """Build the site, or serve it while it is being written."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--serve", action="store_true", help="serve it on this machine, as it was when this began")
    arguments = parser.parse_args()
    stage()
    command = [sys.executable, "-m", "zensical", *(["serve"] if arguments.serve else ["build", "--clean", "--strict"])]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode:
        return done.returncode
    elsewhere = check_site()
    sys.stderr.write("".join(f"taken from another host: {line}\n" for line in elsewhere))
    return 1 if elsewhere else 0


if __name__ == "__main__":
    sys.exit(main())
