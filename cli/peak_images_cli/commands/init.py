"""The command ``init``: a first ignore file and input file for a directory."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from peak_images_cli.exit_codes import CommandError
from peak_images_cli.input_file import INPUT_FILE
from peak_images_cli.option_groups import Argument, command
from peak_images_cli.options import OutputOptions
from peak_images_cli.output import as_yaml, show
from peak_images_cli.terminal import safe_text

if TYPE_CHECKING:
    from rich.console import RenderableType

_IGNORE_FILE: Final = ".dockerignore"

_WEB_APPS: Final = re.compile(r"\b(?:streamlit|dash|gradio|panel|voila|shiny)\b", re.IGNORECASE)
_APIS: Final = re.compile(r"\b(?:fastapi|flask|django|starlette|litestar|plumber|uvicorn|gunicorn)\b", re.IGNORECASE)
_MANIFESTS: Final = ("pyproject.toml", "requirements.txt", "environment.yml", "DESCRIPTION", "renv.lock", "app.R")
_MAX_READ: Final = 2**20


@command(
    Argument("directory", "DIRECTORY", "The directory that images will be built from (default: .)", default="."),
)
def init(options: OutputOptions, directory: str) -> None:
    """Write a first .dockerignore and image.yaml for a directory, from what is in it. No file is overwritten.

    Examples:
        peak-images init
        peak-images init weather
        peak-images init weather --output-type json
    """
    root = Path(directory)
    if not root.is_dir():
        raise CommandError(f"{directory}: not a directory")
    files = init_directory(root)
    first = "" if _find_dockerfile(root) or _has_dockerfile(root) else "write a Dockerfile, then "
    show({"files": files}, options, lambda: [*_lines(files), safe_text(f"next: {first}{_next_step(root)}")])


def init_directory(root: Path) -> list[dict[str, Any]]:
    """Write an ignore file and an input file for a directory; return what was done about each. No file is overwritten.

    Raises:
        CommandError: A file can't be written.
    """
    from peak_build_context.errors import BuildContextError
    from peak_build_context.scaffold import draft_ignore_file

    dockerfile = _find_dockerfile(root)
    try:
        draft = draft_ignore_file(root, dockerfile_path=dockerfile)
    except BuildContextError as error:
        raise CommandError(str(error)) from error
    text, reasons = _input_file(root, dockerfile)
    return [_write(root / _IGNORE_FILE, draft.text, draft.reasons), _write(root / INPUT_FILE, text, reasons)]


def _write(path: Path, text: str, reasons: Sequence[str]) -> dict[str, Any]:
    try:
        with path.open("x", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
    except FileExistsError:
        return {"path": str(path), "written": False, "reasons": ["it exists already"]}
    except OSError as error:
        # Otherwise the next run would keep the incomplete file.
        path.unlink(missing_ok=True)
        raise CommandError(f"{path}: can't be written: {error.strerror}") from error
    return {"path": str(path), "written": True, "reasons": list(reasons)}


def _has_dockerfile(root: Path) -> bool:
    return (root / "Dockerfile").is_file() or (root / "dockerfile").is_file()  # a build takes either


def _find_dockerfile(root: Path) -> str | None:
    if _has_dockerfile(root):
        return None
    found = sorted(
        path.relative_to(root).as_posix()
        for pattern in ("Dockerfile.*", "*.Dockerfile", "[!.]*/Dockerfile", "[!.]*/Dockerfile.*")
        for path in root.glob(pattern)
        if path.is_file() and not path.name.endswith(_IGNORE_FILE)
    )
    return found[0] if found else None


def _input_file(root: Path, dockerfile: str | None) -> tuple[str, list[str]]:
    kind, why = _guess_type(root)
    details: dict[str, object] = {"source": "upload"}
    reasons = [f"type: {kind}, since {why}; change it if that is wrong"]
    if dockerfile:
        details["dockerfilePath"] = dockerfile
        reasons.append(f"dockerfilePath: {dockerfile}, since there is no Dockerfile in the directory itself")
    elif not _has_dockerfile(root):
        reasons.append("there is no Dockerfile yet; a build needs one")
    name = re.sub(r"[^a-z0-9-]+", "-", root.resolve().name.lower()).strip("-") or "my-image"
    body = {"name": name, "type": kind, "buildDetails": details}
    reasons.append("artifact.path: relative to the working directory")
    content = as_yaml({"body": body, "artifact": {"path": root.as_posix()}})
    return f"# Build it: {_next_step(root)}\n{content}", reasons


def _next_step(root: Path) -> str:
    return f"peak-images deploy {shlex.quote(root.as_posix())}"


def _guess_type(root: Path) -> tuple[str, str]:
    manifests = [root / name for name in _MANIFESTS if (root / name).is_file()]
    text = "\n".join(path.read_text("utf-8", "replace")[:_MAX_READ] for path in manifests)
    if found := _WEB_APPS.search(text):
        return "webapp", f"it depends on {found[0]}"
    if found := _APIS.search(text):
        return "api", f"it depends on {found[0]}"
    if any(path.suffix.lower() in (".r", ".rmd") for path in root.iterdir()):
        return "workspace-r", "there are R files"
    if any(root.glob("*.ipynb")) or any(root.glob("notebooks/*.ipynb")):
        return "workspace-python", "there are notebooks"
    return "workflow", "nothing indicates another type"


def _lines(files: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    for file in files:
        yield safe_text(f"{'wrote' if file['written'] else 'kept'} {file['path']}", "bold")
        yield from (safe_text(f"  {reason}") for reason in file["reasons"])
