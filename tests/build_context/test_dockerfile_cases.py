"""The preview and the simulated build of the local service, over one table of Dockerfiles and contexts."""

from __future__ import annotations

import pytest

from peak_build_context import inspect, scan_context, zip_context
from peak_images_local.builds.simulate import plan_build
from tests.build_context.dockerfile_cases import CASES, FILES


@pytest.fixture
def build(tmp_path):
    """Makes the directory of a case, previews it, and simulates its build from what would be uploaded."""

    def run(case):
        root = tmp_path / "root"
        options = dict(case.options)
        dockerfile = options.get("dockerfile_path", "Dockerfile")
        for name, content in {**dict.fromkeys(FILES, ""), **case.files, dockerfile: case.dockerfile}.items():
            path = root / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if "context" in options:
            options["build_context"] = options.pop("context")
        context = scan_context(root, **options)
        report = inspect(context, case.arguments)
        details = {
            "source": "upload",
            "dockerfilePath": options.get("dockerfile_path", ""),
            "context": options.get("build_context", ""),
            "buildArguments": [{"name": name, "value": value} for name, value in case.arguments.items()],
        }
        artifact = tmp_path / "artifact.zip"
        with zip_context(context) as archive:
            artifact.write_bytes(archive.file.read())
        return report.problems, plan_build(details, artifact, "image").lines

    return run


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{kind}-{n}") for kind in CASES for n, case in enumerate(CASES[kind])]
)
def test_preview_and_simulated_build_agree_with_buildkit(build, case):
    problems, log = build(case)
    failures = [problem.message for problem in problems if problem.fails_simulation]
    doubts = [problem.message for problem in problems if not problem.fails_simulation]
    errors = [line.removeprefix("ERROR: ") for line in log if line.startswith("ERROR: ")]

    if case.failure:
        assert case.failure in failures[0]
        assert failures[0].startswith(errors[0])
        assert log[-1] == "The build failed"
    else:
        assert (failures, errors) == ([], [])
        assert log[-1] == "The build succeeded"
    assert len(doubts) == case.warnings, doubts
