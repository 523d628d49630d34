"""Simulate builds: derive the log and the result from the build details and the artifact.

The evaluation is that of `peak_build_context`, which the client's preview uses too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peak_build_context.build_plan import plan_build as plan_steps
from peak_build_context.preflight import UploadedFiles, plan_upload
from peak_build_context.sources import BuildFiles
from peak_build_context.text import escape_unprintable, plural
from peak_images_local.builds.plan import BuildPlan
from peak_images_local.settings import MASK
from peak_images_local.storage import archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from peak_build_context.build_plan import BuildPlan as Steps
    from peak_build_context.problems import Problem

FIRST_LINE = "Simulated build: no command is executed, and nothing is pushed"


def plan_build(details: Mapping[str, Any], artifact: Path | None, image: str) -> BuildPlan:
    """Evaluate a build from its details and its artifact, without running anything.

    Args:
        details: The build details of the version.
        artifact: The uploaded archive, where the source is `upload`.
        image: What the built image will be called.
    """
    plan = BuildPlan(details, [FIRST_LINE, "Building the Docker image..."])
    try:
        _add_settings(plan, details)
        _run(plan, _steps(plan, details, artifact), image)
    except Exception as error:  # noqa: BLE001 - in any case the log ends with the reason
        plan.fail(f"the build can't be simulated: {type(error).__name__}: {str(error)[:200]}")
    plan.lines = [escape_unprintable(line) for line in plan.lines]
    return plan


def _add_settings(plan: BuildPlan, details: Mapping[str, Any]) -> None:
    plan.lines += [f"Using build argument {item['name']}={MASK}" for item in details.get("buildArguments", ())]
    plan.lines += [f"Using secret {name}" for name in details.get("secrets", ())]
    if not details.get("useCache", True):
        plan.lines.append("Not using the cache")


def _steps(plan: BuildPlan, details: Mapping[str, Any], artifact: Path | None) -> Steps:
    """Evaluate the steps; problems are written to the log."""
    arguments = {item["name"]: item["value"] for item in details.get("buildArguments", ())}
    if details["source"] == "dockerfile":
        plan.lines.append("Reading the Dockerfile from the request")
        # Only the Dockerfile is sent, so the build context is empty.
        content = details["dockerfile"].encode("utf-8", "surrogatepass")
        return plan_steps(content, BuildFiles(), arguments)
    if details["source"] == "github":
        branch = details.get("branch", "the default branch")
        plan.lines.append(f"Cloning {details['repository']} at {branch} (simulated: nothing is fetched)")
        return plan_steps(b"FROM scratch", None)
    if artifact is None:
        raise FileNotFoundError("there is no artifact to build from")
    files, directories = archive.read_context(artifact)
    size = sum(files.values())
    plan.size = round(plan.size + size / 1e6, 3)
    plan.lines.append(
        f"Unpacking the artifact: {len(files)} {plural('file', len(files))}, {size} {plural('byte', size)}"
    )
    path = details.get("dockerfilePath") or "Dockerfile"
    plan.lines.append(f"Reading the Dockerfile from {path}")
    return plan_upload(
        UploadedFiles(files, directories, lambda name, length: archive.read_member(artifact, name, length + 1)),
        arguments,
        dockerfile_path=path,
        context_path=details.get("context"),
    )


def _run(plan: BuildPlan, steps: Steps, image: str) -> None:
    if _report(plan, steps.preparation):
        return
    for step in steps.steps:
        plan.lines.append(step.text)
        if _report(plan, step.problems):
            return
    plan.lines += ["Exporting the layers", f"Pushing {image} (simulated)", "The build succeeded"]


def _report(plan: BuildPlan, problems: tuple[Problem, ...]) -> bool:
    """Write problems to the log and return whether one of them makes the build fail."""
    for problem in problems:
        if problem.fails_simulation:
            plan.fail(problem.message)
            return True
        plan.lines.append(f"WARNING: {problem.message}")
    return False
