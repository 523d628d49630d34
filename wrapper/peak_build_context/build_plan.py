"""Evaluate what a build will do and where it will fail, from its Dockerfile and context. Nothing is run.

The preview and the simulated builds of the local service both use it, so that they never disagree. The rules
are BuildKit's: stages that the last one doesn't need aren't built, and what is known to fail without running a command
fails.
"""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Final, NamedTuple

from peak_build_context.context import clean_path
from peak_build_context.dockerfile import parse_dockerfile
from peak_build_context.errors import DockerfileError, DockerfileFrontendError, DockerfileLimitError, at_line
from peak_build_context.expansion import WHITESPACE, Expansion, shorten
from peak_build_context.instructions import Instruction, check_mount, parse_heredoc_word, parse_mount
from peak_build_context.patterns import PatternError, docker_pattern
from peak_build_context.problems import Problem, ProblemKind
from peak_build_context.sources import EMPTY, MALFORMED, BuildFiles, Source, make_source
from peak_build_context.stages import MAX_ERRORS, Command, Item, Stage, Stages, check_value, collect_error
from peak_build_context.text import escape_unprintable
from peak_build_context.values import check_mode, check_port, check_remote, check_signal, git_query, remote_kind

_OPTIONAL: Final = re.compile(r"(?:[^*?\[\\]|\[[^]^\\-]\])*")
"""A name with a letter in brackets, such as ``.npmr[c]``: the idiom for a file that may be missing."""

_MAX_STEP_LENGTH: Final = 500
_OWN_FRONTENDS: Final = ("docker/dockerfile", "docker.io/docker/dockerfile")


class Step(NamedTuple):
    """A step in the log of a build.

    Attributes:
        text: The position and the instruction, such as ``[build 2/5] COPY . /app``.
        problems: Its problems.
    """

    text: str
    problems: tuple[Problem, ...] = ()


