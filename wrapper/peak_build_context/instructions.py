"""The instructions of a Dockerfile: their forms, their flags, and the checks that BuildKit makes before a build."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final, Literal, NamedTuple

from peak_build_context.errors import DockerfileError
from peak_build_context.expansion import shorten
from peak_build_context.values import is_interval

Form = Literal[
    "words", "words or JSON", "text", "text or JSON", "names", "names and values", "type and command", "instruction"
]
"""The form of an instruction's arguments; names are ``NAME`` or ``NAME=value``, and values may be quoted."""

Flag = Literal["text", "list", "boolean"]
"""The type of a flag's value; a flag of type list may be repeated, with one value each time."""


class Rule(NamedTuple):
    """The arguments and flags of an instruction.

    Attributes:
        form: How its arguments are written.
        flags: Its flags; None where BuildKit doesn't look at them.
        min_arguments: How many arguments it has at least.
        max_arguments: How many it has at most; None for any number.
    """

    form: Form
    flags: Mapping[str, Flag] | None = {}
    min_arguments: int = 1
    max_arguments: int | None = None


_COPY: Final[Mapping[str, Flag]] = {"chown": "text", "chmod": "text", "link": "boolean", "exclude": "list"}
_HEALTHCHECK: Final = ("interval", "timeout", "start-period", "start-interval", "retries")
_RUN: Final[Mapping[str, Flag]] = {"mount": "list", "network": "text", "security": "text", "device": "list"}

INSTRUCTIONS: Final[Mapping[str, Rule]] = {
    "ADD": Rule("words or JSON", {**_COPY, "keep-git-dir": "boolean", "checksum": "text", "unpack": "boolean"}, 2),
    "ARG": Rule("names", None),
    "CMD": Rule("text or JSON", min_arguments=0),
    "COPY": Rule("words or JSON", {**_COPY, "from": "text", "parents": "boolean"}, 2),
    "ENTRYPOINT": Rule("text or JSON", min_arguments=0),
    "ENV": Rule("names and values"),
    "EXPOSE": Rule("words"),
    "FROM": Rule("words", {"platform": "text"}, 0),
    "HEALTHCHECK": Rule("type and command", dict.fromkeys(_HEALTHCHECK, "text")),
    "LABEL": Rule("names and values"),
    "MAINTAINER": Rule("text", max_arguments=1),
    "ONBUILD": Rule("instruction"),
    "RUN": Rule("text or JSON", _RUN, min_arguments=0),
    "SHELL": Rule("text or JSON"),
    "STOPSIGNAL": Rule("text", None, max_arguments=1),
    "USER": Rule("text", max_arguments=1),
    "VOLUME": Rule("words or JSON"),
    "WORKDIR": Rule("text", max_arguments=1),
}
"""Every instruction by its name."""

_FLAG_VALUES: Final = {"network": ("default", "none", "host"), "security": ("insecure", "sandbox")}

_STAGE_NAME: Final = re.compile(r"[a-z][a-z0-9_.-]*")
_MOUNT_TYPES: Final = ("bind", "cache", "tmpfs", "secret", "ssh")
_MOUNT_KEYS: Final = frozenset((
    "type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw", "id",
    "sharing", "required", "size", "mode", "uid", "gid", "env",
))  # fmt: skip
_MOUNT_SYNONYMS: Final = {"src": "source", "dst": "target", "destination": "target"}
_VALUELESS: Final = frozenset(("readonly", "ro", "readwrite", "rw", "required"))


_HEREDOC: Final = re.compile(r"[0-9]*<<(-?)[\t\n\f\r ]*([^<]*)")


class Heredoc(NamedTuple):
    """A here-document.

    Attributes:
        name: The word that ends it.
        strips_tabs: Whether leading tabs are removed.
        is_expanded: Whether variables in it are expanded.
        content: Its lines.
    """

    name: str
    strips_tabs: bool
    is_expanded: bool
    content: str = ""


class Instruction(NamedTuple):
    """One instruction of a Dockerfile.

    Attributes:
        name: Its name, in capitals.
        line: Its first line, from 1.
        source: Its text, as one line.
        flags: Its flags, as they are written.
        arguments: Its arguments. Names and values alternate, if it takes pairs.
        is_json: Whether they are a JSON array.
        heredocs: Its here-documents.
    """

    name: str
    line: int
    source: str
    flags: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    is_json: bool = False
    heredocs: tuple[Heredoc, ...] = ()


