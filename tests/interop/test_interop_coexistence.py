"""This package's wheel beside the SDK: one namespace, unchanged files, the SDK's own code on this client."""

import json
import os
import subprocess

import pytest

from tests.interop.conftest import SDK, Environment
from tests.interop.tour import tour


def test_images_is_ours_and_everything_else_is_theirs(beside):
    theirs = "alerts, artifacts, cache, services, tenants, users, webapps, workflows"
    code = f"""
from peak.resources import images, {theirs}
import json, peak, peak_images
print(json.dumps([images.get_client.__module__, images.__file__, peak.resources.images is images,
    images.Image is peak_images.Image, [m.__file__ for m in ({theirs})], [m.get_client.__module__ for m in ({theirs})],
    peak.Session.__module__, peak.__version__]))
"""
    module, file, is_the_same, is_the_class, files, modules, session, version = json.loads(beside.value(code))

    assert module.startswith("peak_images.")
    assert file.replace("\\", "/").endswith("/peak/resources/images/__init__.py")
    assert (is_the_same, is_the_class) == (True, True)
    assert all(file.replace("\\", "/").rpartition("/")[0].endswith("/peak/resources") for file in files)
    assert modules == [f"peak.resources.{name}" for name in theirs.split(", ")]
    assert (session, version) == ("peak.session", SDK.partition("==")[2])


def test_sdk_session_calls_use_this_client(beside, open_theirs, service, forwarder, build_context, tmp_path):
    log = tmp_path / "build.log"
    list(tour(open_theirs(beside), service, build_context, log))

    assert log.read_bytes()
    assert {request.headers["user-agent"].partition("/")[0] for request in service.requests} == {"peak-images"}
    assert [problem for request in service.requests for problem in request.problems] == []
    # What their session asks when it is made, and the telemetry of that. Our calls send none.
    assert sorted(path.split("/")[1] for _, path in forwarder.others) == ["resource-usage", "tenant-management"]


EXCEPT = """
from peak import exceptions
from peak.resources import images
client = images.get_client(images.Session({token!r}, base_url={url!r}, retries=0))
try:
    {call}
except exceptions.{name} as error:
    assert isinstance(error, images.PeakImagesError) and isinstance(error, exceptions.PeakBaseException), error
    print("caught")
"""

CAUGHT = {
    "NotFoundException": "client.describe_image(99)",
    "UnauthorizedException": "client.list_images(return_iterator=False)",
    "ConflictException": "client.create_image({'name': 'a', 'type': 'api', 'buildDetails': {'source': 'upload'}})",
    "BadRequestException": "client.describe_image(1)",
    "ForbiddenException": "client.describe_image(1)",
    "PayloadTooLargeException": "client.describe_image(1)",
    "UnprocessableEntityException": "client.describe_image(1)",
    "InternalServerErrorException": "client.describe_image(1)",
    "BadParameterException": "client.describe_image(0)",
    "InvalidPathException": "client.create_image({'name': 'a', 'type': 'api'}, {'path': 'no/such/folder'})",
    "FileLimitExceededException": "images.get_client(images.Session('a', max_artifact_size=1)).create_image("
    "{'name': 'a', 'type': 'api'}, {'path': '.'})",
    "MissingEnvironmentVariableException": "images.Session()",
}
STATUSES = {
    "UnauthorizedException": 401,
    "ConflictException": 409,
    "BadRequestException": 400,
    "ForbiddenException": 403,
    "PayloadTooLargeException": 413,
    "UnprocessableEntityException": 422,
    "InternalServerErrorException": 500,
}


@pytest.mark.parametrize("name", CAUGHT)
def test_their_except_clauses_catch_our_errors(interpreter, service, name, build_context):
    if name in STATUSES:
        service.control.fail_next(status=STATUSES[name])
    code = EXCEPT.format(token=service.token, url=service.url, call=CAUGHT[name], name=name)
    done = interpreter.run(code, cwd=build_context, env=os.environ)

    assert (done.stdout.strip(), done.returncode) == ("caught", 0), done.stderr


def _damaged(environment, name):
    """Return the files of an installed distribution that aren't as its wheel had them."""
    code = f"""
import base64, hashlib, importlib.metadata, json
damaged = []
for file in importlib.metadata.files({name!r}):
    if file.hash is not None:
        digest = hashlib.new(file.hash.mode, file.locate().read_bytes()).digest() if file.locate().exists() else b""
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
            damaged.append(str(file))
print(json.dumps(damaged))
"""
    return json.loads(environment.value(code))


WHOSE = "from peak.resources import images; print(images.get_client.__module__.partition('.')[0])"
REST = "import peak, peak.cli.cli; from peak.resources import workflows; print(peak.__version__)"


@pytest.mark.parametrize("order", [("sdk", "ours"), ("ours", "sdk")])
def test_uninstalling_either_leaves_the_other_whole(tmp_path, wheel, order):
    environment = Environment(tmp_path / "venv")
    requirement = {"sdk": SDK, "ours": str(wheel)}
    for which in order:
        environment.pip("install", requirement[which])
    assert environment.value(WHOSE) == "peak_images"

    environment.pip("uninstall", "peak-images")
    assert environment.value(WHOSE) == "peak"
    assert environment.value(REST) == SDK.partition("==")[2]
    assert _damaged(environment, "peak-sdk") == []

    environment.pip("install", str(wheel))
    environment.pip("uninstall", "peak-sdk")
    assert environment.value(WHOSE) == "peak_images"
    assert _damaged(environment, "peak-images") == []
    done = environment.run("-c", "import peak.session", check=False)
    assert "ModuleNotFoundError" in done.stderr


def test_a_retry_prints_nothing(beside, service):
    # structlog, which comes with the SDK, prints what is logged to it unless told otherwise.
    service.control.fail_next(status=503, headers={"Retry-After": "0"})
    code = f"""
from peak.resources import images
client = images.get_client(images.Session({service.token!r}, base_url={service.url!r}))
assert client.list_images(return_iterator=False)["imageCount"] == 0
"""
    done = beside.run("-c", code)

    assert (done.stdout, done.stderr) == ("", "")


def test_no_file_is_of_both(beside):
    code = """
import importlib.metadata as m, json
print(json.dumps(sorted({str(f) for f in m.files("peak-sdk")} & {str(f) for f in m.files("peak-images")})))
"""
    assert json.loads(beside.value(code)) == []


def test_their_command_is_still_theirs(beside):
    script = beside.python.with_name("peak" + beside.python.suffix)
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True, timeout=60)

    assert SDK.partition("==")[2] in done.stdout
