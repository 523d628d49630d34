"""The steps of a build and their times, read from its log."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

_LAST_LINES: Final = 10
"""The number of output lines that a step keeps."""

_NUMBERED: Final = re.compile(r"(?:#(?P<vertex>\d+) )?\[(?:[^\]]* )?(?P<number>\d+)/(?P<total>\d+)\] (?P<name>.+)")
"""BuildKit: ``#7 [build 3/5] RUN make``, the number in front where several steps run at once."""

_CLASSIC: Final = re.compile(r"(?:Step|STEP) (?P<number>\d+)/(?P<total>\d+) ?: (?P<name>.+)")
"""Docker's classic builder, ``Step 3/5 : RUN make``, and Buildah, ``STEP 3/5: RUN make``."""

_OUTPUT: Final = re.compile(r"#(?P<vertex>\d+) (?:(?P<end>DONE|CACHED|CANCELED|ERROR)\b:? ?(?P<seconds>[\d.]+s)?|)")
"""BuildKit: a line of a running step, ``#7 0.31 gcc -c main.c``, or its end, ``#7 DONE 1.2s``."""

_AFTER_STEPS: Final = re.compile(r"Exporting the layers$|COMMIT\b")
"""The line that follows the last step, of the local service and of Buildah."""


@dataclass
class BuildStep:
    """A step of a build.

    Attributes:
        name: The instruction, such as ``RUN pip install -r requirements.txt``.
        number: Its number, from 1, in its stage.
        total: How many steps the stage has.
        seconds: How long it took, in seconds; ``None`` where the log has no times, or while it runs.
        failed: Whether the build failed in it.
        lines: The last lines of its output, at most 10.
    """

    name: str
    number: int
    total: int
    seconds: float | None = None
    failed: bool = False
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))


class BuildSteps:
    """The steps of a build, collected from the entries of its log.

    It reads the logs of BuildKit, Docker's classic builder and Buildah. A log in another form has no steps. ``steps``
    is the list of the steps so far, in the order of their start.

    Example:
        >>> steps = images.BuildSteps()
        >>> for entry in client.follow_build_logs(image_id, build_id, poll_interval=0.1):
        ...     step = steps.add(entry)
        >>> steps.finish("success")
        >>> [step.name for step in steps.slowest(3) if step.seconds and step.seconds > 60]
        []
    """

    def __init__(self) -> None:
        self.steps: list[BuildStep] = []
        self._started: dict[int, datetime | None] = {}
        self._running: dict[str, BuildStep] = {}
        self._last: BuildStep | None = None
        self._time: datetime | None = None

    def add(self, entry: Mapping[str, Any]) -> BuildStep | None:
        """Add an entry of the log.

        Args:
            entry: The entry, with ``message`` and, where there is one, ``timestamp``.

        Returns:
            The step that starts with it; ``None`` if none does.
        """
        message = str(entry.get("message") or "").strip()
        self._time = _parse_time(entry.get("timestamp")) or self._time
        started = _NUMBERED.match(message) or _CLASSIC.match(message)
        if started is not None:
            return self._start(started)
        output = _OUTPUT.match(message)
        step = self._running.get(output["vertex"]) if output else self._last
        if step is None:
            return None
        step.lines.append(message)
        if step.seconds is None and step.number == step.total and _AFTER_STEPS.match(message):
            step.seconds = self._seconds_since_start(step)
        if output and output["end"]:
            step.seconds = float(output["seconds"][:-1]) if output["seconds"] else self._seconds_since_start(step)
            step.failed = output["end"] == "ERROR"
        self._last = step
        return None

    def finish(self, status: str) -> None:
        """Finish the last step, which failed if the build did.

        Args:
            status: The build's final status, such as ``success`` or ``failed``.
        """
        if self._last is None:
            return
        if self._last.seconds is None:
            self._last.seconds = self._seconds_since_start(self._last)
        if status == "failed" and self.failed is None:
            self._last.failed = True

    @property
    def failed(self) -> BuildStep | None:
        """The step in which the build failed; ``None`` if none has."""
        return next((step for step in self.steps if step.failed), None)

    def slowest(self, count: int) -> list[BuildStep]:
        """Return the steps that took longest, the slowest first.

        Args:
            count: At most this many.
        """
        timed = [step for step in self.steps if step.seconds is not None]
        return sorted(timed, key=lambda step: -(step.seconds or 0))[:count]

    def _start(self, started: re.Match[str]) -> BuildStep:
        vertex = started.groupdict().get("vertex")
        if vertex is not None and vertex in self._running:
            return self._running[vertex]  # BuildKit repeats the name of a step that continues
        if vertex is None and self._last is not None and self._last.seconds is None:
            # Steps run one after the other: this one starts when the previous one finishes.
            self._last.seconds = self._seconds_since_start(self._last)
        self._last = BuildStep(started["name"], int(started["number"]), int(started["total"]))
        self.steps.append(self._last)
        self._started[id(self._last)] = self._time
        if vertex is not None:
            self._running[vertex] = self._last
        return self._last

    def _seconds_since_start(self, step: BuildStep) -> float | None:
        started, time = self._started[id(step)], self._time
        if started is None or time is None or (started.tzinfo is None) != (time.tzinfo is None):
            return None
        return max(0.0, (time - started).total_seconds())


def _parse_time(value: object) -> datetime | None:
    text = str(value or "")
    try:
        return datetime.fromtimestamp(int(text) / 1000).astimezone() if text.isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
