"""The input file: YAML, or a Jinja template of it, with ``body:`` and ``artifact:``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from peak_images_cli.exit_codes import CommandError
from peak_images_cli.fields import parse_pair, read_text
from peak_images_cli.options import FileOptions
from peak_images_cli.terminal import warn

if TYPE_CHECKING:
    from jinja2 import Environment

INPUT_FILE: Final = "image.yaml"
"""The name that ``init`` gives it, and ``deploy`` looks for."""

_KEYS: Final = ("body", "artifact")


class Document(NamedTuple):
    """The contents of an input file."""

    body: dict[str, Any]
    artifact: dict[str, Any]


def read_document(file: str, options: FileOptions, directory: str | None = None) -> Document:
    """Read an input file.

    Args:
        file: Its path.
        options: The parameters for it, and where it may include files from.
        directory: The directory to build, which overrides that of the file.

    Raises:
        CommandError: One of the files can't be read, or is malformed.
    """
    import yaml

    parameters = _read_params(options.params_file) if options.params_file else {}
    pairs = (parse_pair("--params", text) for text in options.params)
    parameters |= {pair["name"]: _Scalar(pair["value"]) for pair in pairs}
    content = _load_yaml(_render(Path(file), parameters, options.include_root), file, yaml.SafeLoader)
    if not isinstance(content, dict):
        is_dockerfile = "dockerfile" in Path(file).name.lower()
        hint = "give the directory that it is in" if is_dockerfile else "'create --generate' prints an example"
        raise CommandError(f"{file}: not a map with body: and artifact:", hint)
    for key in content:
        if key not in _KEYS:
            warn(f"{file}: {key}: no such key, ignored; known: {', '.join(_KEYS)}")
    document = Document(_map(file, content, "body"), _map(file, content, "artifact"))
    if document.artifact.get("check") is False:  # YAML parses off as false
        document.artifact["check"] = "off"
    if directory is None:
        _warn_of_directory(Path(file), document.artifact.get("path"))
    return document


def _warn_of_directory(file: Path, path: Any) -> None:
    """Warn of a path that seems relative to the file: as in the SDK, it is relative to the working directory."""
    if (
        isinstance(path, str)
        and not Path(path, "Dockerfile").is_file()
        and (file.parent / path / "Dockerfile").is_file()
    ):
        meant = file.parent / path
        warn(f"artifact.path: {path} is {Path(path).resolve()}, which has no Dockerfile; {meant} has one")


def _map(file: str, content: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = content.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CommandError(f"{file}: {key}: not a map")
    full: dict[str, Any] = _without_nothing(value)
    return full


def _without_nothing(value: Any) -> Any:
    """Return a value without fields that a template left empty."""
    if isinstance(value, dict):
        return {key: _without_nothing(inner) for key, inner in value.items() if inner is not None}
    return value


def _read_params(path: str) -> dict[str, Any]:
    content = _load_yaml(_read(Path(path)), path, _text_loader())
    if not isinstance(content, dict):
        raise CommandError(f"{path}: not a map of parameters")
    return content


def _read(path: Path) -> str:
    try:
        return read_text(path)
    except OSError as error:
        hint = "--artifact-path gives the directory to build from" if path.is_dir() else ""
        raise CommandError(f"{path}: can't be read: {error.strerror}", hint) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: not UTF-8 text: {error}") from error


class _Scalar(str):
    """A parameter as text, so that ``1.10`` keeps its zero. ``no``, ``off`` and the like are false."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return self.lower() not in ("", "false", "no", "off", "null", "~")


def _text_loader() -> Any:
    """Return a YAML loader whose scalars stay text, as those of --params do."""
    import yaml

    class Loader(yaml.SafeLoader):
        """A loader without numbers, times and the like, but with merge keys."""

    def construct(_: Any, node: Any) -> str:
        return str(node.value) if node.style else _Scalar(node.value)

    Loader.yaml_implicit_resolvers = {"<": yaml.SafeLoader.yaml_implicit_resolvers["<"]}
    Loader.add_constructor("tag:yaml.org,2002:str", construct)
    return Loader


