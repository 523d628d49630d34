"""What a job reports at its end."""

from __future__ import annotations

import sys


def report(seconds: float | None, size: int = 0) -> None:
    """Print the seconds of the call (-1 where only the process counts), the peak memory in MB, and a size in bytes."""
    print(-1 if seconds is None else seconds, _peak(), size)


def _peak() -> float:
    if sys.platform == "linux":  # there, getrusage begins with the memory of the process that started this one
        with open("/proc/self/status") as file:  # noqa: PTH123 - pathlib would be measured too
            return int(file.read().partition("VmHWM:")[2].split()[0]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def run_job(jobs: dict[str, object]) -> None:
    """Run the job that the command line names, with its arguments, and report on it."""
    result = jobs[sys.argv[1]](*sys.argv[2:])  # type: ignore[operator]
    report(*result) if isinstance(result, tuple) else report(result)
