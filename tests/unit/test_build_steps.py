"""The steps of a build, read from logs as several engines write them."""

from __future__ import annotations

import pytest

from peak_images._build_steps import BuildSteps

BUILDKIT = """
#1 [internal] load build definition from Dockerfile
#1 DONE 0.1s
#5 [build 1/3] FROM docker.io/library/python:3.12
#5 DONE 2.0s
#6 [build 2/3] COPY . .
#7 [other 1/2] RUN slow
#6 DONE 0.5s
#8 [build 3/3] RUN pip install nothing
#7 12.10 working
#7 DONE 12.3s
#8 1.204 ERROR: No matching distribution found for nothing
#8 ERROR: process "/bin/sh -c pip install nothing" did not complete successfully: exit code: 1
"""
CLASSIC = """
Building the Docker image...
Step 1/3 : FROM python:3.12
 ---> 1234
Step 2/3 : COPY . .
Step 3/3 : RUN pip install nothing
ERROR: No matching distribution found for nothing
"""
SIMULATED = """
[1/3] FROM python:3.12
[2/3] COPY . .
[stage-1 3/3] RUN pip install nothing
the last line
"""


def entries(log: str, start: str = "2023-06-01T18:00:{:02}.000Z") -> list[dict[str, str]]:
    lines = log.strip().split("\n")
    return [{"message": line, "timestamp": start.format(second)} for second, line in enumerate(lines)]


def read(log: list[dict[str, str]], status: str = "failed") -> BuildSteps:
    steps = BuildSteps()
    for entry in log:
        steps.add(entry)
    steps.finish(status)
    return steps


def test_buildkit_steps_that_run_at_once_have_their_own_times_and_output() -> None:
    steps = read(entries(BUILDKIT))
    assert [(step.name, step.seconds) for step in steps.steps[:3]] == [
        ("FROM docker.io/library/python:3.12", 2.0),
        ("COPY . .", 0.5),
        ("RUN slow", 12.3),
    ]
    assert steps.failed is not None
    assert steps.failed.name == "RUN pip install nothing"
    assert steps.failed.lines[0] == "#8 1.204 ERROR: No matching distribution found for nothing"
    assert [step.name for step in steps.slowest(1)] == ["RUN slow"]


@pytest.mark.parametrize("log", [CLASSIC, SIMULATED])
def test_steps_one_after_the_other_take_until_the_next_begins(log: str) -> None:
    steps = read(entries(log))
    assert [(step.number, step.total, step.name) for step in steps.steps] == [
        (1, 3, "FROM python:3.12"),
        (2, 3, "COPY . ."),
        (3, 3, "RUN pip install nothing"),
    ]
    assert all(step.seconds is not None and step.seconds >= 1 for step in steps.steps)
    assert steps.failed is steps.steps[-1]


@pytest.mark.parametrize("line", ["Exporting the layers", "COMMIT weather"])
def test_last_step_ends_before_the_export_of_the_image(line: str) -> None:
    steps = read(entries(f"{SIMULATED.strip()}\n{line}\nPushing weather\nThe build succeeded"), "success")
    assert steps.steps[-1].seconds == 2


def test_successful_build_has_no_failed_step() -> None:
    assert read(entries(SIMULATED), "success").failed is None


@pytest.mark.parametrize("stamp", ["", "yesterday", "9" * 30])
def test_steps_without_readable_times_have_no_seconds(stamp: str) -> None:
    steps = read([{"message": line, "timestamp": stamp} for line in SIMULATED.strip().split("\n")])
    assert len(steps.steps) == 3
    assert steps.slowest(3) == []


def test_milliseconds_since_1970_are_times() -> None:
    log = [{"message": "[1/2] FROM x", "timestamp": "1000"}, {"message": "[2/2] RUN y", "timestamp": "3500"}]
    assert read(log, "success").steps[0].seconds == 2.5


@pytest.mark.parametrize("log", ["", "hello\nworld", "#9 DONE", "[x/y] z"])
def test_log_in_another_form_has_no_steps(log: str) -> None:
    steps = read(entries(log) if log else [])
    assert steps.steps == []
    assert steps.failed is None