Flags = Mapping[str, tuple[str, ...]]
"""The values of each flag that is given."""


def check_instruction(instruction: Instruction) -> Flags:
    """Make the checks that apply to every instruction, also in stages that are not built. Return its flags.

    Raises:
        DockerfileError: The instruction is malformed.
    """
    name, arguments = instruction.name, instruction.arguments
    rule = INSTRUCTIONS.get(name)
    if rule is None:
        raise DockerfileError(f"unknown instruction: {shorten(name)}{_did_you_mean(name, INSTRUCTIONS)}")
    if len(arguments) < rule.min_arguments:
        least = "at least one argument" if rule.min_arguments == 1 else "at least one source and a destination"
        raise DockerfileError(f"{name} requires {least}")
    if rule.max_arguments is not None and len(arguments) > rule.max_arguments:
        raise DockerfileError(f"{name} requires exactly one argument")
    is_none = name == "HEALTHCHECK" and arguments[0].upper() == "NONE"
    flags = {} if rule.flags is None or is_none else _parse_flags(instruction, rule.flags)
    for key, allowed in _FLAG_VALUES.items():
        if key in flags and flags[key][-1] not in allowed:
            raise DockerfileError(f"--{key} must be one of {', '.join(allowed)}, not {flags[key][-1]!r}")
    _check_arguments(instruction, flags)
    return flags


def _parse_flags(instruction: Instruction, rules: Mapping[str, Flag]) -> Flags:
    """Return the values of an instruction's flags, by their names without dashes."""
    values: dict[str, tuple[str, ...]] = {}
    for text in instruction.flags:
        flag, equals, value = text.partition("=")
        key = flag[2:]
        kind = rules.get(key)
        if kind is None:
            raise DockerfileError(f"{instruction.name} has no flag {shorten(flag)}{_did_you_mean(key, rules)}")
        if key in values and kind != "list":
            raise DockerfileError(f"{flag} is given twice")
        if kind == "boolean":
            value = value.lower() if equals else "true"
            if value not in ("true", "false"):
                raise DockerfileError(f"{flag} must be true or false, not {value!r}")
        elif not equals:
            raise DockerfileError(f"{flag} requires a value: {flag}=…")
        values[key] = (*values.get(key, ()), value)
    return values


def parse_heredoc_word(word: str) -> Heredoc | None:
    """Return the here-document that a word such as ``<<EOF`` starts; None if it starts none."""
    match = _HEREDOC.fullmatch(word)
    try:
        names = shlex.split(match[2]) if match else []
    except ValueError:
        return None
    if not match or len(names) != 1 or not names[0]:
        return None
    has_quotes = any(names[0].count(quote) != match[2].count(quote) for quote in "'\"")
    return Heredoc(names[0], strips_tabs=bool(match[1]), is_expanded=not has_quotes)


def parse_mount(text: str) -> dict[str, str]:
    """Return the fields of a ``RUN --mount`` in their order.

    Raises:
        DockerfileError: The mount is malformed.
    """
    fields: dict[str, str] = {}
    try:
        written = next(csv.reader([text], strict=True), []) or [""]
    except csv.Error as error:
        raise DockerfileError(f"malformed --mount {shorten(text)!r}: {error}") from error
    for field in written:
        key, equals, value = field.partition("=")
        key = key.lower()
        if key not in _MOUNT_KEYS:
            raise DockerfileError(f"--mount has no field {shorten(key)!r}{_did_you_mean(key, _MOUNT_KEYS)}")
        if not equals and key not in _VALUELESS:
            raise DockerfileError(f"the field {key!r} of --mount requires a value: {key}=…")
        fields[_MOUNT_SYNONYMS.get(key, key)] = value
    return fields


def check_mount(fields: Mapping[str, str]) -> None:
    """Check the fields of a ``RUN --mount``, with their variables expanded.

    Raises:
        DockerfileError: A field has an invalid value, or can't be combined with another.
    """
    kind = fields.get("type", "bind").lower()
    if kind not in _MOUNT_TYPES:
        raise DockerfileError(f"the type of --mount must be one of {', '.join(_MOUNT_TYPES)}, not {kind!r}")
    for key, kinds in _MOUNT_FIELD_TYPES.items():
        if key in fields and kind not in kinds:
            raise DockerfileError(f"the field {key!r} of --mount is for the type {' or '.join(kinds)}, not {kind}")
    written = list(fields)
    for key in ("required", "size"):  # BuildKit checks these two by what it has read so far
        if key in fields and written.index(key) < written.index("type"):
            raise DockerfileError(f"the field {key!r} of --mount must come after its type")
    for key, pattern in _MOUNT_VALUES.items():
        if key in fields and not re.fullmatch(pattern, fields[key], re.IGNORECASE):
            raise DockerfileError(f"the field {key!r} of --mount has an invalid value: {shorten(fields[key])!r}")
    if kind == "secret":
        _check_secret_mount(fields)


