"""What all tests share: a clean environment, and a service to talk to."""

from __future__ import annotations

import os
import signal
import ssl
import threading

import pytest

VARIABLES = ("PEAK_AUTH_TOKEN", "API_KEY", "PEAK__STAGE", "STAGE", "PEAK_IMAGES_URL")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def pytest_configure() -> None:
    """Ctrl-C reaches the programs that tests start: a shell that runs the tests in its background has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    """Nothing of the machine's own decides where a test sends something, or as whom."""
    for name in os.environ.keys() & {*VARIABLES, *PROXIES, *map(str.lower, PROXIES)}:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def _ssl_context():
    return ssl.create_default_context()


@pytest.fixture
def one_ssl_context(monkeypatch, _ssl_context):
    """For tests without TLS: reading all certificates for each client takes longer than most of them."""
    monkeypatch.setattr(ssl, "create_default_context", lambda *_, **__: _ssl_context)


@pytest.fixture(scope="session")
def running_service():
    """The local service, started once."""
    from peak_images_local import LocalService

    # Coverage measures the client, and would double the time of the service.
    tracer = threading.gettrace()
    threading.settrace(None)
    service = LocalService(seed=1).start()
    threading.settrace(tracer)
    yield service
    service.stop()


@pytest.fixture
def service(running_service):
    """The local service, empty. Its time stands still, so that no test depends on how fast the machine is."""
    running_service.reset()
    running_service.control.clock.freeze()
    yield running_service
    assert running_service.violations == []


@pytest.fixture
def session(service):
    """A session with the local service."""
    from peak_images import Session

    with Session(base_url=service.url, auth_token=service.token) as opened:
        yield opened
