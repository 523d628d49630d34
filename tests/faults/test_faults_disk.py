"""Disks that are full: an error of this package, and nothing left behind."""

import errno
import os
import random
import subprocess
import sys
import tempfile
from contextlib import contextmanager

import pytest

from peak_images import PeakImagesError, SaveError, Session, get_client
from tests.integration.bodies import DOCKERFILE_BUILD, NEW_IMAGE
from tests.integration.raw_server import RawServer, response


@contextmanager
def log_server():
    """Yield a host with a log of 1 MiB, and a service that responds with its address."""
    with RawServer(response(200, b"x" * 2**20)) as host:
        address = b'{"downloadUrl": "%s/l"}' % host.url.encode()
        with RawServer(response(200, address)) as service:
            yield host, service


# httpx leaves its generators to the garbage collector when what it gives isn't read to its end, and trio warns of it.
HTTPX_GENERATORS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@HTTPX_GENERATORS
def test_full_disk_leaves_no_file(client_of, full_disk):
    log = b"x" * 2**20
    with (
        RawServer(response(200, log)) as host,
        RawServer(response(200, b'{"downloadUrl": "%s/l"}' % host.url.encode())) as at,
    ):
        with pytest.raises(SaveError, match=os.strerror(errno.ENOSPC)) as caught:
            client_of(at.url).get_build_logs(1, 1, save=True, file_name=full_disk / "build.log")

        assert isinstance(caught.value, OSError)
        assert list(full_disk.iterdir()) == []
        assert len(host.received) == 1


@HTTPX_GENERATORS
def test_full_disk_keeps_the_existing_log(client_of, full_disk):
    (full_disk / "build.log").write_text("the log of before")
    with log_server() as (_, at), pytest.raises(SaveError):
        client_of(at.url).get_build_logs(1, 1, save=True, file_name=full_disk / "build.log")

    assert [path.read_text() for path in full_disk.iterdir()] == ["the log of before"]


def test_full_disk_while_zipping_raises_and_sends_nothing(client_of, full_disk, build_context, monkeypatch):
    (build_context / "data.bin").write_bytes(random.Random(1).randbytes(9 * 2**20))
    (build_context / "zeros").write_bytes(bytes(32 * 2**20))  # too much in all for an archive in memory
    monkeypatch.setattr(tempfile, "tempdir", str(full_disk))
    with RawServer(response(200)) as server:
        with pytest.raises(PeakImagesError, match=os.strerror(errno.ENOSPC)):
            client_of(server.url).create_image({"name": "an-image", "type": "api"}, {"path": build_context})

        assert server.received == []
    assert list(full_disk.iterdir()) == []


LIMITED = """
import resource, sys
from peak_images import *
client = get_client()
build = client.create_image(NEW_IMAGE)["imageId"]
resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))  # a file of more than 8 bytes can't be written
try:
    client.get_build_logs(build, BUILD_ID, save=True, file_name=sys.argv[1])
except SaveError as error:
    print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="files have no limit there")
def test_file_size_limit_leaves_no_file(service, tmp_path):
    session = Session(base_url=service.url, auth_token=service.token)
    created = get_client(session).create_image({**NEW_IMAGE, "name": "other", "buildDetails": DOCKERFILE_BUILD})
    service.control.finish_builds()
    [build] = get_client(session).list_image_builds(created["imageId"])
    code = LIMITED.replace("NEW_IMAGE", repr(NEW_IMAGE)).replace("BUILD_ID", repr(build["buildId"]))
    code = code.replace("(build,", f"({created['imageId']},")
    environment = {**os.environ, "PEAK_IMAGES_URL": service.url, "API_KEY": service.token}
    path = tmp_path / "logs/build.log"
    path.parent.mkdir()
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, path], capture_output=True, text=True, check=False, env=environment
    )
    session.close()

    assert (done.returncode, done.stderr) == (0, "")
    assert f"{path}: can't be written: {os.strerror(errno.EFBIG)}" in done.stdout
    assert list(path.parent.iterdir()) == []
