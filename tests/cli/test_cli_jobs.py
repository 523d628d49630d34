"""``deploy``, ``prune`` and ``builds``."""

from __future__ import annotations

import json
import random
import signal

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


def test_deploy_on_a_terminal_shows_no_progress_bar_beside_the_status_line(terminal, weather, known_service):
    (weather / "noise").write_bytes(random.Random(1).randbytes(3 * 2**20))
    running = terminal("deploy", weather, "--name", "weather", "--type", "api", "--poll-interval", "0.05")
    assert running.end() == 0, running.shown
    assert "deploying weather: " in running.shown
    assert "B/s]" not in running.shown


def test_log_is_not_shown_with_no_log_and_slowest_steps_are(deploy, weather):
    ended = deploy(weather, "--name", "weather", "--type", "api", "--no-log")
    lines = ended.err.splitlines()
    heading = lines.index("The slowest steps:")
    assert [line.split(" s  ")[1] for line in lines[heading + 1 :]] == [
        line.split(" s  ")[1] for line in lines if " s  " in line
    ]


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


@pytest.mark.parametrize("path", ["weather", ".", "nowhere"])
def test_deploy_of_a_directory_reads_its_input_file(deploy, weather, path):
    (weather / "image.yaml").write_text(
        f"body: {{name: tides, type: api, version: 3.0.0}}\nartifact: {{path: {path}}}\n"
    )
    (weather / "pyproject.toml").write_text('[tool.peak-images]\nname = "weather"\ndescription = "of the table"\n')
    ended = deploy("weather", "--version", "3.0.1")
    done = json.loads(ended.out)
    assert (done["image"], done["version"]) == ("tides", "3.0.1")
    assert "input file: weather/image.yaml\n" in ended.err
    assert ("artifact.path: nowhere isn't used; weather is built" in ended.err) == (path == "nowhere")


def test_init_and_deploy_of_a_directory(run, deploy, weather):
    assert run("init", "weather").code == 0
    ended = deploy("weather")
    assert json.loads(ended.out)["version"] == "0.0.1"
    assert json.loads(deploy("weather").out)["version"] == "0.0.2"


def test_deploy_of_an_input_file_of_a_directory_whose_source_is_a_dockerfile(deploy, weather, known_service):
    (weather / "image.yaml").write_text(
        "body: {name: tides, type: api, buildDetails: {source: dockerfile, dockerfile: FROM nginx}}\n"
    )
    assert deploy("weather").code == 0
    assert not [request for request in known_service.requests if request.files]


def test_deploy_of_a_directory_takes_parameters_for_its_input_file(deploy, weather):
    required = deploy("weather", "--params", "tag=1.2.3", "--name", "weather", "--type", "api")
    assert (required.code, "--params and --params-file require a FILE" in required.err) == (2, True)
    (weather / "image.yaml").write_text("body: {name: tides, type: api, version: '{{ tag }}'}\n")
    assert json.loads(deploy("weather", "--params", "tag=1.2.3").out)["version"] == "1.2.3"


@pytest.mark.parametrize(
    ("line", "key", "allowed"),
    [
        ("nmae = 'a'", "tool.peak-images.nmae", "artifact, autodeployResources, buildDetails, description, name"),
        ("build-details = {}", "tool.peak-images.build-details", "buildDetails"),
        ("buildDetails = {useCash = true}", "tool.peak-images.buildDetails.useCash", "useCache"),
        ("artifact = {paths = '.'}", "artifact.paths", "ignore_files"),
    ],
)
def test_unknown_key_of_the_project_table_is_an_error(deploy, weather, known_service, line, key, allowed):
    assert deploy(weather, "--name", "weather", "--type", "api").code == 0
    before = len(known_service.requests)
    (weather / "pyproject.toml").write_text(f'[tool.peak-images]\nname = "weather"\n{line}\n')
    ended = deploy(weather)
    assert ended.code == 2
    assert f"{key}: no such key; allowed: " in ended.err
    assert allowed in ended.err.partition("allowed: ")[2]
    assert len(known_service.requests) == before