def _check_secret_mount(fields: Mapping[str, str]) -> None:
    if fields.get("from"):
        raise DockerfileError("a secret mount can't have the field 'from'")
    if not (fields.get("source") or fields.get("target") or fields.get("id")):
        raise DockerfileError("a secret mount requires one of id, source, target")
    if fields.get("source") and fields.get("id"):
        raise DockerfileError("a secret mount can't have both id and source")


_BOOLEAN_VALUE: Final = "|1|t|true|0|f|false"
_MOUNT_VALUES: Final = {
    **dict.fromkeys(("readonly", "ro", "readwrite", "rw", "required"), _BOOLEAN_VALUE),
    "sharing": "|shared|private|locked",
    "mode": "[0-7]{1,11}",
    "uid": "[0-9]{1,10}",
    "gid": "[0-9]{1,10}",
    "size": "[0-9.]+ ?[kmgtp]?i?b?",
}
_MOUNT_FIELD_TYPES: Final = {
    **dict.fromkeys(("mode", "uid", "gid"), ("secret", "ssh", "cache")),
    "required": ("secret", "ssh"),
    "sharing": ("cache",),
    "size": ("tmpfs",),
}


def _check_arguments(instruction: Instruction, flags: Flags) -> None:  # noqa: C901 - a case for each instruction
    name, arguments = instruction.name, instruction.arguments
    match name:
        case "ADD" | "COPY" if parse_heredoc_word(arguments[-1]):
            raise DockerfileError(f"the destination of {name} can't be a here-document")
        case "ARG" | "ENV" | "LABEL":
            names = arguments if name == "ARG" else arguments[::2]
            if any(not name or name.startswith("=") for name in names):
                raise DockerfileError(f"{name} has a blank name")
        case "FROM":
            if len(arguments) != 1 and not (len(arguments) == 3 and arguments[1].lower() == "as"):
                raise DockerfileError("FROM takes an image, or an image AS a name")
            if len(arguments) == 3 and not _STAGE_NAME.fullmatch(arguments[2].lower()):
                rule = "it begins with a letter, and has letters, digits, '-', '_' and '.'"
                raise DockerfileError(f"invalid name for a stage: {shorten(arguments[2])!r}; {rule}")
        case "HEALTHCHECK":
            _check_healthcheck(arguments[0].upper(), arguments[1:], flags)
        case "ONBUILD":
            trigger = arguments[0].split(maxsplit=1)[0].upper()
            if trigger in ("ONBUILD", "FROM", "MAINTAINER"):
                raise DockerfileError(f"ONBUILD can't be followed by {trigger}")
        case "SHELL" if not instruction.is_json:
            raise DockerfileError('SHELL requires a JSON array, such as ["/bin/bash", "-c"]')
        case "VOLUME" if any(not volume.strip() for volume in arguments):
            raise DockerfileError("VOLUME has a blank path")


def _check_healthcheck(kind: str, command: tuple[str, ...], flags: Flags) -> None:
    if kind == "NONE" and command:
        raise DockerfileError("HEALTHCHECK NONE takes no arguments")
    if kind not in ("CMD", "NONE"):
        raise DockerfileError(f"HEALTHCHECK takes CMD or NONE, not {shorten(kind)!r}")
    if kind == "CMD" and not command:
        raise DockerfileError("HEALTHCHECK CMD requires a command")
    for key, (value,) in flags.items():
        if key == "retries" and value and not (re.fullmatch("[+]?[0-9]{1,10}|-0", value) and int(value) < 2**31):
            raise DockerfileError(f"--retries must be a non-negative integer, not {shorten(value)!r}")
        if key != "retries" and value and not is_interval(value):
            raise DockerfileError(f"--{key} must be a duration of at least 1ms, such as 30s, not {shorten(value)!r}")


def _did_you_mean(name: str, known: Mapping[str, object] | frozenset[str]) -> str:
    close = get_close_matches(name[:30], known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
