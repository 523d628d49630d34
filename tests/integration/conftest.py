"""A client of each backend, and a contract validator of all that is sent and received."""

from __future__ import annotations

import pytest

from peak_images._http import retry
from tests.integration.backends import BACKENDS, open_client
from tests.integration.bodies import DOCKERFILE_BUILD, NEW_IMAGE
from tests.integration.contract_validator import validated
from tests.integration.recording import record


def pytest_configure(config):
    config.addinivalue_line("markers", "invalid_responses: the server of this test sends invalid responses on purpose")


@pytest.fixture(autouse=True)
def exchanges(request, monkeypatch, one_ssl_context):
    """All exchanges of the test, each validated when it has ended."""
    responses = request.node.get_closest_marker("invalid_responses") is None
    with validated(record(monkeypatch), responses=responses) as recorded:
        yield recorded


@pytest.fixture(autouse=True)
def tries_are_told(caplog):
    """Show the retries of a failed test."""
    caplog.set_level("INFO", "peak_images")


@pytest.fixture(params=BACKENDS)
def client(request, session):
    """A client of the local service: synchronous, or asynchronous under asyncio or trio."""
    with open_client(request.param, session) as opened:
        yield opened


@pytest.fixture
def sync_client(session):
    """A synchronous client of the local service."""
    with open_client("sync", session) as opened:
        yield opened


@pytest.fixture
def no_delays(monkeypatch):
    """Retries follow each other without a delay."""
    monkeypatch.setattr(retry, "INITIAL_BACKOFF", 0)


@pytest.fixture
def build_context(tmp_path):
    """A directory to build from, with a file that must be excluded."""
    directory = tmp_path / "image"
    (directory / "app").mkdir(parents=True)
    (directory / "Dockerfile").write_text("FROM python:3.12-slim\nARG HELLO\nCOPY app /app\n")
    (directory / "app/main.py").write_text("print('hello')\n")
    (directory / "notes.md").write_text("Remember the milk\n")
    (directory / ".dockerignore").write_text("*.md\n.dockerignore\n")
    return directory


class Seed:
    """A factory of images and versions, through a client."""

    def __init__(self, client, service):
        self._client, self._service = client, service

    def image(self, name="an-image", *, finish=True, **fields):
        created = self._client.create_image({**NEW_IMAGE, "name": name, **fields})
        return self._finished(created, finish)

    def version(self, image_id, *, finish=True, **fields):
        created = self._client.create_version(image_id, {"buildDetails": DOCKERFILE_BUILD, **fields})
        return self._finished(created, finish)

    def _finished(self, created, finish):
        if finish:
            self._service.control.finish_builds()
        return created


@pytest.fixture
def seed(service, session):
    """Makes what a test begins with."""
    from peak_images import get_client

    return Seed(get_client(session), service)


@pytest.fixture
def received(service):
    """Gives the requests that the service has received since it was last called."""
    seen = 0

    def since():
        nonlocal seen
        new = service.requests[seen:]
        seen += len(new)
        return new

    return since
