"""What a Dockerfile takes from its build context."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from e2b_dockerfile_utils import (
    DockerfileInstruction,
    DockerfileSyntaxError,
    ShellLex,
    parse_dockerfile_ast,
    parse_heredoc,
)

_REMOTE: Final = re.compile(r"[a-z][a-z0-9+.-]*://|git@|github\.com/", re.IGNORECASE)


class CopyInstruction(NamedTuple):
    """What one ``COPY`` or ``ADD`` takes from the build context.

    Attributes:
        instruction: ``COPY`` or ``ADD``.
        line: Where it stands, from 1.
        sources: The paths, with their variables put in. Those that depend on what only the build knows are left out.
    """

    instruction: str
    line: int
    sources: tuple[str, ...]


def copy_instructions(text: str, build_arguments: Mapping[str, str]) -> list[CopyInstruction]:
    """Find what a Dockerfile takes from its build context.

    Args:
        text: The Dockerfile.
        build_arguments: The build's arguments, which replace the defaults of ``ARG``.

    Raises:
        DockerfileSyntaxError: The Dockerfile is malformed.
    """
    ast = parse_dockerfile_ast(text)
    if all(instruction.name != "FROM" for instruction in ast.instructions):
        raise DockerfileSyntaxError("there is no FROM instruction")
    scopes = Variables(ast.escape_token, build_arguments)
    found = []
    for instruction in ast.instructions:
        _check_form(instruction)
        if instruction.name in ("COPY", "ADD"):
            sources = tuple(_sources(instruction, scopes))
            found.append(CopyInstruction(instruction.name, instruction.start_line, sources))
        else:
            scopes.follow(instruction)
    return found


def _check_form(instruction: DockerfileInstruction) -> None:
    name, args, problem = instruction.name, instruction.args, ""
    if name in ("COPY", "ADD") and len(args) < 2:
        problem = f"{name} takes at least one source and a destination"
    elif name == "FROM" and len(args) != 1 and not (len(args) == 3 and args[1].lower() == "as"):
        problem = "FROM takes an image, or an image AS a name"
    elif name == "ARG" and not args:
        problem = "ARG takes at least one name"
    if problem:
        raise DockerfileSyntaxError(problem, instruction.start_line)


def _sources(instruction: DockerfileInstruction, scopes: Variables) -> Iterator[str]:
    if any(flag.startswith("--from=") for flag in instruction.flags):
        return
    for word in instruction.args[:-1]:
        if instruction.heredocs and parse_heredoc(word):
            continue
        source = scopes.expanded(word, instruction.start_line)
        if source is None or (instruction.name == "ADD" and _REMOTE.match(source)):
            continue
        yield source


class Variables:
    """The variables that are set at a place of the Dockerfile, as far as it says so itself."""

    def __init__(self, escape_token: str, build_arguments: Mapping[str, str]) -> None:
        self._escape_token = escape_token
        self._build_arguments = build_arguments
        self._global: dict[str, str] = {}
        self._stages: dict[str, tuple[dict[str, str], set[str]]] = {}
        self._current = self._global
        self._by_env: set[str] = set()
        """Names that ENV has set, which ARG leaves as they are."""

    def follow(self, instruction: DockerfileInstruction) -> None:
        """Take in what an instruction sets."""
        args, line = instruction.args, instruction.start_line
        if instruction.name == "FROM" and args:
            # A stage that is built on an earlier one inherits its variables. Another image's are not known.
            inherited, by_env = self._stages.get(args[0].lower(), ({}, set()))
            self._current, self._by_env = dict(inherited), set(by_env)
            if len(args) == 3:
                self._stages[args[2].lower()] = (self._current, self._by_env)
        elif instruction.name == "ARG":
            for word in args:
                self._declare(*word.partition("=")[::2], has_default="=" in word, line=line)
        elif instruction.name == "ENV":
            # All values of one instruction see the variables as they were before it.
            values = [self.expanded(value, line) for value in args[1::3]]
            for name, value in zip(args[::3], values, strict=True):
                self._set(name, value)
                self._by_env.add(name)

    def _declare(self, name: str, default: str, *, has_default: bool, line: int) -> None:
        if name in self._by_env:
            return
        value = self._global.get(name)
        if name in self._build_arguments:
            value = self._build_arguments[name]
        elif has_default:
            value = self.expanded(default, line)
        self._set(name, value)

    def _set(self, name: str, value: str | None) -> None:
        self._current.pop(name, None)
        if value is not None:
            self._current[name] = value

    def expanded(self, word: str, line: int) -> str | None:
        """A word without its quotes and with its variables put in; None if one of them isn't known."""
        try:
            word = ShellLex(self._escape_token, env=self._current).process_word(word)
        except ValueError as error:
            raise DockerfileSyntaxError(str(error), line) from error
        return None if "$" in word else word
