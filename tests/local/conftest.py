"""A service for each test, a small HTTP client for it, and artifacts to upload."""

import io
import json
import zipfile

import httpx
import pytest

from peak_images_local import LocalService

DOCKERFILE = "FROM python:3.12-slim\nARG HELLO\nCOPY app.py /app/\nRUN echo $HELLO\n"


def _make_zip(files=None, *, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in ({"Dockerfile": DOCKERFILE, "app.py": "print()"} if files is None else files).items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Api:
    """The API over HTTP, as its users see it."""

    def __init__(self, service):
        self.service = service
        self.http = httpx.Client(
            base_url=f"{service.url}/image-management/api/v2", headers={"Authorization": service.token}, timeout=10
        )

    def get(self, path, **query):
        return self.http.get(path, params=query)

    def delete(self, path, **query):
        return self.http.delete(path, params=query)

    def send(self, method, path, fields, artifact=None):
        data = {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
        # A field that isn't declared makes the form multipart where there is no file.
        files = {"artifact": ("artifact.zip", artifact, "application/zip")} if artifact is not None else {}
        parts = {name: (None, value) for name, value in data.items()} | files
        return self.http.request(method, path, files=parts or {"nothing": (None, "")})

    def create_image(self, name="an-image", artifact=None, **fields):
        if "buildDetails" not in fields and artifact is None:
            fields["buildDetails"] = {"source": "dockerfile", "dockerfile": "FROM scratch"}
        return self.send("POST", "/images/", {"name": name, "type": "workflow", **fields}, artifact)

    def create_version(self, image_id, artifact=None, **fields):
        if "buildDetails" not in fields and artifact is None:
            fields["buildDetails"] = {"source": "dockerfile", "dockerfile": "FROM scratch"}
        return self.send("POST", f"/images/{image_id}/versions", fields, artifact)

    def update_version(self, image_id, version_id, artifact=None, **fields):
        return self.send("PATCH", f"/images/{image_id}/versions/{version_id}", fields, artifact)

    def image(self, name="an-image", **fields):
        """Creates an image whose build has ended; gives the ids."""
        answer = self.create_image(name, **fields)
        assert answer.status_code == 200, answer.text
        self.service.control.finish_builds()
        return answer.json()

    def version(self, image_id, **fields):
        """Creates a version whose build has ended; gives the ids."""
        answer = self.create_version(image_id, **fields)
        assert answer.status_code == 200, answer.text
        self.service.control.finish_builds()
        return answer.json()

    def last_build(self, image_id):
        return self.get(f"/images/{image_id}/builds", pageSize=1).json()["builds"][0]

    def log(self, image_id, build_id=None):
        build_id = build_id or self.last_build(image_id)["buildId"]
        return [line["message"] for line in self.get(f"/images/{image_id}/builds/{build_id}/logs").json()["logs"]]


def _refused(answer, status, *words):
    assert answer.status_code == status, answer.text
    detail = answer.json()["detail"]
    assert isinstance(detail, str)
    for word in words:
        assert word in detail, f"{word!r} is not in {detail!r}"


@pytest.fixture
def make_zip():
    """Makes an artifact of files; by default of a Dockerfile and what it copies."""
    return _make_zip


@pytest.fixture
def refused():
    """Checks that an answer refuses with a status, and that its detail has certain words."""
    return _refused


@pytest.fixture
def make_api():
    """Makes clients of services that a test starts by itself."""
    clients = []

    def make(service):
        clients.append(Api(service))
        return clients[-1]

    yield make
    for client in clients:
        client.http.close()


@pytest.fixture
def service():
    with LocalService(build_seconds=60, delete_seconds=60, seed=1) as running:
        # Only tests move the time, so that nothing depends on how fast the machine is.
        running.control.clock.freeze()
        yield running
        assert running.violations == []


@pytest.fixture
def api(service):
    client = Api(service)
    yield client
    client.http.close()
