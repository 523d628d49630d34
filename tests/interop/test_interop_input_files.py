"""The SDK's sample input files, and includes, through both command lines on this package's client."""

from __future__ import annotations

import json
import os
import subprocess
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from peak_images import get_client
from tests.interop.interpreter import PEAK
from tests.interop.tour import DOCKERFILE, FAILING

SAMPLES = {
    "dockerfile/create_image.yaml": "create",
    "dockerfile/create_image_version.yaml": "create-version",
    "dockerfile/update_version.yaml": "update-version",
    "github/create_image.yaml": "create",
    "github/create_image_version.yaml": "create-version",
    "github/update_version.yaml": "update-version",
    "upload/create_image.yaml": "create",
    "upload/create_image_version.yaml": "create-version",
    "upload/create_or_update_image.yaml": "create-or-update",
    "upload/update_version.yaml": "update-version",
}
"""The SDK's sample input files for images, and the commands that they are for."""


class Sent(NamedTuple):
    """What a command line sent."""

    method: str
    path: str
    fields: dict
    files: set


@pytest.fixture(scope="session")
def samples(beside):
    """The directory of the samples, in the installed SDK."""
    package = beside.value("import peak; print(peak.__file__)")
    return Path(package).with_name("sample_yaml") / "resources/images"


@pytest.fixture
def here(build_context):
    """The working directory: the build context, with the ignore files that the samples name."""
    (build_context / ".gitignore").write_text("*.ini\n")
    return build_context


OURS, THEIRS = "peak-images", "peak images"


@pytest.fixture
def send(beside, interpreter, service, session, here):
    """Runs one of the command lines in the same state of the service, and gives what it sent and answered."""

    def ours(*arguments, **surroundings):
        script = beside.python.with_name("peak-images" + beside.python.suffix)
        return subprocess.run(
            [script, *arguments], capture_output=True, text=True, check=False, timeout=120, **surroundings
        )

    programs = {OURS: ours, THEIRS: partial(interpreter.run, PEAK, "images")}

    def sending(program, command, *arguments):
        service.reset()
        client = get_client(session)
        created = client.create_image({"name": "test-image", "type": "workflow", "buildDetails": DOCKERFILE})
        version = client.create_version(created["imageId"], {"buildDetails": FAILING})
        service.control.finish_builds()
        named = {
            "create-version": [created["imageId"]],
            "update-version": ["--image-id", created["imageId"], "--version-id", version["versionId"]],
        }
        before = len(service.requests)
        surroundings = {"API_KEY": service.token, "PEAK_IMAGES_URL": service.url, "NO_COLOR": "1"}
        arguments = [command, *named.get(command, []), *arguments]
        done = programs[program](*map(str, arguments), cwd=here, env={**os.environ, **surroundings})
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        [request] = [request for request in service.requests[before:] if request.method != "GET"]
        assert request.problems == ()
        is_upload = request.fields["buildDetails"]["source"] == "upload"
        response = json.loads(done.stdout)
        files = service.control.uploaded_files(response["versionId"]) if is_upload else ()
        return Sent(request.method, request.path, request.fields, set(files))

    return sending


def test_sdk_has_no_other_samples(samples):
    assert {path.relative_to(samples).as_posix() for path in samples.rglob("*.yaml")} == set(SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES)
def test_sample_is_sent_unchanged_by_both_command_lines(send, samples, sample):
    ours = send(OURS, SAMPLES[sample], samples / sample)

    assert ours == send(THEIRS, SAMPLES[sample], samples / sample)
    assert ours.fields["buildDetails"]["source"] == sample.partition("/")[0]
    if ours.files:
        assert "app/main.py" in ours.files
        assert not {"notes.md", "app/private.ini"} & ours.files


MAIN = "body:\n  name: weather\n  type: api\n  buildDetails:\n    {% include 'INCLUDED' %}\n"
DETAILS = "source: dockerfile\ndockerfile: FROM nginx\nbuildArguments:\n  - name: A\n    value: b\n"
IN_CONTEXT = "source: github\nrepository: https://a/b\nbranch: main\ntoken: a-token\ncontext: {}\n"


def main(included):
    return MAIN.replace("INCLUDED", included)


def part(included):
    return f"{{% include '{included}' %}}"


