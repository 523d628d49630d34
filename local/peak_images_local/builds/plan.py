"""What a build will do: the lines of its log, how it ends, and for a real one the job that runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class BuildPlan:
    """What a build will have done when it has ended.

    Attributes:
        lines: The lines of its log.
        succeeds: How it ends.
        size: The size of the image that comes of it, in megabytes.
        job: Runs it for real, given its id; the rest is then what is known beforehand.
    """

    lines: list[str] = field(default_factory=list)
    succeeds: bool = True
    size: float = 10
    job: Callable[[int], None] | None = None

    def fail(self, line: str) -> BuildPlan:
        """End it here, with this line."""
        self.lines += [f"ERROR: {line}", "The build failed"]
        self.succeeds = False
        return self

    def fail_early(self, line: str) -> BuildPlan:
        """The same build, failing with this line after the first half of what it would have done."""
        return BuildPlan(self.lines[: max(1, len(self.lines) // 2)], size=self.size).fail(line)
