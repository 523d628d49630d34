"""A service for each test, a small HTTP client for it, and artifacts to upload."""

import copy
import io
import json
import zipfile

import httpx
import pytest
import yaml

from peak_images_local import LocalService
from peak_images_local.api.contract import Contract
from tests.local.contracts import SPEC
from tests.local.pages import form_token

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
            base_url=f"{service.url}/image-management/api/v2", headers={"Authorization": service.token}, timeout=30
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
        """Create an image whose build has ended; return the ids."""
        response = self.create_image(name, **fields)
        assert response.status_code == 200, response.text
        self.service.control.finish_builds()
        return response.json()

    def version(self, image_id, **fields):
        """Create a version whose build has ended; return the ids."""
        response = self.create_version(image_id, **fields)
        assert response.status_code == 200, response.text
        self.service.control.finish_builds()
        return response.json()

    def last_build(self, image_id):
        return self.get(f"/images/{image_id}/builds", pageSize=1).json()["builds"][0]

    def log(self, image_id, build_id=None):
        build_id = build_id or self.last_build(image_id)["buildId"]
        return [line["message"] for line in self.get(f"/images/{image_id}/builds/{build_id}/logs").json()["logs"]]


def _refused(response, status, *words):
    assert response.status_code == status, response.text
    detail = response.json()["detail"]
    assert isinstance(detail, str)
    for word in words:
        assert word in detail, f"{word!r} is not in {detail!r}"


@pytest.fixture(autouse=True)
def no_tls(one_ssl_context):
    """The service speaks plain HTTP."""


@pytest.fixture
def make_zip():
    """Makes an artifact of files; by default of a Dockerfile and what it copies."""
    return _make_zip


@pytest.fixture
def refused():
    """Checks that an response refuses with a status, and that its detail has certain words."""
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


@pytest.fixture
def browser(service):
    """A client that keeps no token, as a browser."""
    with httpx.Client(base_url=service.url, timeout=30) as client:
        yield client


@pytest.fixture
def submit(browser):
    """Sends a form as the page that shows it would."""

    def send(path, fields=None, *, of="/ui/controls", files=None, headers=None):
        data = {"form_token": form_token(browser.get(of)), **(fields or {})}
        return browser.post(path, data=data, files=files, headers=headers)

    return send


@pytest.fixture
def upload(browser):
    """Sends a form with a file as a browser does; one that wasn't chosen has an empty name."""

    def send(path, fields, content=None):
        fields = {"form_token": form_token(browser.get(path)), **fields}
        disposition = b"--boundary\r\nContent-Disposition: form-data; name="
        body = b"".join(b'%b"%b"\r\n\r\n%b\r\n' % (disposition, n.encode(), v.encode()) for n, v in fields.items())
        name = b"" if content is None else b"work.zip"
        body += b'%b"artifact"; filename="%b"\r\nContent-Type: application/octet-stream\r\n\r\n' % (disposition, name)
        body += (content or b"") + b"\r\n--boundary--\r\n"
        return browser.post(path, content=body, headers={"Content-Type": "multipart/form-data; boundary=boundary"})

    return send


@pytest.fixture
def serve(monkeypatch):
    """Starts a service on the contract with changes made to it; gives a client of its API."""
    running = []

    def start(change, **options):
        spec = copy.deepcopy(SPEC)
        contract = Contract(yaml.safe_dump(change(spec) or spec))
        monkeypatch.setattr("peak_images_local.app.load_contract", lambda: contract)
        service = LocalService(build_seconds=0, delete_seconds=0, **options).start()
        client = httpx.Client(base_url=service.url + contract.prefix, headers={"Authorization": service.token})
        client.service = service
        running.extend([client.close, service.stop])
        return client

    yield start
    for close in running:
        close()