def test_missing_field_of_deploy_points_to_the_project_table(deploy, weather):
    ended = deploy(weather, "--name", "weather")
    assert ended.code == 2
    assert "--type: is required. Hint: the option gives it, an image.yaml ('peak-images init' writes one)" in ended.err
    assert "[tool.peak-images] of pyproject.toml" in deploy(weather, "--dry-run").err


def test_dry_run_of_deploy_shows_the_request_and_sends_nothing(deploy, weather, known_service, monkeypatch):
    monkeypatch.delenv("PEAK_AUTH_TOKEN", raising=False)
    (weather / "pyproject.toml").write_text(
        '[tool.peak-images]\nname = "weather"\ntype = "api"\ndescription = "From the table"\n'
        '[tool.peak-images.artifact]\nignore_files = ["none.txt"]\n'
    )
    (weather / "none.txt").write_text("pyproject.toml\n")

    shown = deploy(weather, "--description", "From the option", "--version", "auto", "--dry-run").json

    assert [request["method"] for request in shown["requests"]] == ["POST", "POST", "PATCH"]
    assert (shown["body"]["name"], shown["body"]["type"]) == ("weather", "api")
    assert shown["body"]["description"] == "From the option"
    assert "version" not in shown["body"]
    assert "pyproject.toml" not in [file["name"] for file in shown["artifact"]["files"]]
    assert known_service.requests == []


@pytest.mark.parametrize(
    ("table", "problem"),
    [("nme = 'a'", "nme"), ("version = 1", "version"), ("name = ", "can't be read")],
)
def test_dry_run_of_deploy_validates_the_project_table(deploy, weather, known_service, table, problem):
    (weather / "pyproject.toml").write_text(f"[tool.peak-images]\ntype = 'api'\n{table}\n")

    ended = deploy(weather, *(() if "name" in table else ("--name", "weather")), "--dry-run")

    assert ended.code == 2
    assert problem in ended.err
    assert known_service.requests == []


def test_failed_deploy_names_image_and_version(deploy, weather):
    (weather / "Dockerfile").write_text("FROM nginx\nCOPY missing /\n")

    ended = deploy(weather, "--name", "tides", "--type", "api", "--artifact-check", "off")

    ids = f"(version {ended.json['versionId']} of image {ended.json['imageId']})"
    assert f"error: the build of tides:0.0.1 failed {ids}. Hint:" in ended.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--artifact-check", "warn"), 0),
        (("--artifact-check", "off"), 0),
        (("--artifact-check", "strict"), 3),
        (("--strict",), 3),
    ],
)
def test_artifact_check_of_deploy(deploy, weather, options, code):
    (weather / ".dockerignore").unlink()  # keys.env is a problem, and no failure of the build
    ended = deploy(weather, "--name", "weather", "--type", "api", "--no-log", *options)
    assert ended.code == code, ended.err
    assert ("keys.env" in ended.err) == ("off" not in options)


def test_artifact_check_of_create_and_an_invalid_one(run, known_service, weather):
    create = ("create", "--name", "weather", "--type", "api", "--artifact-path", "weather")
    (weather / "Dockerfile").unlink()
    refused = run(*create)
    assert refused.code == 3
    assert refused.err.rstrip().endswith("To upload it anyway, use --artifact-check warn")
    assert run(*create, "--artifact-check", "off").code == 0
    ended = run(*create, "--artifact-check", "never")
    assert ended.code == 2
    assert "is not one of the allowed values; allowed: error, warn, off, strict" in ended.err


