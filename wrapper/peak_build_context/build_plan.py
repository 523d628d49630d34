"""What a build will do and where it will fail, worked out from its Dockerfile and context. Nothing is run.

The preview and the simulated builds of the local service both take it from here, so that they never disagree. The rules
are BuildKit's: stages that the last one doesn't need aren't built, and what is known to fail without running a command
fails.
"""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from peak_build_context.context import clean_path
from peak_build_context.dockerfile import parse_dockerfile
from peak_build_context.errors import DockerfileError, DockerfileLimitError
from peak_build_context.expansion import WHITESPACE, Expansion, expand, shorten
from peak_build_context.instructions import Instruction, check_mount, parse_heredoc_word, parse_mount
from peak_build_context.patterns import PatternError, docker_pattern
from peak_build_context.problems import Problem, ProblemKind
from peak_build_context.sources import BuildFiles, Source, fixed_directory, make_source
from peak_build_context.stages import MAX_ERRORS, Command, Stage, Stages, at_line, check_value
from peak_build_context.text import escape_unprintable
from peak_build_context.values import check_mode, check_port, check_remote, check_signal, remote_kind

_OPTIONAL: Final = re.compile(r"(?:[^*?\[\\]|\[[^]^\\-]\])*")
"""A name with a letter in brackets, as in ``.npmr[c]``: how one writes that a file may be missing."""

_MAX_STEP_LENGTH: Final = 500
_OWN_FRONTENDS: Final = ("docker/dockerfile", "docker.io/docker/dockerfile")


class Step(NamedTuple):
    """A step in the log of a build.

    Attributes:
        text: Which it is and its instruction, such as ``[build 2/5] COPY . /app``.
        problems: What is wrong with it.
    """

    text: str
    problems: tuple[Problem, ...] = ()


