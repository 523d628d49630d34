"""Summarize a run of tox, for users and for CI: ``python scripts/summary.py RESULT``, of tox's ``--result-json``.

A table of the environments, then the skipped checks with the reason, so that none of them looks like a passed one.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COUNTED = ("passed", "failed", "skipped")

# Escape sequences of a terminal, such as colours and links.
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))|\r")

# pytest's last line, and the lines in which pytest and this project's scripts report what they skipped.
CLOSING = re.compile(r"^(?:=+ )?(\d+ \w+(?:, \d+ \w+)*) in [\d.]+s", re.MULTILINE)
SKIPPED = re.compile(r"^(?:SKIPPED \[(\d+)\] \S+: |skipped: )(.+)$", re.MULTILINE)


def output_of(environment: dict[str, Any]) -> str:
    """Return all that the commands of an environment wrote, without the colours that a terminal gets."""
    return ANSI.sub("", "\n".join(str(command["output"]) for command in environment.get("test", [])))


def tests_in(environment: dict[str, Any]) -> Counter[str]:
    """Return how many of its tests passed, failed and were skipped."""
    counted: Counter[str] = Counter()
    for closing in CLOSING.findall(output_of(environment)):
        for number, what in re.findall(r"(\d+) (\w+)", closing):
            counted["failed" if what.startswith("error") else what] += int(number)
    return counted


def skipped_in(environment: dict[str, Any]) -> Iterator[str]:
    """Yield what was skipped, with the reason or the selection."""
    if environment["result"].get("skipped"):
        yield f"there is no Python {'.'.join(map(str, environment['python']['version_info'][:2]))} here"
    for command in environment.get("test", []):
        arguments = command["command"]
        if "-k" in arguments:
            yield f"what its command leaves out by -k {arguments[arguments.index('-k') + 1]!r}"
    counted: Counter[str] = Counter()
    for number, reason in SKIPPED.findall(output_of(environment)):
        counted[reason] += int(number or 1)
    yield from (f"{number} × {reason}" for reason, number in sorted(counted.items()))


def summary(environments: dict[str, dict[str, Any]]) -> str:
    """Return the table, the reasons, and a line with the sums."""
    ran = {name: environment for name, environment in environments.items() if "result" in environment}
    lines = ["| environment | outcome | seconds | passed | failed | skipped |", "|---|---|---|---|---|---|"]
    total: Counter[str] = Counter()
    for name, environment in ran.items():
        result, tests = environment["result"], tests_in(environment)
        outcome = "skipped" if result.get("skipped") else "passed" if result["success"] else "FAILED"
        cells = (outcome, f"{result['duration']:.0f}", *(tests[what] or "" for what in COUNTED))
        lines.append(f"| {name} | " + " | ".join(map(str, cells)) + " |")
        total += tests
    reasons = [f"  {name}: {reason}" for name, environment in ran.items() for reason in skipped_in(environment)]
    lines += ["", "Skipped, and why:" if reasons else "Nothing was skipped.", *reasons, ""]
    minutes, seconds = divmod(round(sum(environment["result"]["duration"] for environment in ran.values())), 60)
    lines.append(f"{minutes} min {seconds} s in all environments")
    return "\n".join([*lines, ", ".join(f"{total[what]} {what}" for what in COUNTED)])


if __name__ == "__main__":
    print(summary(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["testenvs"]))
