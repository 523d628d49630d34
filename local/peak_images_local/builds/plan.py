"""What a build will do: the lines of its log, how it ends, and for a real one the job that runs it."""

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
        succeeds: How it ends.
        size: The size of the image that comes of it, in megabytes.
        job: Runs it for real, given its id; the rest is then what is known beforehand.
        artifact: The name of the artifact that was uploaded for it.
    """

    details: Mapping[str, Any]
    lines: list[str]
    succeeds: bool = True
    size: float = 10
    job: Callable[[int], None] | None = None
    artifact: str | None = None

    def fail(self, line: str) -> BuildPlan:
        """End it here, with this line."""
        self.lines += [f"ERROR: {line}", "The build failed"]
        self.succeeds = False
        return self

    def fail_early(self, line: str) -> BuildPlan:
        """Return the same build, which fails with this line after half of its log."""
        return replace(self, lines=self.lines[: max(1, len(self.lines) // 2)], job=None).fail(line)