def test_timeout_of_deploy_names_the_version_to_wait_for(deploy, weather, known_service):
    known_service.control.clock.freeze()
    ended = deploy(weather, "--name", "weather", "--type", "api", "--wait-timeout", "0.3")
    assert ended.code == 10
    done = json.loads(ended.out)
    assert (done["action"], done["image"], done["lastBuildStatus"]) == ("timed-out", "weather", "building")
    assert f"'peak-images wait weather:{done['version']}' continues to wait" in ended.err
    assert f"weather:{done['version']}, version {done['versionId']} of image {done['imageId']}: timed out" in ended.err


@pytest.mark.parametrize(("name", "quoted"), [("tides", "tides"), ("low tides", "'low tides'")])
def test_interrupt_of_deploy_hints_how_to_continue(start, known_service, weather, name, quoted):
    known_service.control.next_build(seconds=60)
    process = start("deploy", weather, "--name", name, "--type", "api")
    while f"deploying {name}: building\n".encode() != process.stderr.readline():
        assert process.poll() is None

    process.send_signal(signal.SIGINT)

    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert err.endswith(
        b"interrupted; a build that was started continues. "
        b"Hint: 'peak-images wait %b' continues to wait.\n" % quoted.encode()
    )


def test_service_lost_during_deploy_hints_how_to_continue(start, known_service, weather):
    known_service.control.next_build(seconds=8)
    process = start("deploy", weather, "--name", "tides", "--type", "api", "--poll-interval", "0.1")
    while b"FROM" not in process.stderr.readline():
        assert process.poll() is None

    known_service.control.fail_next(40, status=500, headers={"Retry-After": "0"})

    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (8, b"")
    assert b"'peak-images wait tides' continues to wait" in err


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


@pytest.mark.parametrize(("keep", "question"), [(3, "Delete version 0.0.1 of"), (2, "Delete versions 0.0.2, 0.0.1 of")])
def test_prune_asks_on_a_terminal_with_the_versions(terminal, known_service, versions, keep, question):
    asking = terminal("prune", "weather", "--keep", keep)
    asking.read_until("[y/N]: ")
    asking.type("n\n")

    assert asking.end() == 1
    assert question in asking.shown.replace("\r\n", "")


def test_prune_reports_what_could_not_be_deleted_and_exits_6(run, known_service, versions):
    known_service.control.fail_next(status=409, method="DELETE")
    ended = run("prune", "weather", "--keep", 2, "--yes", "-o", "json")
    assert ended.code == 6
    report = json.loads(ended.out)
    assert ([len(report[key]) for key in ("deleted", "failed")]) == [1, 1]
    [failed] = report["failed"]
    assert ended.err == f"peak-images: error: not all versions could be deleted (0.0.2): {failed['error']}\n"


@pytest.mark.parametrize("conflicts", [0, 1])
def test_prune_with_a_lost_connection_exits_8_with_the_reason(run, known_service, versions, conflicts):
    if conflicts:
        known_service.control.fail_next(status=409, method="DELETE")
    known_service.control.fail_next(drop="reset", method="DELETE", count=99)
    ended = run("prune", "weather", "--keep", 1, "--yes", "-o", "json")
    assert ended.code == 8
    lost = json.loads(ended.out)["failed"][conflicts]
    assert "no response" in lost["error"]
    error = f"not all versions could be deleted (0.0.3, 0.0.2, 0.0.1): {lost['error']}"
    assert ended.err == f"peak-images: error: {error}\n"


@pytest.mark.parametrize("fault", [{"drop": "reset"}, {"status": 409}], ids=str)
def test_deploy_warns_of_what_could_not_be_pruned(deploy, weather, known_service, versions, fault):
    known_service.control.fail_next(**fault, method="DELETE", count=99)
    ended = deploy(weather, "--name", "weather", "--type", "api", "--prune", 3, "--no-log")
    assert ended.code == 0
    failed = json.loads(ended.out)["pruned"]["failed"]
    [warning] = [line for line in ended.err.splitlines() if "warning" in line]
    reason = f"not all versions could be deleted (0.0.2, 0.0.1): {failed[0]['error']}"
    assert warning == f"peak-images: warning: {reason}"


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
