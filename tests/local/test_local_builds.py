"""Builds: their course, their lists, their logs."""

import datetime as dt

import pytest

from peak_images_local.builds.simulate import FIRST_LINE, plan_build
from tests.contract_facts import PAGE_SIZE


def _build(api, files, make_zip, **details):
    """Build a version from these files; return its status and log."""
    ids = api.image(artifact=make_zip(files), buildDetails={"source": "upload", **details})
    version = api.get(f"/images/{ids['imageId']}/versions/{ids['versionId']}").json()
    return version["lastBuildStatus"], version["status"], api.log(ids["imageId"])


def test_build_finishes_after_build_seconds(api, service):
    ids = api.create_image().json()
    path = f"/images/{ids['imageId']}/versions/{ids['versionId']}"

    service.control.clock.advance(59)
    before = api.get(path).json()
    service.control.clock.advance(1)
    after = api.get(path).json()

    assert (before["status"], before["lastBuildStatus"]) == ("not-ready", "building")
    assert (after["status"], after["lastBuildStatus"]) == ("ready", "success")


def test_build_list_has_the_documented_shape(api, service):
    ids = api.create_image().json()

    page = api.get(f"/images/{ids['imageId']}/builds").json()
    service.control.clock.advance(60)
    done = api.last_build(ids["imageId"])

    [build] = page.pop("builds")
    assert page == {"buildCount": 1, "pageSize": PAGE_SIZE, "pageNumber": 1, "pageCount": 1}
    assert set(build) == {"buildId", "versionId", "version", "status", "startedAt", "useCache"}
    assert (build["buildId"], build["versionId"], build["version"]) == (301, ids["versionId"], "0.0.1")
    assert (build["status"], build["useCache"]) == ("building", True)
    assert set(done) == {*build, "finishedAt"}
    assert done["status"] == "success"


@pytest.fixture
def history(api, service):
    """An image with four builds: two long ago, one yesterday, one running."""
    day = 24 * 60 * 60
    ids = api.image()
    service.control.clock.advance(100 * day)
    api.version(ids["imageId"], buildDetails={"source": "dockerfile", "dockerfile": "NONSENSE"})
    service.control.clock.advance(10 * day)
    api.version(ids["imageId"])
    service.control.clock.advance(day)
    api.create_version(ids["imageId"])
    now = dt.datetime.fromtimestamp(service.control.clock.now() / 1000, dt.UTC)

    def builds(**query):
        page = api.get(f"/images/{ids['imageId']}/builds", **query).json()
        return page["buildCount"], [build["buildId"] for build in page["builds"]]

    builds.ago = lambda **time: (now - dt.timedelta(**time)).isoformat()
    return builds


def test_builds_of_the_last_90_days(history):
    assert history() == (3, [304, 303, 302])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"count": -1}, (3, [304, 303, 302])),
        ({"count": 2}, (2, [304, 303])),
        ({"count": 0}, (0, [])),
        ({"count": 9}, (3, [304, 303, 302])),
        ({"count": 2, "pageSize": 1, "pageNumber": 2}, (2, [303])),
        ({"count": 2, "pageSize": 1, "pageNumber": 3}, (2, [])),
        ({"versions": [202, 204]}, (2, [304, 302])),
        ({"versions": 999}, (0, [])),
        ({"versions": 10**30}, (0, [])),
        ({"buildStatus": "building"}, (1, [304])),
        ({"buildStatus": ["success", "failed"]}, (2, [303, 302])),
        ({"buildStatus": "success", "versions": [202, 203]}, (1, [303])),
    ],
)
def test_filters(history, query, expected):
    assert history(**query) == expected