class BuildPlan(NamedTuple):
    """What a build will do.

    Attributes:
        preparation: Problems that are found before the first step.
        steps: The steps, in their order.
        sources: The paths that the build reads from its context, relative to it; they may have wildcards.
    """

    preparation: tuple[Problem, ...] = ()
    steps: tuple[Step, ...] = ()
    sources: frozenset[str] = frozenset()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, in the order in which a build reaches them."""
        return (*self.preparation, *(problem for step in self.steps for problem in step.problems))


def plan_build(
    content: bytes,
    files: BuildFiles | None,
    build_arguments: Mapping[str, str] | None = None,
    *,
    name: str = "Dockerfile",
) -> BuildPlan:
    """Evaluate what the build of a Dockerfile will do.

    Args:
        content: The Dockerfile.
        files: The files that ``COPY`` and the like can read; None if they aren't known.
        build_arguments: The build's arguments.
        name: The name of the Dockerfile, for messages.
    """
    evaluation = _Evaluation(files, build_arguments or {}, name)
    steps: list[Step] = []
    try:
        steps = evaluation.run(content)
    except DockerfileError as error:
        evaluation.errors.append(error)
    except RecursionError:
        evaluation.errors.append(DockerfileLimitError("it is nested too deep"))
    return BuildPlan(tuple(map(evaluation.problem, evaluation.errors)), tuple(steps))


class _Evaluation:
    """The evaluation of one Dockerfile.

    Attributes:
        errors: Errors that are found before the first step.
    """

    def __init__(self, files: BuildFiles | None, build_arguments: Mapping[str, str], name: str) -> None:
        self.errors: list[DockerfileError] = []
        self._files = files
        self._build_arguments = build_arguments
        self._name = name
        self._problem_count = 0
        self._stages: Stages

    def run(self, content: bytes) -> list[Step]:
        dockerfile = parse_dockerfile(content)
        if dockerfile.syntax and not dockerfile.syntax.lower().startswith(_OWN_FRONTENDS):
            problem = f"built by {shorten(dockerfile.syntax)!r}, whose rules aren't known here"
            raise DockerfileFrontendError(problem)
        for name, value in self._build_arguments.items():
            if "\0" in name + value:
                raise DockerfileError(f"the build argument {shorten(name)!r} has a NUL character")
        self._stages = Stages(dockerfile, self._build_arguments, self.errors)
        if not self._stages.are_known:
            return []
        stages = self._stages.resolve()
        for stage in stages:
            if stage.base:
                stage.variables, stage.environment = copy(stage.base.variables), copy(stage.base.environment)
                for variable, setting in stage.environment.items():
                    stage.variables.assign(variable, setting)
            for command in stage.commands:
                if len(self.errors) < MAX_ERRORS:
                    with collect_error(self.errors, command.line):
                        self._evaluate(stage, command)
        return [step for stage in stages for step in self._steps(stage)]

    def problem(self, error: DockerfileError) -> Problem:
        """Return an error as a problem."""
        where = f"{self._name}:{error.line}" if error.line else self._name
        is_limit = isinstance(error, DockerfileLimitError)
        kind = ProblemKind.DOCKERFILE_LIMIT if is_limit else ProblemKind.DOCKERFILE_SYNTAX
        return Problem(kind, escape_unprintable(f"{where}: {error.problem}"), self._name, error.is_certain)

    def _expand(self, stage: Stage, word: str) -> Expansion:
        return self._stages.shell.expand(word, stage.variables)

    def _evaluate(self, stage: Stage, command: Command) -> None:
        """Set the variables of an instruction, check what depends on them, and record its sources."""
        for source in command.sources:
            if source.index >= stage.index:
                label = source.name or source.index
                raise DockerfileError(f"the stage {label} must come before the stage that takes files from it")
        self._dispatch(stage, command)
        for item in command.items:
            if self._files and (item.source or not item.expansion.is_known):
                self._files.taken.add(item.source.path if item.source else "")

    def _dispatch(self, stage: Stage, command: Command) -> None:  # noqa: C901, PLR0912 - a case for each instruction
        instruction = command.instruction
        match instruction.name:
            case "ARG":
                self._stages.declare(instruction, stage.variables)
            case "ENV":
                # All values of one instruction are expanded with the variables before it.
                words = [self._expand(stage, word) for word in instruction.arguments]
                for name, value in zip(words[::2], words[1::2], strict=True):
                    if name.is_known:
                        stage.variables.assign(name.text, value)
                        stage.environment[name.text] = value
            case "COPY" | "ADD":
                self._copy(stage, command)
            case "RUN" if instruction.is_json and not instruction.arguments:
                raise DockerfileError("RUN [] has no command")
            case "RUN":
                for mount in command.flags.get("mount", ()):
                    self._mount(stage, command, mount)
            case "EXPOSE":
                for value in (self._expand(stage, word) for word in instruction.arguments):
                    for port in re.findall(f"[^{WHITESPACE}]+", value.text):
                        check_value(check_port, value._replace(text=port))
            case "STOPSIGNAL":
                check_value(check_signal, self._expand(stage, instruction.arguments[0]))
            case "LABEL" | "USER" | "VOLUME" | "WORKDIR":
                values = [self._expand(stage, word) for word in instruction.arguments]
                if instruction.name == "VOLUME" and any(value.is_known and not value.text.strip() for value in values):
                    raise DockerfileError("VOLUME has a blank path")

    def _copy(self, stage: Stage, command: Command) -> None:
        instruction, flags = command.instruction, command.flags
        for value in flags.get("exclude", ()):
            _check_pattern(value)
        values = (flags.get(flag, ("",))[0] for flag in ("chown", "chmod", "checksum"))
        _, mode, checksum = (self._expand(stage, value) for value in values)
        if mode.text:
            check_value(check_mode, mode)
        for heredoc in instruction.heredocs:
            if heredoc.is_expanded:
                self._stages.shell.expand(heredoc.content, stage.variables, is_heredoc=True)
        *written, destination = instruction.arguments
        written = [word for word in written if not parse_heredoc_word(word)]
        expansions = [self._expand(stage, word) for word in written]
        self._expand(stage, destination)
        for expansion in expansions:
            check_value(git_query, expansion)
        if checksum.is_known and all(expansion.is_known for expansion in expansions):
            check_remote(instruction.name, [expansion.text for expansion in expansions], checksum.text)
        if not any(flags.get("from", ())):
            for word, expansion in zip(written, expansions, strict=True):
                is_local = expansion.is_known and not remote_kind(expansion.text)
                source = make_source(expansion.text, parents=flags.get("parents") == ("true",)) if is_local else None
                command.items.append(Item(word, expansion, source))

    def _mount(self, stage: Stage, command: Command, text: str) -> None:
        written = parse_mount(text)
        fields = {key: self._expand(stage, value) for key, value in written.items()}
        if not all(value.is_known for value in fields.values()):
            return
        values = {key: value.text for key, value in fields.items()}
        try:
            check_mount(values)
        except DockerfileError as error:
            is_private = any(value.is_private for value in fields.values())
            raise (DockerfileError("--mount has an invalid value") if is_private else error) from None
        kind = values.get("type", "bind").lower()
        if kind in ("bind", "cache", "tmpfs") and posixpath.normpath(values.get("target") or ".") in ("/", "//"):
            raise DockerfileError("the target of --mount can't be /")
        if kind in ("bind", "tmpfs") and not values.get("from"):
            expansion = fields.get("source", Expansion(""))
            path = clean_path(expansion.text) if kind == "bind" else ""
            command.items.append(Item(written.get("source", ""), expansion, Source(path)))

    def _steps(self, stage: Stage) -> Iterator[Step]:
        """Yield the steps of a stage, with the problems of their sources."""
        total = 1 + len(stage.commands)
        width = int(1 + math.log10(total))
        name = f"{stage.name or f'stage-{stage.index}'} " if len(self._stages) > 1 else ""
        yield Step(f"[{name}{1:>{width}}/{total}] {_one_line(stage.instruction)}")
        for number, command in enumerate(stage.commands, start=2):
            text = f"{'ONBUILD ' * command.is_trigger}{_one_line(command.instruction)}"
            yield Step(f"[{name}{number:>{width}}/{total}] {text}", tuple(self._source_problems(command)))

    def _source_problems(self, command: Command) -> Iterator[Problem]:
        if self._files is None or self._problem_count >= MAX_ERRORS:
            return
        with at_line(command.line):
            results = [self._files.check(item.source) for item in command.items]
        is_alone = all(results) and len(results) == len(command.instruction.arguments) - 1
        for item, result in zip(command.items, results, strict=True):
            if result and self._problem_count < MAX_ERRORS:
                yield from self._source_problem(self._files, command, item, result, is_alone=is_alone)

    def _source_problem(
        self, files: BuildFiles, command: Command, item: Item, result: str, *, is_alone: bool
    ) -> Iterator[Problem]:
        source, expansion = item.source, item.expansion
        assert source is not None  # noqa: S101 - only those have results
        is_ignored, hint = (False, "") if result == MALFORMED else files.explain(source)
        if result == EMPTY and not is_ignored and not (is_alone and not _OPTIONAL.fullmatch(expansion.text)):
            return
        kind = ProblemKind.SOURCE_IGNORED if is_ignored else ProblemKind.SOURCE_MISSING
        if result == MALFORMED:
            kind = ProblemKind.DOCKERFILE_SYNTAX
        where = f"{self._name}:{command.line}: {'ONBUILD ' * command.is_trigger}{command.instruction.name}"
        where += " --mount" if command.instruction.name == "RUN" else ""
        shown = repr(item.written)
        if expansion.text != item.written and not expansion.is_private:
            shown += f" ({shorten(expansion.text)!r})"
        self._problem_count += 1
        message = escape_unprintable(f"{where}: {shown} {result}{hint}")
        is_certain = result != EMPTY and expansion.is_certain
        yield Problem(kind, message, posixpath.join(files.prefix, source.path), is_certain)


def _check_pattern(pattern: str) -> None:
    try:
        docker_pattern(posixpath.normpath(pattern.removeprefix("!")))
    except PatternError as error:
        raise DockerfileError(f"malformed pattern {shorten(pattern)!r} in --exclude: {error}") from error


def _one_line(instruction: Instruction) -> str:
    return escape_unprintable(shorten(" ".join(instruction.source.split()), _MAX_STEP_LENGTH))
