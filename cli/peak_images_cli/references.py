"""Names in place of ids: ``IMAGE`` is an id or a name, ``IMAGE:VERSION`` a version of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.option_groups import Argument

if TYPE_CHECKING:
    import peak_images as images
    from peak_images_api.operations import Operation

NAMED: Final = ("image_id", "version_id")
"""Arguments that may be names."""

_FIRST_PLACEHOLDER: Final = 900_000_000_000_000
"""A number that is no id, and that no address breaks."""

_HELP: Final = {
    "IMAGE": "The image: its id or its name",
    "IMAGE:VERSION": "The version: its image's id or name, a colon, and the version",
    "IMAGE[:VERSION]": "The image, by id or name, and the version (default: the latest)",
}


@dataclass(frozen=True)
class Slots:
    """The path parameters of a command, which are arguments by position, or options by name.

    Attributes:
        arguments: The client's arguments, in the order of the path.
        latest: Whether the version is optional; the latest one is used then.
    """

    arguments: Sequence[str]
    latest: bool = False

    @property
    def positions(self) -> dict[str, list[str]]:
        """The names of the arguments by position in the help, each with the client's arguments that it sets."""
        target = [name for name in self.arguments if name in NAMED]
        metavar = {
            ("image_id",): "IMAGE",
            ("image_id", "version_id"): "IMAGE[:VERSION]" if self.latest else "IMAGE:VERSION",
        }.get(tuple(target), "VERSION_ID")
        rest = {name.upper(): [name] for name in self.arguments if name not in NAMED}
        return {metavar: target, **rest} if target else rest

    def arguments_shown(self) -> list[Argument]:
        """Return the arguments by position, which are called ``_0``, ``_1`` and so on."""
        return [
            Argument(f"_{number}", metavar, _HELP.get(metavar, f"In place of {_option(metavar.lower())}"))
            for number, metavar in enumerate(self.positions)
        ]

    def assign(
        self,
        positional: Sequence[str | None],
        options: Mapping[str, Any],
        arguments: Mapping[str, Any],
        extra: int = 0,
    ) -> Given:
        """Return the given values, by the client's arguments.

        Args:
            positional: The arguments by position.
            options: The options, among them the parameters of the path.
            arguments: The client's other arguments.
            extra: How many arguments by position may be left, such as a file.

        Raises:
            CommandError: A parameter is missing, or there are too many arguments.
        """
        path = {name: str(options[name]) for name in self.arguments if options.get(name) is not None}
        left = [value for value in positional if value is not None]
        for metavar, names in self.positions.items():
            if left and not path.keys() >= set(names):
                text = left.pop(0)
                parts = text.rsplit(":", 1) if len(names) > 1 else [text]
                path = {**dict(zip(names, parts, strict=False)), **path}
            for name in names:
                if name not in path and not (self.latest and name == "version_id"):
                    hint = f"give it, or {_option(name)}"
                    if name == "version_id" and "image_id" in path:
                        hint += f"; 'peak-images list-versions {path['image_id']}' shows the versions"
                    raise CommandError(f"Missing argument {metavar!r}", hint)
        if len(left) > extra:
            raise CommandError(f"unexpected argument {left[extra]!r}")
        for name, value in path.items():
            if name.endswith("_id"):
                is_id(name, value)  # before anything is sent
        return Given(path, arguments, left)


