"""Commands that are generated from operations of the contract: their options, and the arguments of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import click

from peak_images_api import operations
from peak_images_cli.exit_codes import CommandError
from peak_images_cli.fields import NOT_GIVEN, Field, operation_fields
from peak_images_cli.option_groups import Argument
from peak_images_cli.references import Given, Slots
from peak_images_cli.terminal import warn

if TYPE_CHECKING:
    import peak_images as images
    from peak_images_api.operations import Operation

CREATE_OR_UPDATE: Final = "create-or-update"
"""The command that makes several calls."""


@dataclass(frozen=True)
class Command:
    """A command that is generated from an operation.

    Attributes:
        name: The command.
        operation: The description of the operation.
        also: Operations whose bodies may be given as well.
    """

    name: str
    operation: Operation
    also: Sequence[Operation] = ()

    @cached_property
    def fields(self) -> list[Field]:
        """The parameters of the operation and the fields of its body."""
        own = operation_fields(self.operation)
        options = {field.option for field in own}
        further = [field for one in self.also for field in operation_fields(one) if field.place == "body"]
        return own + [field for field in further if field.option not in options]

    @property
    def slots(self) -> Slots:
        """The path parameters of the operation."""
        return Slots([field.path[0] for field in self.fields if field.place == "path"])

    @property
    def has_artifact(self) -> bool:
        """Whether it uploads an artifact."""
        return bool(self.operation["body"] and self.operation["body"]["artifact"])

    @property
    def starts_build(self) -> bool:
        """Whether it starts a build."""
        return self.has_artifact and "versionId" in self.operation["response"]["fields"]

    @property
    def fills_in_source(self) -> bool:
        """Whether the source of the build has a default: an update without one keeps that of the version."""
        body = self.operation["body"]
        return body is not None and "source" in body["defaults"].get("buildDetails", {})

    def parameters(self) -> list[click.Parameter]:
        """Return the arguments by position, then the options."""
        arguments = self.slots.arguments_shown()
        if self.operation["body"]:
            help_text = "A YAML file with body: and artifact:, or a Jinja template of one; - for standard input"
            arguments.append(Argument(f"_{len(arguments)}", "FILE", help_text))
        return [*arguments, *(field.parameter() for field in self.fields)]

    def given(self, values: Mapping[str, Any]) -> Given:
        """Return the path parameters, the other parameters, and further arguments by position."""
        if self.operation["deprecated"]:
            warn(f"{self.name} is deprecated")
        options, arguments = {}, {}
        for field in self.fields:
            value = values[field.key]
            if field.value["deprecated"] and value not in NOT_GIVEN:
                warn(f"{field.option} is deprecated")
            if field.place == "path":
                options[field.path[0]] = value
            elif field.place != "body" and value not in NOT_GIVEN:
                arguments[field.path[0]] = field.parse(value)
            elif field.place != "body" and field.required:
                raise CommandError(f"Missing option {field.option!r}", f"see 'peak-images {self.name} --help'")
        positional = [value for name, value in values.items() if name.startswith("_")]
        return self.slots.assign(positional, options, arguments, extra=1 if self.operation["body"] else 0)

    def call(self, client: images.Image, arguments: Mapping[str, Any], **more: Any) -> Any:
        """Call the client's method."""
        return getattr(client, self.operation["python_name"])(**arguments, **more)


def described_commands() -> dict[str, Command]:
    """Return the commands of all operations with a public method, and ``create-or-update``."""
    table = operations.table()["operations"]
    found = {
        operation["command"]: Command(operation["command"], operation)
        for operation in table.values()
        if not operation["python_name"].startswith("_")  # otherwise a handwritten command replaces it
    }
    if {"create_image", "create_version"} <= table.keys():
        operation: Any = {
            **table["create_image"],
            "summary": "Create an image, or a version of it, or update the version, and start a build",
            "description": "The image and the version are those with exactly these names. Without a version a new one "
            "is created. A version can be updated as long as it is not-ready.",
        }
        found[CREATE_OR_UPDATE] = Command(CREATE_OR_UPDATE, operation, [table["create_version"]])
    return found


def option_of(field: str, argv: Sequence[str], *, is_missing: bool = False) -> str:
    """Return the option of an argument or of a field of the body, unless the field was given otherwise.

    Args:
        field: The argument or field as the client's error names it, such as ``body.buildDetails.source`` or
            ``status[0]``.
        argv: The arguments of the command line.
        is_missing: Whether it is missing.
    """
    if field == "timeout":
        return "--wait-timeout"
    if "builds" in argv and field.startswith("build_status"):
        return "--status"
    typed = {text.partition("=")[0] for text in argv}
    place, _, path = field.partition("[")[0].partition(".")
    names = [*argv, CREATE_OR_UPDATE] if "deploy" in argv else argv  # it has options of the same names
    command = next((one for name, one in described_commands().items() if name in names), None)
    for one in command.fields if command else ():
        if place == "body" and ".".join(one.path) == path and (one.option in typed or is_missing):
            return one.option
        if not path and one.place != "body" and one.path == (place,):
            return one.option
    option = f"--{place}-{path}" if place == "artifact" else f"--{place}" if not path else ""
    option = option.replace("_", "-")
    return option if option and option in typed else field