def test_date_range(history):
    assert history(dateFrom=history.ago(days=200)) == (4, [304, 303, 302, 301])
    assert history(dateFrom=history.ago(days=5)) == (2, [304, 303])
    assert history(dateFrom=history.ago(days=1)) == (2, [304, 303])
    assert history(dateTo=history.ago(hours=1)) == (2, [303, 302])
    assert history(dateFrom=history.ago(days=20), dateTo=history.ago(days=5), count=1) == (1, [302])
    assert history(dateFrom=history.ago(days=1), dateTo=history.ago(days=2)) == (0, [])


@pytest.mark.parametrize(
    "value", ["2023-01-01", "yesterday", "2023-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "2016-12-31T23:59:60Z"]
)
def test_invalid_date_filter_is_refused(api, refused, value):
    ids = api.image()

    refused(api.get(f"/images/{ids['imageId']}/builds", dateFrom=value), 422, "dateFrom", value)


def test_log_grows_while_the_build_runs(api, service):
    ids = api.create_image().json()
    path = f"/images/{ids['imageId']}/builds/301/logs"

    first = api.get(path).json()
    same = api.get(path, nextToken=first["nextToken"]).json()
    service.control.clock.advance(30)
    second = api.get(path, nextToken=first["nextToken"]).json()
    service.control.clock.advance(30)
    third = api.get(path, nextToken=second["nextToken"]).json()
    last = api.get(path, nextToken=third["nextToken"]).json()

    assert [line["message"] for line in first["logs"]] == [FIRST_LINE]
    assert (same["logs"], same["nextToken"]) == ([], first["nextToken"])
    assert (first["buildStatus"], second["buildStatus"], third["buildStatus"]) == ("building", "building", "success")
    assert len(second["logs"]) > 0
    assert third["logs"][-1]["message"] == "The build succeeded"
    assert (last["logs"], last["nextToken"]) == ([], third["nextToken"])
    whole = api.get(path).json()["logs"]
    assert whole == first["logs"] + second["logs"] + third["logs"]
    assert set(third) == {"buildStatus", "startTime", "finishTime", "logs", "nextToken"}
    assert "finishTime" not in second
    assert set(whole[0]) == {"message", "timestamp", "ingestionTime"}


def test_long_log_is_paged_by_next_token(api):
    text = "FROM scratch\n" + "".join(f"LABEL n={number}\n" for number in range(250))
    api.image(buildDetails={"source": "dockerfile", "dockerfile": text})

    chunks, token = [], None
    while not chunks or chunks[-1]:
        query = {"nextToken": token} if token else {}
        response = api.get("/images/101/builds/301/logs", **query).json()
        chunks.append([line["message"] for line in response["logs"]])
        token = response["nextToken"]

    assert [len(lines) for lines in chunks[:-2]] == [100, 100]
    assert sum("LABEL n=" in line for lines in chunks for line in lines) == 250


def test_invalid_next_token_is_refused(api, refused):
    api.image("first")
    api.image("second")
    other = api.get("/images/102/builds/302/logs").json()["nextToken"]
    path = "/images/101/builds/301/logs"

    refused(api.get(path, nextToken="x"), 400, "nextToken", "x")
    refused(api.get(path, nextToken=other), 400, "nextToken")
    refused(api.get(path, nextToken=api.get(path).json()["nextToken"][:22] + "9" * 36 + "/s"), 400, "nextToken")


@pytest.mark.parametrize(
    "build_id", ["image-build-mock:21988f32-0b7a-4b05-a2a4-1bf5cf5ad1a8", "999", "0", "-1", "²", "x"]
)
def test_unknown_build_is_404(api, refused, build_id):
    api.image()

    refused(api.get(f"/images/101/builds/{build_id}/logs"), 404, "build", build_id)
    refused(api.get(f"/images/101/builds/{build_id}/logs/download"), 404, "build", build_id)


def test_build_of_another_image_is_404(api, refused):
    api.image("first")
    api.image("second")

    refused(api.get("/images/101/builds/302/logs"), 404, "302", "image 101")


def test_log_of_an_upload_build(api, make_zip):
    files = {"Dockerfile": "ARG V=3\nFROM python:$V\n\n# note\nCOPY . /app\nRUN a && \\\n    b\n", "app.py": "x"}

    status, version, log = _build(api, files, make_zip)

    assert (status, version) == ("success", "ready")
    assert log[0] == FIRST_LINE
    assert "Unpacking the artifact: 2 files, 61 bytes" in log
    steps = [line for line in log if line.startswith("[")]
    assert steps == ["[1/3] FROM python:$V", "[2/3] COPY . /app", "[3/3] RUN a && b"]
    assert log[-1] == "The build succeeded"


def test_log_counts_one_file_of_one_byte_in_the_singular(api, make_zip):
    _, _, log = _build(api, {"Dockerfile": "x"}, make_zip)

    assert "Unpacking the artifact: 1 file, 1 byte" in log


def test_build_arguments_are_used_and_masked(api, make_zip):
    files = {"Dockerfile": "FROM scratch\nARG FOLDER\nCOPY $FOLDER/app.py /\n", "hidden-directory/app.py": ""}
    right = [{"name": "FOLDER", "value": "hidden-directory"}]
    wrong = [{"name": "FOLDER", "value": "hidden-elsewhere"}]

    status, _, log = _build(api, files, make_zip, buildArguments=right)
    assert status == "success"
    assert "Using build argument FOLDER=***" in log
    api.delete("/images/101")
    api.service.reset()
    status, _, failed_log = _build(api, files, make_zip, buildArguments=wrong)

    assert status == "failed"
    assert not any("hidden" in line for line in [*log, *failed_log])
    assert all("hidden" not in str(request) for request in api.service.requests)


@pytest.mark.parametrize(
    ("files", "details", "words"),
    [
        ({"app.py": ""}, {}, "there is no 'Dockerfile' in"),
        ({"Dockerfile": "FROM x"}, {"dockerfilePath": "images/Dockerfile"}, "there is no 'images/Dockerfile' in"),
        ({"Dockerfile": "FROM x"}, {"dockerfilePath": "../Dockerfile"}, "'../Dockerfile' leads out of"),
        ({"Dockerfile": "FROM x"}, {"context": "src"}, "the build context 'src' doesn't exist"),
        ({"Dockerfile": "FROM x\nCPY a /"}, {}, "Dockerfile:2: unknown instruction: CPY"),
        ({"Dockerfile": b"FROM \xff"}, {}, "Dockerfile:1: invalid image name"),
        ({"Dockerfile": ""}, {}, "Dockerfile: it is empty"),
        ({"Dockerfile": "RUN x\nFROM y"}, {}, "Dockerfile:1: RUN comes before the first FROM"),
        ({"Dockerfile": "FROM x\nCOPY missing.txt /"}, {}, "Dockerfile:2: COPY: 'missing.txt' not found in"),
        ({"Dockerfile": "FROM x\nADD missing.txt /"}, {}, "Dockerfile:2: ADD: 'missing.txt' not found in"),
        (
            {"src/a": "", "Dockerfile": "FROM x\nCOPY Dockerfile /"},
            {"context": "src"},
            "COPY: 'Dockerfile' not found in",
        ),
        ({"Dockerfile": "FROM x\nCOPY --from=3 a /"}, {}, "--from=3: there is no stage 3"),
    ],
)
def test_builds_that_fail(api, make_zip, files, details, words):
    status, version, log = _build(api, files, make_zip, **details)

    assert (status, version) == ("failed", "not-ready")
    [error] = [line for line in log if line.startswith("ERROR")]
    assert words in error
    assert log[-1] == "The build failed"


@pytest.mark.parametrize(
    ("files", "details"),
    [
        ({"images/v1/Dockerfile": "FROM x\nCOPY images/v1 /"}, {"dockerfilePath": "images/v1/Dockerfile"}),
        ({"src/a": "", "Dockerfile": "FROM x\nCOPY a /"}, {"context": "./src/"}),
        ({"src/a": "", "Dockerfile": "FROM x\nCOPY src/a /"}, {"context": "/", "dockerfilePath": "/Dockerfile"}),
    ],
)
def test_dockerfile_path_and_context(api, make_zip, files, details):
    status, _, log = _build(api, files, make_zip, **details)

    assert status == "success", log


def test_copy_fails_without_a_build_context(api):
    text = "FROM scratch\nCOPY app.py /"
    api.image(buildDetails={"source": "dockerfile", "dockerfile": text})

    assert api.last_build(101)["status"] == "failed"
    assert any("app.py" in line for line in api.log(101))


def test_github_build_is_simulated(api):
    details = {"source": "github", "repository": "https://github.com/user/repo", "branch": "main"}
    api.image(buildDetails=details)

    assert api.last_build(101)["status"] == "success"
    assert any("https://github.com/user/repo at main" in line for line in api.log(101))


def test_log_of_a_multi_stage_build(api):
    text = "FROM x AS unused\nRUN a\nFROM y AS Build\nRUN b\nFROM scratch\nCOPY --from=build /z /\nLABEL a=b\n"
    api.image(buildDetails={"source": "dockerfile", "dockerfile": text})

    assert [line for line in api.log(101) if line.startswith("[")] == [
        "[build 1/2] FROM y AS Build",
        "[build 2/2] RUN b",
        "[stage-2 1/3] FROM scratch",
        "[stage-2 2/3] COPY --from=build /z /",
        "[stage-2 3/3] LABEL a=b",
    ]


def test_failing_step_is_the_last_in_the_log(api, make_zip):
    files = {"Dockerfile": "FROM x\nCOPY a /\n\nCOPY nope \\\n  /\nRUN b\n", "a": ""}

    _, _, log = _build(api, files, make_zip)

    assert log[-4:] == [
        "[2/4] COPY a /",
        "[3/4] COPY nope /",
        "ERROR: Dockerfile:4: COPY: 'nope' not found in the build context",
        "The build failed",
    ]


def test_doubtful_copy_is_a_warning_in_the_log(api, make_zip):
    status, _, log = _build(api, {"Dockerfile": "FROM x\nCOPY *.md /\n"}, make_zip)

    assert status == "success"
    assert "WARNING: Dockerfile:2: COPY: '*.md' matches nothing in the build context" in log


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"buildArguments": [{"name": "A", "value": "x\0y"}]}, "the build argument 'A' has a NUL character"),
        ({"dockerfilePath": "x\0y"}, "there is no 'x\\x00y'"),
        ({"context": "x\0y"}, "the build context 'x\\x00y' doesn't exist"),
        ({"context": "d/" * 20_000}, "doesn't exist"),
    ],
)
def test_odd_build_details_fail_the_build(api, make_zip, details, words):
    status, _, log = _build(api, {"Dockerfile": "FROM x\n"}, make_zip, **details)

    assert status == "failed"
    assert words in log[-2]


def test_dockerfile_that_is_not_utf8_is_logged_escaped(api, make_zip):
    _, _, log = _build(api, {"Dockerfile": b"FROM x\nLABEL a=caf\xe9\x1b[31m\nCOPY caf\xe9 /\n"}, make_zip)

    assert "[2/3] LABEL a=caf\\udce9\\x1b[31m" in log
    assert log[-2] == "ERROR: Dockerfile:3: COPY: 'caf\\udce9' not found in the build context"


def test_error_in_a_simulated_build_fails_it(tmp_path):
    details = {"source": "upload"}
    damaged = tmp_path / "artifact.zip"
    damaged.write_bytes(b"PK")

    for artifact in (None, tmp_path / "gone.zip", damaged):
        plan = plan_build(details, artifact, "image")
        assert not plan.succeeds
        assert plan.lines[0] == FIRST_LINE
        assert plan.lines[-2].startswith("ERROR: the build can't be simulated: ")
        assert plan.lines[-1] == "The build failed"
