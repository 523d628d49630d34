"""What a job says of itself at its end."""

from __future__ import annotations

import sys


def report(seconds: float | None) -> None:
    """Print the seconds of the call, or -1 where only the process counts, and the peak of the memory in MB."""
    print(-1 if seconds is None else seconds, _peak())


def _peak() -> float:
    if sys.platform == "linux":  # there, getrusage begins with the memory of the process that started this one
        with open("/proc/self/status") as file:  # noqa: PTH123 - pathlib would be measured too
            return int(file.read().partition("VmHWM:")[2].split()[0]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