def _load_yaml(text: str, file: str, loader: Any) -> Any:
    import yaml

    try:
        content = yaml.load(text, loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise CommandError(f"{file}: not YAML: {error}") from error
    return {} if content is None else content


def _render(path: Path, parameters: Mapping[str, Any], include_root: Path | None) -> str:
    import jinja2

    try:
        environment = _environment(path, include_root)
        rendered: str = environment.get_template(str(path)).render(parameters, os_env=dict(os.environ))
    except jinja2.TemplateSyntaxError as error:
        where = f"{error.filename or path}:{error.lineno}"
        raise CommandError(f"{where}: not a Jinja template: {error.message}") from error
    except jinja2.TemplateNotFound as error:
        raise CommandError(f"{path}: includes {error.name}, which doesn't exist") from error
    except jinja2.UndefinedError as error:
        hint = "give it by --params NAME=VALUE or --params-file, what os_env lacks by an environment variable"
        raise CommandError(f"{path}: {error.message}", hint) from error
    except RecursionError as error:
        raise CommandError(f"{path}: includes itself") from error
    except TypeError as error:
        problem = str(error).replace(_Scalar.__name__, "str")
        raise CommandError(f"{path}: {problem}", "parameters are text: {{ name | int }} is a number") from error
    except (jinja2.TemplateError, ArithmeticError, LookupError, ValueError) as error:
        raise CommandError(f"{path}: {error}") from error
    return rendered


def _environment(main: Path, include_root: Path | None) -> Environment:
    import jinja2
    from jinja2.ext import Extension
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    roots = [include_root] if include_root else [main.parent, Path()]
    bounds = [root.resolve() for root in roots]

    class LenientUndefined(jinja2.Undefined):
        """A missing parameter: false in a condition, an error where its value is needed."""

        def __str__(self) -> str:
            return str(self._fail_with_undefined_error())

    class Includes(Extension):
        """Indents an included file like the line that includes it, as YAML requires."""

        def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
            del name, filename
            return re.sub(
                r"^(?P<margin>[ ]+)(?P<include>\{%[-+]?\s*include\s[^%]*%\})[ ]*$",
                lambda found: (
                    f"{found['margin']}{{% filter indent({len(found['margin'])}) %}}{found['include']}{{% endfilter %}}"
                ),
                source,
                flags=re.MULTILINE,
            )

    def load(template: str) -> tuple[str, str, None]:
        path = Path(template)
        if path == main:
            return _read(path), template, None
        if not path.is_file():
            raise jinja2.TemplateNotFound(template)
        if not any(path.resolve().is_relative_to(bound) for bound in bounds):
            allowed = " and ".join(dict.fromkeys(map(str, bounds)))
            raise CommandError(
                f"{main}: includes {path.resolve()}, which is outside of {allowed}",
                "--include-root DIRECTORY allows another directory",
            )
        return _with_context(_read(path), path.parent, main.parent), template, None

    class Sandbox(ImmutableSandboxedEnvironment):
        """A sandbox, since a template may come from others: it can read its parameters, and change nothing."""

        def join_path(self, template: str, parent: str) -> str:
            """Look beside the including file, beside the main one, and in the working directory."""
            found = (directory / template for directory in (Path(parent).parent, main.parent, Path()))
            return str(next((path for path in found if path.is_file()), Path(template)))

    loader = jinja2.FunctionLoader(load)
    return Sandbox(loader=loader, undefined=LenientUndefined, extensions=[Includes], keep_trailing_newline=True)


def _with_context(source: str, directory: Path, main_directory: Path) -> str:
    """Return an included file with its ``context`` relative to the including file, as in the SDK."""

    def relocate(found: re.Match[str]) -> str:
        path = directory / found["path"].strip("\"'")
        return f"{found['key']}{Path(os.path.relpath(path, main_directory)).as_posix()}"

    return re.sub(r"^(?P<key>\s*context\s*:[ \t]+)(?P<path>\S.*?)[ \t]*$", relocate, source, flags=re.MULTILINE)
