"""Fixtures for tests of code that uses Peak's images: a service for each test, and a client of it.

It is loaded by pytest wherever the package is installed, so it imports nothing before a fixture is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from peak_images_local import LocalService

_OTHER_VARIABLES = ("API_KEY", "PEAK__STAGE", "STAGE")


@pytest.fixture
def peak_images_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalService]:
    """An Images service with nothing in it, of which the environment tells the code under test.

    Builds and deletions take a twentieth of a second; `peak_images_service.control` changes that and more.
    """
    from peak_images_local import LocalService

    with LocalService() as service:
        for name in _OTHER_VARIABLES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PEAK_IMAGES_URL", service.url)
        monkeypatch.setenv("PEAK_AUTH_TOKEN", service.token)
        yield service


@pytest.fixture
def peak_images_client(peak_images_service: LocalService) -> Iterator[Any]:  # noqa: ARG001 - it sets the environment
    """A client of that service, as `images.get_client()` gives it; it is closed after the test."""
    images = importlib.import_module("peak.resources.images")
    with images.get_client() as client:
        yield client