INCLUDES = {
    "beside": {"files/main.yaml": main("details.yaml"), "files/details.yaml": DETAILS},
    "below": {"files/main.yaml": main("parts/details.yaml"), "files/parts/details.yaml": DETAILS},
    "above": {"files/main.yaml": main("../common/details.yaml"), "common/details.yaml": DETAILS},
    "absolute": {"files/main.yaml": main("HERE/common/details.yaml"), "common/details.yaml": DETAILS},
    "in the working directory": {"files/main.yaml": main("details.yaml"), "details.yaml": DETAILS},
    "below an included one": {
        "files/main.yaml": main("parts/one.yaml"),
        "files/parts/one.yaml": part("deeper/two.yaml"),
        "files/parts/deeper/two.yaml": DETAILS,
    },
    "above an included one": {
        "files/main.yaml": main("parts/one.yaml"),
        "files/parts/one.yaml": part("../two.yaml"),
        "files/two.yaml": DETAILS,
    },
    "beside the main file, from an included one": {
        "files/main.yaml": main("parts/one.yaml"),
        "files/parts/one.yaml": part("two.yaml"),
        "files/two.yaml": DETAILS,
    },
    "an absolute one, and one beside that": {
        "files/main.yaml": main("HERE/common/one.yaml"),
        "common/one.yaml": part("two.yaml"),
        "common/two.yaml": DETAILS,
    },
    "context of a file below": {
        "files/main.yaml": main("app/details.yaml"),
        "files/app/details.yaml": IN_CONTEXT.format("docker"),
    },
    "context above, in quotes": {
        "files/main.yaml": main("app/details.yaml"),
        "files/app/details.yaml": IN_CONTEXT.format("'../docker'"),
    },
    "context of an absolute one": {
        "files/main.yaml": main("HERE/common/details.yaml"),
        "common/details.yaml": IN_CONTEXT.format("."),
    },
    "context of the main file": {
        "files/main.yaml": MAIN.replace(
            "{% include 'INCLUDED' %}", IN_CONTEXT.format("docker").replace("\n", "\n    ")
        ),
    },
}
"""Files by their paths, with HERE for the working directory. The first is the main one."""


@pytest.fixture
def write(here):
    """Writes the files of a case, and gives the path of the main one."""

    def writing(files):
        for name, text in files.items():
            (here / name).parent.mkdir(parents=True, exist_ok=True)
            (here / name).write_text(text.replace("HERE", here.as_posix()))
        return next(iter(files))

    return writing


@pytest.mark.parametrize("case", INCLUDES)
def test_includes_are_resolved_as_the_sdk_resolves_them(send, write, case):
    path = write(INCLUDES[case])

    ours = send(OURS, "create", path)
    assert ours == send(THEIRS, "create", path)
    assert ours.fields["buildDetails"].keys() & {"dockerfile", "context"}


def test_include_beside_the_including_file_overrides_the_working_directory(send, write):
    # The one difference: the SDK looks in the working directory first, so that what is included depends on it.
    path = write(
        {
            "files/main.yaml": main("details.yaml"),
            "files/details.yaml": DETAILS,
            "details.yaml": DETAILS.replace("nginx", "httpd"),
        }
    )

    assert send(OURS, "create", path).fields["buildDetails"]["dockerfile"] == "FROM nginx"
    assert send(THEIRS, "create", path).fields["buildDetails"]["dockerfile"] == "FROM httpd"


def test_include_outside_of_the_working_directory_requires_include_root(send, write, here):
    path = write({"main.yaml": main("../details.yaml")})
    (here.parent / "details.yaml").write_text(DETAILS)

    with pytest.raises(AssertionError, match="--include-root"):
        send(OURS, "create", path)
    assert send(OURS, "create", path, "--include-root", "..") == send(THEIRS, "create", path)


def test_create_or_update_without_type_updates_an_image_that_exists(send, samples, alone, open_theirs, service, here):
    sample = samples / "upload/create_or_update_image.yaml"
    assert "type:" not in sample.read_text()
    ours = send(OURS, "create-or-update", sample)
    assert (ours.method, ours.path.rpartition("/")[2]) == ("POST", "versions")

    # The SDK's own client does the same; it also sends the version a name, which the contract doesn't declare.
    before = len(service.requests)
    open_theirs(alone).create_or_update_image_version(
        body={**ours.fields, "name": "test-image", "version": "0.0.9"},
        artifact={"path": str(here), "ignore_files": [".gitignore", ".dockerignore"]},
    )
    [request] = [request for request in service.requests[before:] if request.method != "GET"]
    assert (request.method, request.path) == (ours.method, ours.path)
    assert request.fields == {**ours.fields, "name": "test-image", "version": "0.0.9"}