@dataclass(frozen=True)
class Given:
    """The arguments given on the command line, with names in place of ids.

    Attributes:
        path: The parameters of the path, by the client's argument.
        arguments: The client's other arguments.
        rest: The remaining arguments by position.
    """

    path: Mapping[str, str]
    arguments: Mapping[str, Any]
    rest: Sequence[str] = ()

    def resolve(self, client: images.Image) -> dict[str, Any]:
        """Return the client's arguments, with ids in place of names.

        Raises:
            CommandError: There is no such image or version.
        """
        found: dict[str, Any] = {**self.path, **self.arguments}
        if "image_id" in found:
            found["image_id"] = find_image_id(client, str(found["image_id"]))
        if "version_id" in found:
            found["version_id"] = find_version_id(client, found.get("image_id"), str(found["version_id"]))
        if "version_ids" in found:
            found["version_ids"] = [
                find_version_id(client, found.get("image_id"), str(one)) for one in found["version_ids"]
            ]
        return found

    def placeholders(self, operation: Operation) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the client's arguments for a request that isn't sent, with a number in place of each name.

        Args:
            operation: The operation.

        Returns:
            The arguments, and the text that replaces each number in the address: the name of the parameter in braces,
            or the name in a list.
        """
        shown: dict[str, str] = {}

        def number_for(name: str, value: Any, text: str) -> Any:
            if name not in NAMED or is_id(name, str(value)):
                return value
            shown[number := str(_FIRST_PLACEHOLDER + len(shown))] = text
            return number

        braces = {parameter["argument"]: f"{{{parameter['name']}}}" for parameter in operation["parameters"]}
        found: dict[str, Any] = {name: number_for(name, value, braces[name]) for name, value in self.path.items()}
        found |= self.arguments
        if "version_ids" in found:
            found["version_ids"] = [number_for("version_id", one, str(one)) for one in found["version_ids"]]
        return found, shown

    def headers(self, operation: Operation) -> dict[str, str]:
        """Return the headers that were given, secrets masked."""
        return {
            parameter["name"]: "***" if parameter["secret"] else str(self.arguments[parameter["argument"]])
            for parameter in operation["parameters"]
            if parameter["place"] == "header" and parameter["argument"] in self.arguments
        }


def readable_url(url: str, operation: Operation, placeholders: Mapping[str, str]) -> str:
    """Return the address of a request that isn't sent, with names in place of placeholders, and secrets masked."""
    for number, text in placeholders.items():
        url = url.replace(number, text)
    for parameter in operation["parameters"]:
        if parameter["secret"] and parameter["place"] == "query":
            url = re.sub(rf"([?&]{re.escape(parameter['name'])}=)[^&]*", r"\1***", url)
    return url


def is_id(name: str, text: str) -> bool:
    """Return whether a text is an id, and not a name.

    Raises:
        CommandError: It is a number, but not a valid id.
    """
    if not text:
        raise CommandError(f"{_option(name)}: empty")
    if not (text.isascii() and text.isdigit()):
        return False
    if not int(text[:20]):
        raise CommandError(f"{_option(name)}: {text!r} must be a positive integer, or a name")
    return True


def find_image_id(client: images.Image, image: str) -> int:
    """Return the id of the image with this id or exactly this name."""
    if is_id("image_id", image):
        return int(image)
    if found := client.find_image(image):
        return id_of(found)
    hint = "'peak-images list' shows the names"
    if ":" in image:
        hint = "this takes an image, without a version; 'describe-version' takes one"
    raise CommandError(f"no image is named {image!r}", hint, ExitCode.NOT_FOUND)


def find_version_id(client: images.Image, image_id: Any, version: str) -> int:
    """Return the id of the version with this id or exactly this name."""
    if is_id("version_id", version):
        return int(version)
    if found := client.find_version(image_id, version):
        return id_of(found)
    hint = f"'peak-images list-versions {image_id}' shows the versions"
    raise CommandError(f"image {image_id} has no version {version!r}", hint, ExitCode.NOT_FOUND)


def id_of(found: Mapping[str, Any]) -> int:
    """Return the id of an image or a version.

    Raises:
        CommandError: The response has none.
    """
    text = str(found.get("id"))
    if not (text.isascii() and text.isdigit()):
        raise CommandError("the service's response has no id", code=ExitCode.FAILED)
    return int(text)


def describe_target(client: images.Image, arguments: Mapping[str, Any], *, look_up: bool) -> str:
    """Describe the target of a deletion, with names if they are to be looked up."""
    image_id = arguments.get("image_id")
    if image_id is None or not arguments.keys() <= {*NAMED, "version_ids"}:
        return ", ".join(f"{name.removesuffix('_id').replace('_', ' ')} {value}" for name, value in arguments.items())
    image = f"image {image_id}"
    if look_up:
        image = f"image {client.describe_image(image_id).get('name')!r} ({image_id})"
    if versions := arguments.get("version_ids"):
        return f"{'version' if len(versions) == 1 else 'versions'} {', '.join(map(str, versions))} of {image}"
    if version_id := arguments.get("version_id"):
        version = str(version_id)
        if look_up:
            version = f"{client.describe_version(image_id, version_id).get('version')} ({version_id})"
        return f"version {version} of {image}"
    return f"{image} and all its versions"


def _option(argument: str) -> str:
    return f"--{argument.replace('_', '-')}"
