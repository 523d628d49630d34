"""Fixtures for tests of code that uses Peak's images: a service for each test, and a client of it.

Pytest loads it if the package is installed, so it imports nothing until a fixture is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from peak_images_local import LocalService

_OTHER_VARIABLES = ("API_KEY", "PEAK__STAGE", "STAGE")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of the configuration file."""
    text = "peak_images_service fails each test that sends a request against the contract (default: false)"
    parser.addini("peak_images_strict", text, type="bool", default=False)


@pytest.fixture
def peak_images_service(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalService]:
    """An empty Images service. The environment variables point the code under test to it.

    Builds and deletions take a twentieth of a second. `peak_images_service.control` has the test controls.
    """
    from peak_images_local import LocalService

    with LocalService() as service:
        for name in _OTHER_VARIABLES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PEAK_IMAGES_URL", service.url)
        monkeypatch.setenv("PEAK_AUTH_TOKEN", service.token)
        yield service
        if request.config.getini("peak_images_strict"):
            _fail_on_problems(service)


@pytest.fixture
def peak_images_strict(peak_images_service: LocalService) -> Iterator[LocalService]:
    """The service of `peak_images_service`. The test fails at its end if a request violated the contract.

    A violation is an invalid value, an undeclared field or parameter at any depth, or an unknown path or method.
    """
    yield peak_images_service
    _fail_on_problems(peak_images_service)


def _fail_on_problems(service: LocalService) -> None:
    problems = [
        f"{request.method} {request.path}: {problem}" for request in service.requests for problem in request.problems
    ]
    if problems:
        pytest.fail("\n".join(["Requests against the contract:", *problems]), pytrace=False)


@pytest.fixture
def peak_images_client(peak_images_service: LocalService) -> Iterator[Any]:  # noqa: ARG001 - it sets the environment
    """A client of `peak_images_service`, as `images.get_client()` returns it. It is closed after the test."""
    images = importlib.import_module("peak.resources.images")
    with images.get_client() as client:
        yield client
