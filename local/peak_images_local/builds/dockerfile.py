"""A Dockerfile as the steps of a build, each checked against the build context."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from e2b_dockerfile_utils import (
    DockerfileInstruction,
    PatternMatcher,
    ShellLex,
    parse_dockerfile_ast,
    parse_heredoc,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from peak_images_local.storage.archive import Context

_WILDCARD = re.compile(r"[*?\[]")
_REMOTE = re.compile(r"(?:https?|ftp|git|ssh)://|git@")
_NEEDS_ARGUMENTS = frozenset(
    {"ADD", "ARG", "COPY", "ENV", "EXPOSE", "FROM", "LABEL", "RUN", "USER", "VOLUME", "WORKDIR"}
)


_PLATFORM = {
    "BUILDPLATFORM": "linux/amd64",
    "BUILDOS": "linux",
    "BUILDARCH": "amd64",
    "TARGETPLATFORM": "linux/amd64",
    "TARGETOS": "linux",
    "TARGETARCH": "amd64",
}


class DockerfileError(Exception):
    """The Dockerfile can't be built; the message is the line for the log."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"Dockerfile:{line}: {message}" if line else message)


@dataclass
class Step:
    """One instruction of the Dockerfile.

    Attributes:
        text: The instruction as it is written, on one line.
        stage: Which of the stages it belongs to, from 1.
        number: Which step of its stage it is, from 1; 0 for what builds nothing (an `ARG` before the first `FROM`).
        error: Why it fails, or nothing.
        warnings: What is odd about it and no error.
    """

    text: str
    stage: int
    number: int
    error: str = ""
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Evaluator:
    """Where one is while reading: the stages so far, and what the variables stand for."""

    context: Context | None
    arguments: Mapping[str, str]
    escape: str
    stages: list[str] = field(default_factory=list)
    global_arguments: dict[str, str] = field(default_factory=lambda: dict(_PLATFORM))
    variables: dict[str, str] = field(default_factory=dict)
    number: int = 0
    warnings: list[str] = field(default_factory=list)

    def read(self, instruction: DockerfileInstruction) -> Step:
        if not self.stages and instruction.name not in {"FROM", "ARG"}:
            raise DockerfileError(instruction.start_line, f"no build stage: {instruction.name} comes before FROM")
        if instruction.name in _NEEDS_ARGUMENTS and not instruction.args:
            raise DockerfileError(instruction.start_line, f"{instruction.name} needs an argument")
        error = ""
        self.warnings = []
        match instruction.name:
            case "FROM":
                self._from(instruction)
            case "ARG":
                self._arg(instruction.args)
            case "ENV":
                for name, value in zip(instruction.args[::3], instruction.args[1::3], strict=True):
                    self.variables[name] = self.expand(value)
            case "COPY" | "ADD":
                error = self._copy(instruction)
        if self.stages:
            self.number += 1
        return Step(" ".join(instruction.original.split()), len(self.stages), self.number, error, self.warnings)

    def expand(self, word: str) -> str:
        return ShellLex(self.escape, env=self.variables if self.stages else self.global_arguments).process_word(word)

    def _from(self, instruction: DockerfileInstruction) -> None:
        args = instruction.args
        if len(args) not in {1, 3} or (len(args) == 3 and args[1].lower() != "as"):
            raise DockerfileError(instruction.start_line, "FROM takes an image, or an image AS a name")
        base = ShellLex(self.escape, env=self.global_arguments, skip_unset_env=False).process_word(args[0])
        if not base:
            raise DockerfileError(instruction.start_line, f"base name ({args[0]}) is blank")
        self.stages.append(args[2].lower() if len(args) == 3 else "")
        self.variables = {}
        self.number = 0

    def _arg(self, args: Iterable[str]) -> None:
        for arg in args:
            name, given, default = arg.partition("=")
            known = self.variables if self.stages else self.global_arguments
            if name in self.arguments:
                known[name] = self.arguments[name]
            elif given:
                known[name] = self.expand(default)
            elif self.stages and name in self.global_arguments:
                known[name] = self.global_arguments[name]

    def _copy(self, instruction: DockerfileInstruction) -> str:
        if len(instruction.args) < 2:
            raise DockerfileError(instruction.start_line, f"{instruction.name} needs a source and a destination")
        if any(flag.partition("=")[0] == "--from" for flag in instruction.flags):
            return self._stage_error(instruction)
        if self.context is None:
            return ""
        for source in instruction.args[:-1]:
            if not instruction.json and parse_heredoc(source):
                continue
            path = self.expand(source)
            # A variable that is left comes from the base image, which isn't known here.
            if "$" in path or _REMOTE.match(path):
                continue
            if not is_in_context(path, self.context):
                # Spelt as in the Dockerfile: what a variable stands for may be a secret.
                if not _WILDCARD.search(path):
                    return f'"{source}" is not in the build context: no such file or directory'
                self.warnings.append(f'"{source}" matches nothing in the build context')
        return ""

    def _stage_error(self, instruction: DockerfileInstruction) -> str:
        source = next(flag for flag in instruction.flags if flag.startswith("--from")).partition("=")[2]
        stage = self.expand(source)
        # Another name is that of an image, which a registry would have.
        if stage.isdecimal() and int(stage) >= len(self.stages) - 1:
            return f"--from={source}: there is no earlier stage {stage}"
        return ""


def is_in_context(source: str, context: Context) -> bool:
    """Whether the context has the source of a `COPY`, which may be a pattern."""
    # Docker roots a source at the context; `..` can't lead out of it.
    path = posixpath.normpath(f"/{source}").lstrip("/")
    if not _WILDCARD.search(path):
        return path in context.files or path in context.folders
    try:
        matches = PatternMatcher([path]).matches
    except ValueError:
        return False
    return any(matches(name) for name in (*context.files, *context.folders) if name)


def read_dockerfile(text: str, context: Context | None, arguments: Mapping[str, str]) -> list[Step]:
    """The steps that a Dockerfile makes.

    Args:
        text: The Dockerfile.
        context: What `COPY` and `ADD` can take; `None` where it isn't known.
        arguments: The build arguments.

    Raises:
        DockerfileError: It doesn't parse, or builds nothing.
    """
    try:
        tree = parse_dockerfile_ast(text)
        reader = _Evaluator(context, arguments, tree.escape_token)
        steps = [reader.read(instruction) for instruction in tree.instructions]
    except ValueError as error:
        raise DockerfileError(0, str(error)) from error
    if not reader.stages:
        raise DockerfileError(0, "the Dockerfile has no FROM: there is nothing to build")
    return steps
