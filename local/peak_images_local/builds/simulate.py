"""Simulated builds: what the log of a build says and how the build ends, read from what is to be built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peak_images_local.builds.dockerfile import DockerfileError, Step, read_dockerfile
from peak_images_local.builds.plan import MASK, BuildPlan
from peak_images_local.storage import archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from peak_images_local.storage.archive import Context

MAX_DOCKERFILE_BYTES = 1 << 20


def plan_build(details: Mapping[str, Any], artifact: Path | None, image: str) -> BuildPlan:
    """Works out a build from its details and its artifact, without running anything.

    Args:
        details: The build details of the version.
        artifact: The uploaded archive, where the source is `upload`.
        image: What the built image will be called.
    """
    plan = BuildPlan(["Building the Docker image..."])
    try:
        text, context = _sources(plan, details, artifact)
        arguments = {item["name"]: item["value"] for item in details.get("buildArguments", ())}
        plan.lines += [f"Using build argument {name}={MASK}" for name in arguments]
        plan.lines += [f"Using secret {name}" for name in details.get("secrets", ())]
        if not details.get("useCache", True):
            plan.lines.append("Not using the cache")
        steps = read_dockerfile(text, context, arguments)
    except DockerfileError as error:
        return plan.fail(str(error))
    return _run(plan, steps, image)


def _run(plan: BuildPlan, steps: list[Step], image: str) -> BuildPlan:
    counts = {step.stage: step.number for step in steps}
    stages = max(counts)
    for step in steps:
        if not step.stage:
            continue
        stage = f"stage {step.stage} " if stages > 1 else ""
        plan.lines.append(f"[{stage}{step.number}/{counts[step.stage]}] {step.text}")
        plan.lines += [f"WARNING: {warning}" for warning in step.warnings]
        if step.error:
            return plan.fail(f"failed to build: {step.text}: {step.error}")
    plan.lines += ["Exporting the layers", f"Pushing {image}", "The build succeeded"]
    return plan


def _sources(plan: BuildPlan, details: Mapping[str, Any], artifact: Path | None) -> tuple[str, Context | None]:
    """The Dockerfile and the build context; what is found on the way is noted in the log."""
    source = details["source"]
    if source == "dockerfile":
        plan.lines.append("Reading the Dockerfile from the request")
        # Nothing but the Dockerfile is sent, so there is nothing that COPY could take.
        return details["dockerfile"], archive.Context({})
    if source == "github":
        branch = details.get("branch", "the default branch")
        plan.lines.append(f"Cloning {details['repository']} at {branch} (simulated: nothing is fetched)")
        return "FROM scratch", None
    if artifact is None:
        raise DockerfileError(0, "there is no artifact to build from")
    return _upload_sources(plan, details, artifact)


def _upload_sources(plan: BuildPlan, details: Mapping[str, Any], artifact: Path) -> tuple[str, Context]:
    files = archive.read_context(artifact)
    plan.size = round(plan.size + files.size / 1e6, 3)
    plan.lines.append(f"Unpacking the artifact: {len(files.files)} files, {files.size} bytes")
    path = archive.relative_path(details.get("dockerfilePath") or "Dockerfile")
    folder = archive.relative_path(details.get("context") or ".")
    if path is None or path not in files.files:
        raise DockerfileError(
            0, f"failed to read the Dockerfile: there is no {details.get('dockerfilePath') or path} in the artifact"
        )
    if folder is None or folder not in files.folders:
        raise DockerfileError(0, f"the build context is not in the artifact: there is no folder {details['context']}")
    plan.lines.append(f"Reading the Dockerfile from {path}")
    if files.files[path] > MAX_DOCKERFILE_BYTES:
        raise DockerfileError(0, f"the Dockerfile is larger than {MAX_DOCKERFILE_BYTES} bytes")
    content = archive.read_member(artifact, path, MAX_DOCKERFILE_BYTES)
    try:
        return content.decode(), files.under(folder)
    except UnicodeDecodeError as error:
        raise DockerfileError(0, f"the Dockerfile is not UTF-8 text: {error}") from error
