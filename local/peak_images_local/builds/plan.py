"""The plan of a build: the lines of its log, its result, and for a real build the job that runs it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass
class BuildPlan:
    """The log of a build, its result, and for a real one the job that runs it.

    Attributes:
        details: The build details of the version.
        lines: The lines of its log.
        succeeds: Whether it succeeds.
        size: The size of the built image, in megabytes.
        job: Runs a real build, given its id; the other attributes are then those known in advance.
        artifact: The name of the artifact that was uploaded for it.
    """

    details: Mapping[str, Any]
    lines: list[str]
    succeeds: bool = True
    size: float = 10
    job: Callable[[int], None] | None = None
    artifact: str | None = None

    def fail(self, line: str) -> BuildPlan:
        """Make the build fail here, with this line."""
        self.lines += [f"ERROR: {line}", "The build failed"]
        self.succeeds = False
        return self

    def fail_early(self, line: str) -> BuildPlan:
        """Return a copy that fails with this line after half of its log."""
        return replace(self, lines=self.lines[: max(1, len(self.lines) // 2)], job=None).fail(line)
