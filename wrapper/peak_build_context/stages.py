"""The stages of a Dockerfile: the base of each, the stages that it needs, and which of them are built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Final, NamedTuple

from peak_build_context.dockerfile import MAX_INSTRUCTIONS, Dockerfile, parse_dockerfile
from peak_build_context.errors import DockerfileError, DockerfileLimitError, at_line
from peak_build_context.expansion import Expansion, Shell, Variables, shorten
from peak_build_context.instructions import Flags, Instruction, check_instruction, parse_mount
from peak_build_context.sources import Source
from peak_build_context.values import check_image_name, check_platform

SCRATCH: Final = "scratch"
"""The empty image."""

_PLATFORM: Final = {
    "PLATFORM": "linux/amd64", "OS": "linux", "OSVERSION": "", "ARCH": "amd64", "VARIANT": "",
}  # fmt: skip
"""The values of the ``BUILD…`` and ``TARGET…`` arguments on the most common platform."""

MAX_ERRORS: Final = 20
"""The maximum number of errors that are reported for one Dockerfile."""

_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Item(NamedTuple):
    """A path that an instruction reads from the context.

    Attributes:
        written: How it is written.
        expansion: The written word with its variables expanded.
        source: Its path in the context; None if it isn't in the context, or isn't known.
    """

    written: str
    expansion: Expansion
    source: Source | None


@dataclass(slots=True)
class Command:
    """An instruction of a stage.

    Attributes:
        instruction: The instruction.
        flags: The values of its flags.
        line: The line to name: of a trigger that of the ``FROM`` that sets it off.
        is_trigger: Whether it comes from an ``ONBUILD`` of the stage before.
        sources: The stages that ``--from`` and ``--mount`` name.
        items: What it reads from the context, once it is evaluated.
    """

    instruction: Instruction
    flags: Flags
    line: int
    is_trigger: bool = False
    sources: list[Stage] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Stage:
    """A stage of the build.

    Attributes:
        index: Its position, from 0.
        name: Its name, in lower case; "" if it has none.
        instruction: Its ``FROM``.
        flags: The flags of that.
        base: The stage that it is built from; None for an image.
        commands: Its instructions.
        variables: The variables at its end; at its beginning, until it is evaluated.
        environment: Those of them that ``ENV`` set, which a stage built from this one inherits; a later ``ARG`` has no
            effect on them.
    """

    index: int
    name: str
    instruction: Instruction
    flags: Flags
    base: Stage | None = None
    commands: list[Command] = field(default_factory=list)
    variables: Variables = field(default_factory=Variables)
    environment: dict[str, Expansion] = field(default_factory=dict)

    @property
    def needs(self) -> Iterator[Stage]:
        """The stages that it needs directly."""
        if self.base:
            yield self.base
        for command in self.commands:
            yield from command.sources


class Stages:
    """The stages of a Dockerfile.

    Args:
        dockerfile: The Dockerfile.
        build_arguments: The build's arguments, which override the defaults of ``ARG``.
        errors: Receives the errors of single instructions, any of which makes the build fail.

    Attributes:
        are_known: Whether no stage is missing because of the errors.
        global_variables: The variables for ``FROM``.
        shell: Expands the words of the Dockerfile.
    """

    def __init__(
        self, dockerfile: Dockerfile, build_arguments: Mapping[str, str], errors: list[DockerfileError]
    ) -> None:
        self.shell = Shell(dockerfile.escape)
        self._build_arguments = build_arguments
        self._stages: list[Stage] = []
        self._names: dict[str, Stage] = {}
        self._trigger_count = 0
        self._arguments: list[Instruction] = []
        for instruction in dockerfile.instructions:
            if len(errors) < MAX_ERRORS:
                with collect_error(errors, instruction.line):
                    self._collect(instruction)
        froms = [instruction for instruction in dockerfile.instructions if instruction.name == "FROM"]
        self.are_known = len(self._stages) == len(froms)
        self.global_variables = self._default_variables()
        for instruction in self._arguments:
            with at_line(instruction.line):
                self.declare(instruction, self.global_variables)

    def _collect(self, instruction: Instruction) -> None:
        """Check an instruction, and add it to its stage."""
        flags = check_instruction(instruction)
        if instruction.name == "FROM":
            name = "".join(instruction.arguments[2:]).lower()
            self._stages.append(Stage(len(self._stages), name, instruction, flags))
        elif self._stages:
            self._stages[-1].commands.append(Command(instruction, flags, instruction.line))
        elif instruction.name == "ARG":
            self._arguments.append(instruction)
        else:
            raise DockerfileError(f"{instruction.name} comes before the first FROM")

    def _default_variables(self) -> Variables:
        variables = Variables()
        for name, value in _PLATFORM.items():
            variables[f"BUILD{name}"] = variables[f"TARGET{name}"] = Expansion(value, is_certain=False)
        variables["TARGETSTAGE"] = Expansion((self._stages and self._stages[-1].name) or "default")
        for name in variables.keys() & self._build_arguments.keys():
            variables.assign(name, Expansion(self._build_arguments[name], is_private=True))
        return variables

    def declare(self, instruction: Instruction, variables: Variables) -> None:
        """Set the variables of an ``ARG``."""
        for word in instruction.arguments:
            name, equals, default = word.partition("=")
            if name in self._build_arguments:
                variables.assign(name, Expansion(self._build_arguments[name], is_private=True))
            elif equals:
                variables.assign(name, self.shell.expand(default, variables))
            elif name in self.global_variables:
                variables.assign(name, self.global_variables[name])

    def resolve(self) -> list[Stage]:
        """Resolve the base and the dependencies of each stage. Return those that are built, in order.

        Raises:
            DockerfileError: The stages can't be built.
        """
        if not self._stages:
            raise DockerfileError("there is no FROM in it: nothing to build")
        for stage in self._stages:
            with at_line(stage.instruction.line):
                self._resolve_base(stage)
        for stage in self._stages:
            for command in stage.commands:
                with at_line(command.line):
                    self._resolve_sources(command)
        try:
            TopologicalSorter({stage: set(stage.needs) for stage in self._stages}).prepare()
        except CycleError as error:
            first: Stage = min(error.args[1], key=lambda stage: stage.index)
            problem = f"circular dependency on {first.name or f'stage {first.index}'}"
            raise DockerfileError(problem, first.instruction.line) from None
        return self._reachable()

    def __len__(self) -> int:
        return len(self._stages)

    def _resolve_base(self, stage: Stage) -> None:
        written = stage.instruction.arguments[0]
        name = self.shell.expand(written, self.global_variables)
        if not name.text:
            raise DockerfileError(f"the base image of FROM is blank: {shorten(written)!r} has no value")
        for value in filter(None, stage.flags.get("platform", ())):
            platform = self.shell.expand(value, self.global_variables)
            if not platform.text:
                raise DockerfileError(f"the --platform of FROM is blank: {shorten(value)!r} has no value")
            check_value(check_platform, platform)
        stage.base = self._names.get(name.text)
        if stage.base is None and name.text == SCRATCH:
            stage.variables["PATH"] = Expansion(_PATH)
        elif stage.base is None:
            stage.variables.is_complete = False
            check_value(check_image_name, name)
        if stage.name:
            self._names[stage.name] = stage

    def _resolve_sources(self, command: Command) -> None:
        for source in command.flags.get("from", ()):
            if not source:
                continue
            if self.shell.expand(source, Variables()).text != source:
                raise DockerfileError(f"variables are not supported in --from={shorten(source)}: name a stage instead")
            if re.fullmatch("[+-]?[0-9]{1,18}", source):
                index = int(source)
                if not 0 <= index < len(self._stages):
                    raise DockerfileError(f"--from={source}: there is no stage {index}")
                command.sources.append(self._stages[index])
            else:
                self._add_source(command, source)
        for text in command.flags.get("mount", ()):
            if source := _mount_from(text):
                self._add_source(command, source)

    def _add_source(self, command: Command, name: str) -> None:
        if stage := self._names.get(name.lower()):
            command.sources.append(stage)
        elif name != SCRATCH:
            check_image_name(name)

    def _reachable(self) -> list[Stage]:
        found: set[Stage] = set()
        waiting = [self._stages[-1]]
        while waiting:
            stage = waiting.pop()
            if stage in found:
                continue
            found.add(stage)
            if stage.base:
                with at_line(stage.instruction.line):
                    self._add_triggers(stage, stage.base)
            waiting.extend(stage.needs)
        return [stage for stage in self._stages if stage in found]

    def _add_triggers(self, stage: Stage, base: Stage) -> None:
        own, stage.commands = stage.commands, []
        for command in base.commands:
            if command.instruction.name != "ONBUILD":
                continue
            text = command.instruction.arguments[0]
            heredocs = "".join(f"\n{heredoc.content}{heredoc.name}" for heredoc in command.instruction.heredocs)
            (trigger, *others) = parse_dockerfile((text + heredocs).encode("utf-8", "surrogateescape")).instructions
            if others:
                raise DockerfileError(f"ONBUILD takes one instruction: {shorten(text)!r}")
            self._trigger_count += 1
            if self._trigger_count > MAX_INSTRUCTIONS:
                raise DockerfileLimitError(f"it has more than {MAX_INSTRUCTIONS} instructions")
            added = Command(trigger, check_instruction(trigger), stage.instruction.line, is_trigger=True)
            self._resolve_sources(added)
            stage.commands.append(added)
        stage.commands += own


@contextmanager
def collect_error(errors: list[DockerfileError], line: int) -> Iterator[None]:
    """Record the error of one instruction, so that others are found too. Beyond a limit the evaluation stops."""
    try:
        with at_line(line):
            yield
    except DockerfileLimitError:
        raise
    except DockerfileError as error:
        errors.append(error)


def check_value(check: Callable[[str], object], value: Expansion) -> None:
    """Check a value if it is known. An error doesn't show that of a build argument.

    Raises:
        DockerfileError: The value is wrong.
    """
    try:
        if value.is_known:
            check(value.text)
    except DockerfileError as error:
        if value.is_private:
            raise DockerfileError(
                error.problem.replace(repr(shorten(value.text)), "the value of a build argument")
            ) from None
        raise


def _mount_from(text: str) -> str:
    try:
        source = parse_mount(text).get("from", "")
    except DockerfileError:
        return ""  # found again when the stage is built
    if "$" in source[:-1]:
        raise DockerfileError("variables are not supported in the field 'from' of --mount: name a stage instead")
    return source
