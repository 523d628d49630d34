"""Fixtures of the layers tests: a service, and the requests sent to it."""

from __future__ import annotations

import pytest

from peak_images_local import LocalService
from tests.integration.recording import record


@pytest.fixture(autouse=True)
def no_tls(one_ssl_context):
    """Nothing here speaks TLS."""


@pytest.fixture(scope="module")
def service():
    with LocalService(build_seconds=0, delete_seconds=0) as running:
        yield running


@pytest.fixture
def exchanges(monkeypatch):
    return record(monkeypatch)
