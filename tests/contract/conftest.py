"""What the layers tests share: a service, and what is sent to it."""

from __future__ import annotations

import ssl

import pytest

from peak_images_local import LocalService
from tests.integration.recording import record

SSL_CONTEXT = ssl.create_default_context()


@pytest.fixture(autouse=True)
def one_ssl_context(monkeypatch):
    """Nothing here speaks TLS, and reading all certificates again for each client takes longer than most tests."""
    monkeypatch.setattr(ssl, "create_default_context", lambda *_, **__: SSL_CONTEXT)


@pytest.fixture(scope="module")
def service():
    with LocalService(build_seconds=0, delete_seconds=0) as running:
        yield running


@pytest.fixture
def exchanges(monkeypatch):
    return record(monkeypatch)
