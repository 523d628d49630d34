"""Examples: the files that ``--generate`` prints, and the lines in the help of each command."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from peak_images_cli.command import CREATE_OR_UPDATE, Command, described_commands
from peak_images_cli.fields import Field
from peak_images_cli.option_groups import flag, print_and_exit
from peak_images_cli.options import SourceOptions

_HEAD: Final = """\
# For: peak-images {usage}
# Fields are optional unless they are marked required. The whole file is a Jinja template:
# {{# {{{{ tag }}}} is a parameter, given by --params tag=1.2.3 or a --params-file #}}
# {{# {{{{ os_env.NAME }}}} is a variable of the environment #}}
body:
"""

_ARTIFACT: Final = """\
artifact:                         # with the source upload only
  path: .                         # the directory to build from, relative to the working directory
  # ignore_files:                 # (default: .dockerignore)
  #   - .dockerignore
"""

_COMMANDS: Final[Mapping[str, Sequence[str]]] = {
    "list": ("", "--status ready,in-use --name weather", "--all -o csv --columns id,name,latestVersion.version"),
    "create": ("--name weather --type api --artifact-path . --wait", "weather.yaml --params tag=0.0.2", "--generate"),
    "describe": ("weather", "101", "weather -o yaml"),
    "delete": ("weather", "101 --yes --wait", "weather --dry-run"),
    "list-versions": ("weather", "weather --last-build-status failed", "101 --all -o csv"),
    "create-version": ("weather --artifact-path . --wait", "weather version.yaml", "weather --dockerfile @Dockerfile"),
    "delete-versions": (
        "weather --version-ids 0.0.1,0.0.2",
        "--image-id 101 --version-ids 201 --yes",
        "weather --version-ids 0.0.1 --dry-run",
    ),
    "describe-version": ("weather:0.0.2", "--image-id 101 --version-id 201", "weather:0.0.2 -o json"),
    "update-version": (
        "weather:0.0.2 --artifact-path . --wait",
        "weather:0.0.2 version.yaml",
        "weather:0.0.2 --no-use-cache --dry-run",
    ),
    "delete-version": ("weather:0.0.2", "weather:0.0.2 --yes --wait", "--image-id 101 --version-id 201 --dry-run"),
    "list-builds": ("weather", "weather --build-status failed", "weather --version-ids 0.0.2 --date-from 2024-01-01"),
    "create-or-update": (
        "weather.yaml --params tag=0.0.2 --wait",
        "--name weather --type api --version 0.0.3 --artifact-path .",
        "weather.yaml --dry-run",
    ),
}
"""The arguments of the examples by command; by default those of the operation's description."""


_PLACES: Final = {"IMAGE": "weather", "IMAGE:VERSION": "weather:0.0.2"}


class ExampleOptions(SourceOptions):
    """Options for what is built, with an example of an input file."""

    panel = "Input file"
    generate: bool = flag(
        "Print an example of FILE and exit", **print_and_exit(lambda context: example_for(str(context.info_name)))
    )


def examples_of(command: Command) -> list[str]:
    """Return lines that show how a command is called."""
    lines = _COMMANDS.get(command.name)
    if lines is None:
        lines = list(_described(command))
    return [f"peak-images {command.name} {line}".rstrip() for line in lines]


def example_for(name: str) -> str:
    """Return an input file for a command, which works unchanged in a directory with a Dockerfile."""
    described = described_commands()
    command = described.get(name) or described[CREATE_OR_UPDATE]  # what deploy sends
    usage = " ".join((name, *command.slots.positions, "FILE"))
    body = "".join(f"{line}\n" for line in _body(command.fields))
    return _HEAD.format(usage=usage) + body + (_ARTIFACT if command.has_artifact else "")


def _described(command: Command) -> Iterator[str]:
    """Yield three calls: the shortest, one with an option, one as JSON or as a dry run."""
    examples = {parameter["argument"]: parameter["example"] for parameter in command.operation["parameters"]}
    required = [_PLACES.get(name) or _shown(examples.get(name.lower()), name) for name in command.slots.positions]
    options = [field for field in command.fields if field.place != "path"]
    required += [_given(one) for one in options if one.required]
    further = [_given(one) for one in options if not one.required and not one.value["deprecated"]][-1:]
    yield " ".join(required)
    yield " ".join((*required, *further)) if further else " ".join((*required, "-o yaml"))
    yield " ".join((*required, "--dry-run" if command.operation["method"] != "GET" else "-o json"))


def _given(field: Field) -> str:
    return field.option if field.kind == "boolean" else f"{field.option} {_shown(_example(field), field.key)}"


def _example(field: Field) -> Any:
    found = field.value["example"]
    return field.values[0] if found is None and field.values else found


def _shown(value: Any, name: str) -> str:
    if value is None:
        return name.upper().replace("_", "-")
    if isinstance(value, list):
        return ",".join(map(str, value))
    text = str(value) if not isinstance(value, (dict, bool)) else json.dumps(value)
    return f"'{text}'" if set(text) & set(' {}[]"$&|<>*?') else text


def _body(fields: Sequence[Field], above: tuple[str, ...] = (), indent: str = "  ") -> Iterator[str]:
    """Yield the lines of a body; fields that only some builds have are comments."""
    for field in fields:
        if field.place != "body" or field.path[:-1] != above:
            continue
        name = field.path[-1]
        inner = list(_body(fields, field.path, f"{indent}  "))
        comment = "" if field.required or _is_common(field) else "# "
        if inner:
            yield f"{indent}{name}:"
            yield from inner
        else:
            value = _yaml(field)
            text = field.value["description"].replace("`", "")
            notes = [one for one in (text, ", ".join(field.values), "required" if field.required else "") if one]
            lines = [f"{indent}{comment}{name}: {value}" if "\n" not in value else f"{indent}{comment}{name}:"]
            yield f"{lines[0]:<40}  # {'; '.join(notes)}".rstrip() if notes else lines[0]
            yield from (f"{indent}{comment}  {line}" for line in value.splitlines() if "\n" in value)


def _is_common(field: Field) -> bool:
    return not field.only and not field.value["deprecated"] and field.kind not in ("object", "objects")


def _yaml(field: Field) -> str:
    import yaml

    value = _example(field)
    match field.kind:
        case "pairs":
            value = [{"name": "GREETING", "value": "Good morning"}]
        case "list" if value is None:
            value = ["one"]
        case "boolean" if value is None:
            value = True
    text = yaml.safe_dump(field.path[-1] if value is None else value, sort_keys=False, allow_unicode=True)
    return text.removesuffix("...\n").rstrip("\n") + ("\n" if isinstance(value, list) else "")