class BuildPlan(NamedTuple):
    """What a build will do.

    Attributes:
        preparation: What is found before the first step.
        steps: The steps, in their order.
        sources: What the build takes from its context: paths relative to it, which may have wildcards.
    """

    preparation: tuple[Problem, ...] = ()
    steps: tuple[Step, ...] = ()
    sources: frozenset[str] = frozenset()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong, in the order in which a build comes upon it."""
        return (*self.preparation, *(problem for step in self.steps for problem in step.problems))


def plan_build(
    content: bytes,
    files: BuildFiles | None,
    build_arguments: Mapping[str, str] | None = None,
    *,
    name: str = "Dockerfile",
) -> BuildPlan:
    """Work out what the build of a Dockerfile will do.

    Args:
        content: The Dockerfile.
        files: What ``COPY`` and the like can take; None where it isn't known.
        build_arguments: The build's arguments.
        name: The name of the Dockerfile, for messages.
    """
    evaluation = _Evaluation(files, build_arguments or {}, name)
    try:
        return evaluation.run(content)
    except DockerfileError as error:
        problem = evaluation.problem(error)
    except RecursionError:
        problem = evaluation.problem(DockerfileLimitError("it is nested too deep"))
    return BuildPlan((*evaluation.preparation, problem))


@dataclass(slots=True)
class _Item:
    """A source of an instruction: as it is written, expanded, and in the context."""

    written: str
    expansion: Expansion
    source: Source | None
    """None for what isn't in the context, or isn't known."""


class _Evaluation:
    """The evaluation of one Dockerfile."""

    def __init__(self, files: BuildFiles | None, build_arguments: Mapping[str, str], name: str) -> None:
        self.preparation: list[Problem] = []
        self._files = files
        self._build_arguments = build_arguments
        self._name = name
        self._problem_count = 0
        self._stages: Stages
        self._items: dict[int, list[_Item]] = {}
        """The sources of each command, by its identity."""

    def run(self, content: bytes) -> BuildPlan:
        dockerfile = parse_dockerfile(content)
        if dockerfile.syntax and not dockerfile.syntax.lower().startswith(_OWN_FRONTENDS):
            message = f"{self._name}: built by {shorten(dockerfile.syntax)!r}, whose rules aren't known here"
            return BuildPlan((Problem(ProblemKind.DOCKERFILE_SYNTAX, message, self._name),))
        for name, value in self._build_arguments.items():
            if "\0" in name + value:
                raise DockerfileError(f"the build argument {shorten(name)!r} has a NUL character")
        self._stages = Stages(dockerfile, self._build_arguments)
        self.preparation += map(self.problem, self._stages.errors)
        if not self._stages.are_known:
            return BuildPlan(tuple(self.preparation))
        stages = self._stages.resolve()
        for stage in stages:
            self._evaluate(stage)
        steps = [step for stage in stages for step in self._steps(stage)]
        return BuildPlan(tuple(self.preparation), tuple(steps))

    def problem(self, error: DockerfileError) -> Problem:
        """Return the problem that an error is."""
        where = f"{self._name}:{error.line}" if error.line else self._name
        is_limit = isinstance(error, DockerfileLimitError)
        kind = ProblemKind.DOCKERFILE_LIMIT if is_limit else ProblemKind.DOCKERFILE_SYNTAX
        return Problem(kind, escape_unprintable(f"{where}: {error.problem}"), self._name, is_certain=not is_limit)

    def _evaluate(self, stage: Stage) -> None:
        """Set the variables of a stage, and check what depends on them."""
        stage.enter()
        for command in stage.commands:
            try:
                with at_line(command.line):
                    self._dispatch(stage, command)
            except DockerfileLimitError:
                raise
            except DockerfileError as error:
                self.preparation.append(self.problem(error))
                if len(self.preparation) >= MAX_ERRORS:
                    return

    def _expand(self, stage: Stage, word: str) -> Expansion:
        return self._stages.expand(word, stage.variables)

    def _dispatch(self, stage: Stage, command: Command) -> None:  # noqa: C901 - a case for each instruction
        instruction = command.instruction
        match instruction.name:
            case "ARG":
                self._stages.declare(instruction, stage.variables)
            case "ENV":
                # All values of one instruction see the variables as they were before it.
                words = [self._expand(stage, word) for word in instruction.arguments]
                for name, value in zip(words[::2], words[1::2], strict=True):
                    if name.is_known:
                        stage.variables.assign(name.text, value)
            case "COPY" | "ADD":
                self._copy(stage, command)
            case "RUN":
                self._run(stage, command)
            case "EXPOSE":
                for word in instruction.arguments:
                    self._expose(stage, word)
            case "STOPSIGNAL":
                check_value(check_signal, self._expand(stage, instruction.arguments[0]))
            case "LABEL" | "USER" | "VOLUME" | "WORKDIR":
                for word in instruction.arguments:
                    self._expand(stage, word)

    def _expose(self, stage: Stage, word: str) -> None:
        value = self._expand(stage, word)
        for port in re.findall(f"[^{WHITESPACE}]+", value.text):
            check_value(check_port, value._replace(text=port))

    def _check_order(self, stage: Stage, command: Command) -> None:
        for source in command.sources:
            if source.index >= stage.index:
                name = source.name or source.index
                raise DockerfileError(f"the stage {name} must come before the stage that takes files from it")

    def _copy(self, stage: Stage, command: Command) -> None:
        instruction, flags = command.instruction, command.flags
        self._check_order(stage, command)
        for value in flags.get("exclude", ()):
            _check_pattern(value, "--exclude")
        values = (flags.get(flag, ("",))[0] for flag in ("chown", "chmod", "checksum"))
        _, mode, checksum = (self._expand(stage, value) for value in values)
        if mode.text:
            check_value(check_mode, mode)
        for heredoc in instruction.heredocs:
            if heredoc.is_expanded:
                expand(heredoc.content, stage.variables, "\\", self._stages.budget, keep_quotes=True)
        written = [word for word in instruction.arguments[:-1] if not parse_heredoc_word(word)]
        expansions = [self._expand(stage, word) for word in written]
        self._expand(stage, instruction.arguments[-1])
        sources = tuple(expansion.text for expansion in expansions if expansion.is_known)
        if len(sources) == len(written) and checksum.is_known:
            check_remote(instruction.name, sources, checksum.text)
        if any(flags.get("from", ())):
            return
        items = [
            _Item(word, expansion, self._context_source(command, expansion))
            for word, expansion in zip(written, expansions, strict=True)
        ]
        self._take(command, items)

    def _context_source(self, command: Command, expansion: Expansion) -> Source | None:
        if not expansion.is_known or remote_kind(expansion.text):
            return None
        return make_source(expansion.text, parents=command.flags.get("parents") == ("true",))

    def _run(self, stage: Stage, command: Command) -> None:
        self._check_order(stage, command)
        items = []
        for text in command.flags.get("mount", ()):
            written = parse_mount(text)
            fields = {key: self._expand(stage, value) for key, value in written.items()}
            if not all(value.is_known for value in fields.values()):
                continue
            values = {key: value.text for key, value in fields.items()}
            is_private = any(value.is_private for value in fields.values())
            try:
                check_mount(values)
            except DockerfileError as error:
                raise (DockerfileError("--mount has an invalid value") if is_private else error) from None
            kind = values.get("type", "bind").lower()
            if kind in ("bind", "cache", "tmpfs") and posixpath.normpath(values.get("target") or ".") in ("/", "//"):
                raise DockerfileError("the target of --mount can't be /")
            if kind in ("bind", "tmpfs") and not values.get("from"):
                expansion = fields.get("source", Expansion(""))
                path = clean_path(expansion.text) if kind == "bind" else ""
                items.append(_Item(written.get("source", ""), expansion, Source(path, may_have_wildcards=False)))
        self._take(command, items)

    def _take(self, command: Command, items: list[_Item]) -> None:
        self._items[id(command)] = items
        for item in items:
            if self._files and (item.source or not item.expansion.is_known):
                self._files.transfer(item.source)

    def _steps(self, stage: Stage) -> Iterator[Step]:
        """Yield the steps of a stage, with what is wrong with their sources."""
        total = 1 + len(stage.commands)
        width = int(1 + math.log10(total))
        name = f"{stage.name or f'stage-{stage.index}'} " if len(self._stages) > 1 else ""
        yield Step(f"[{name}{1:>{width}}/{total}] {_one_line(stage.instruction)}")
        for number, command in enumerate(stage.commands, start=2):
            text = f"{'ONBUILD ' * command.is_trigger}{_one_line(command.instruction)}"
            yield Step(f"[{name}{number:>{width}}/{total}] {text}", tuple(self._source_problems(command)))

    def _source_problems(self, command: Command) -> Iterator[Problem]:
        items = self._items.get(id(command), [])
        if self._files is None or self._problem_count >= MAX_ERRORS:
            return
        with at_line(command.line):
            results = [self._look_for(self._files, item) for item in items]
        is_alone = all(results) and len(items) == len(command.instruction.arguments) - 1
        for item, result in zip(items, results, strict=True):
            if result and item.source and self._problem_count < MAX_ERRORS:
                yield from self._source_problem(self._files, command, item, result, is_alone=is_alone)

    def _look_for(self, files: BuildFiles, item: _Item) -> str:
        """Return what is wrong with a source: nothing, or that it is missing, matches nothing or is malformed."""
        source = item.source
        if source is None:
            return ""
        if not source.has_wildcards:
            return "" if files.exists(source.path) else "missing"
        try:
            if files.matches(source):
                return ""
        except PatternError:
            return "malformed"
        # Wildcards may match nothing. But the directory that is looked through must be there, and what nothing in it is
        # taken of isn't sent to the builder at all.
        return "empty" if files.has_transferred(fixed_directory(source)) else "missing"

    def _source_problem(
        self, files: BuildFiles, command: Command, item: _Item, result: str, *, is_alone: bool
    ) -> Iterator[Problem]:
        source, expansion = item.source, item.expansion
        assert source is not None  # noqa: S101 - only those have results
        path = posixpath.join(files.prefix, source.path)
        where = f"{self._name}:{command.line}: {'ONBUILD ' * command.is_trigger}{command.instruction.name}"
        where += " --mount" if command.instruction.name == "RUN" else ""
        shown = repr(item.written)
        if expansion.text != item.written and not expansion.is_private:
            shown += f" ({shorten(expansion.text)!r})"
        is_ignored, hint = (False, "") if result == "malformed" else files.explain(source)
        kind = ProblemKind.SOURCE_IGNORED if is_ignored else ProblemKind.SOURCE_MISSING
        if result == "malformed":
            kind, message = ProblemKind.DOCKERFILE_SYNTAX, "is a malformed pattern"
        elif result == "missing":
            message = f"not found in the build context{hint}"
        elif is_ignored or (is_alone and not _OPTIONAL.fullmatch(expansion.text)):
            message = f"matches nothing in the build context{hint}"
        else:
            return
        self._problem_count += 1
        is_certain = result != "empty" and expansion.is_certain
        yield Problem(kind, escape_unprintable(f"{where}: {shown} {message}"), path, is_certain)


def _check_pattern(pattern: str, what: str) -> None:
    try:
        docker_pattern(posixpath.normpath(pattern.removeprefix("!")))
    except PatternError as error:
        raise DockerfileError(f"malformed pattern {shorten(pattern)!r} in {what}: {error}") from error


def _one_line(instruction: Instruction) -> str:
    return escape_unprintable(shorten(" ".join(instruction.source.split()), _MAX_STEP_LENGTH))
