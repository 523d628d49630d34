"""``deploy``, ``prune`` and ``builds``."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def deploy(run, known_service):
    def deploying(*argv):
        return run("deploy", *argv, "--poll-interval", "0.05")

    return deploying


def test_directory_is_deployed_and_stdout_is_one_line_of_json(deploy, weather):
    ended = deploy(weather, "--name", "weather", "--type", "api")
    assert ended.code == 0, ended.err
    (line,) = ended.out.splitlines()
    done = json.loads(line)
    assert (done["action"], done["image"], done["version"], done["status"]) == (
        "created-image",
        "weather",
        "0.0.1",
        "ready",
    )
    assert isinstance(done["buildId"], int)
    assert "COPY app /app" in ended.err


def test_log_is_not_shown_with_no_log_and_slowest_steps_are(deploy, weather):
    ended = deploy(weather, "--name", "weather", "--type", "api", "--no-log")
    assert [line.split(" s  ")[1] for line in ended.err.splitlines() if " s  " in line]


def test_deploy_again_is_an_error_is_skipped_or_is_the_next_patch(deploy, weather):
    named = (weather, "--name", "weather", "--type", "api", "--version", "0.0.1")
    assert deploy(*named).code == 0
    again = deploy(*named)
    assert (again.code, again.out) == (2, "")
    assert "has been built already; give another version, or set if_exists (--if-exists)" in again.err
    assert json.loads(deploy(*named, "--if-exists", "skip").out)["action"] == "skipped"
    assert json.loads(deploy(*named, "--if-exists", "new-version").out)["version"] == "0.0.2"


def test_build_that_fails_is_reported(deploy, weather, known_service):
    known_service.control.next_build(failure="no space left on device")
    ended = deploy(weather, "--name", "weather", "--type", "api", "--no-log")
    assert ended.code == 9
    done = json.loads(ended.out)
    assert (done["action"], done["image"], done["lastBuildStatus"]) == ("failed", "weather", "failed")
    assert isinstance(done["buildId"], int)
    assert "no space left on device" in ended.err


def test_input_file_is_deployed_and_options_override_it(deploy, weather, here):
    (here / "image.yaml").write_text(
        "body:\n  name: weather\n  type: api\n  version: 1.0.0\nartifact:\n  path: weather\n"
    )
    done = json.loads(deploy("image.yaml", "--version", "1.0.1").out)
    assert (done["image"], done["version"]) == ("weather", "1.0.1")


def test_project_table_is_deployed(deploy, weather):
    (weather / "pyproject.toml").write_text('[tool.peak-images]\nname = "weather"\ntype = "api"\nversion = "2.0.0"\n')
    ended = deploy(weather)
    assert json.loads(ended.out)["version"] == "2.0.0"
    assert "deploying weather: success" in ended.err


def test_generated_input_file_of_deploy_is_deployed(run, deploy, weather, here):
    generated = run("deploy", "--generate")
    assert generated.code == 0, generated.err
    (here / "image.yaml").write_text(generated.out)
    assert json.loads(deploy("image.yaml", "--artifact-path", weather).out)["action"] == "created-image"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["nowhere", "--name", "weather"], "nowhere: no such directory or file"),
        (["weather"], "name"),
        (["weather", "--name", "weather", "--if-exists", "overwrite"], "fail, skip, new-version"),
    ],
)
def test_deploy_with_an_invalid_option_sends_nothing(deploy, weather, here, known_service, argv, message):
    before = len(known_service.requests)
    ended = deploy(*argv)
    assert ended.code == 2
    assert message in ended.err
    assert len(known_service.requests) == before


@pytest.fixture
def versions(deploy, weather):
    for _ in range(4):
        assert deploy(weather, "--name", "weather", "--type", "api").code == 0


def test_prune_deletes_old_versions_by_name(done, run, known_service, versions):
    assert "Show what would be deleted; delete nothing" in run("prune", "--help").out
    dry = done("prune", "weather", "--keep", 2, "--dry-run", "-o", "json")
    assert [entry["version"] for entry in dry["deleted"]] == ["0.0.2", "0.0.1"]
    assert len(done("list-versions", "weather")["versions"]) == 4
    report = done("prune", "weather", "--keep", 2, "--yes", "-o", "json")
    assert [entry["version"] for entry in report["deleted"]] == ["0.0.2", "0.0.1"]
    known_service.control.finish_deletions()
    assert len(done("list-versions", "weather")["versions"]) == 2


def test_prune_requires_yes_without_a_terminal(run, known_service, versions):
    ended = run("prune", "weather")
    assert ended.code == 2
    assert "--yes is required" in ended.err


def test_prune_reports_what_could_not_be_deleted_and_exits_6(run, known_service, versions):
    known_service.control.fail_next(status=409, method="DELETE")
    ended = run("prune", "weather", "--keep", 2, "--yes", "-o", "json")
    assert ended.code == 6
    report = json.loads(ended.out)
    assert ([len(report[key]) for key in ("deleted", "failed")]) == [1, 1]


def test_prune_of_an_unknown_image_exits_5(run, known_service):
    assert run("prune", "nothing", "--yes").code == 5


def test_builds_of_all_images_are_listed(done, run, known_service, deploy, weather):
    deploy(weather, "--name", "weather", "--type", "api")
    known_service.control.next_build(failure="no space left on device")
    deploy(weather, "--name", "forecast", "--type", "api")
    builds = done("builds", "--since", "7d")["builds"]
    assert [(build["imageName"], build["status"]) for build in builds] == [
        ("forecast", "failed"),
        ("weather", "success"),
    ]
    assert [build["imageName"] for build in done("builds", "--status", "failed")["builds"]] == ["forecast"]
    table = run("builds", "-o", "table").out.splitlines()
    assert [title.strip() for title in table[0].split("  ") if title.strip()] == [
        *("BUILD ID", "IMAGE NAME", "VERSION", "STATUS", "STARTED", "DURATION"),
    ]
    assert "--since: 'yesterday' must be how long ago" in run("builds", "--since", "yesterday").err
    assert "--status: 'faild' is not one of" in run("builds", "--status", "faild").err
