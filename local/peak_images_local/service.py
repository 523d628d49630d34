"""The service as an object: for tests, scripts and notebooks."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Self

from peak_images_local import sample
from peak_images_local.api.auth import is_loopback
from peak_images_local.app import make_app
from peak_images_local.server import Server
from peak_images_local.settings import BUILDERS, DEFAULT_TOKEN, SIMULATE, Settings
from peak_images_local.state import State
from peak_images_local.storage.archive import ArchiveLimits
from peak_images_local.testing.control import Control
from peak_images_local.ui.api_docs import API_DOCS_PATH

if TYPE_CHECKING:
    import os
    from collections.abc import Collection

    from peak_images_local.request_log import ReceivedRequest

_LOG = logging.getLogger("peak_images_local")


class LocalService:
    """An Images service on this machine, for tests, scripts and notebooks.

    Use it as a context manager, or call `start` and `stop`. A stopped service can be started again; without `data` it
    is then empty. `get_client()` without a session still follows the environment: pass a session, as in the example.

    Example:
        >>> with LocalService() as service:
        ...     session = images.Session(base_url=service.url, auth_token=service.token)
        ...     print(images.get_client(session).list_images(return_iterator=False)["imageCount"])
        0
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        data: str | os.PathLike[str] | None = None,
        build_seconds: float = 0.05,
        delete_seconds: float = 0.05,
        host: str = "127.0.0.1",
        port: int = 0,
        any_token: bool = False,
        max_artifact_size: int = 10 << 20,
        limits: ArchiveLimits | None = None,
        builder: str = "simulate",
        seed: int | None = None,
        allowed_hosts: Collection[str] = (),
    ) -> None:
        """Configure the service; `start` starts it.

        Args:
            token: The token that it accepts (default: `local-token`; a random one if an engine builds or the
                address is not a loopback one).
            data: The directory where data is stored (default: in memory, lost when it stops).
            build_seconds: How long a simulated build takes.
            delete_seconds: How long a deletion takes.
            host: The address to listen on. Any other than a loopback address opens the service to the network.
            port: The port to listen on; 0 for a free one.
            any_token: Whether to accept every token that isn't empty.
            max_artifact_size: The maximum size of an artifact, in bytes, zipped.
            limits: The maximum content of an artifact.
            builder: The build engine: `simulate` (nothing is executed), `docker`, `podman` or `buildah`.
            allowed_hosts: Additional host names that requests may use, besides `host` and those of the loopback.
            seed: The seed of the builds' string ids (default: random).

        Raises:
            ValueError: A value isn't allowed.
        """
        if builder not in BUILDERS:
            raise ValueError(f"builder: {builder!r} is not one of {', '.join(BUILDERS)}")
        _check_number("port", port, 0, 65_535)
        _check_number("build_seconds", build_seconds, 0, 1e9)
        _check_number("delete_seconds", delete_seconds, 0, 1e9)
        _check_number("max_artifact_size", max_artifact_size, 1, 1e15)
        if token is not None and not (token.isascii() and token.isprintable() and token.strip() == token != ""):
            raise ValueError("token: it must be printable ASCII, not empty, without spaces around it")
        is_on_network = not is_loopback(host)
        if token is None:
            token = secrets.token_urlsafe(24) if is_on_network or builder != SIMULATE else DEFAULT_TOKEN
        self._settings = Settings(
            token,
            any_token,
            build_seconds,
            delete_seconds,
            max_artifact_size,
            limits or ArchiveLimits(),
            builder,
            seed,
            hosts=frozenset(name.lower() for name in (host, *allowed_hosts)),
            is_on_network=is_on_network,
        )
        self._data = data
        self._host = host
        self._wanted_port = port
        self._state: State | None = None
        self._server: Server | None = None

    def start(self) -> Self:
        """Start the service, and return it when it accepts requests.

        Raises:
            ServiceError: The port or the directory can't be used.
        """
        if self._server is not None:
            raise RuntimeError("The service has been started already")
        for warning in self.warnings:
            _LOG.warning("%s", warning)
        state = State(self._settings, self._data)
        try:
            server = Server(make_app(state), self._host, self._wanted_port)
        except BaseException:
            state.close()
            raise
        server.start()
        self._state, self._server = state, server
        return self

    def stop(self) -> None:
        """Stop the service. Data in a directory is kept. Does nothing if it is stopped already."""
        server, state = self._server, self._state
        self._server = self._state = None
        if server is not None:
            server.stop()
        if state is not None:
            state.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def warnings(self) -> list[str]:
        """Warnings about settings that open the service to others."""
        token = "any token" if self._settings.any_token else "the token"
        found = []
        if self._settings.is_on_network:
            found.append(f"The service listens on {self._host}: other machines can reach it with {token}")
        if self._settings.builder != SIMULATE:
            found.append(f"{self._settings.builder} runs what Dockerfiles say on this machine, for anyone with {token}")
        return found

    def __repr__(self) -> str:
        return f"LocalService({self.url if self._server else 'not running'})"

    @property
    def url(self) -> str:
        """The root of the service, such as `http://127.0.0.1:41234`, without the prefix of the API."""
        if self._server is None:
            raise RuntimeError(_NOT_RUNNING)
        host = _REACHABLE.get(self._host, self._host)
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self._server.port}"

    @property
    def api_docs_url(self) -> str:
        """The address of the page with the contract and a form for each request."""
        return f"{self.url}{API_DOCS_PATH}/index.htm"

    @property
    def token(self) -> str:
        """The token that it accepts."""
        return self._settings.token

    @property
    def control(self) -> Control:
        """The test controls."""
        return Control(self._running)

    @property
    def violations(self) -> list[str]:
        """Responses that violated the contract, which are bugs of the service itself."""
        return self._running.violations

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests received so far (the last ten thousand), oldest first, secrets masked."""
        return list(self._running.requests)

    def load_sample(self) -> bool:
        """Add sample images if there are no images yet; return whether it did."""
        return sample.fill(self._running)

    def reset(self) -> None:
        """Delete all data, recorded requests and test controls."""
        self._running.reset()

    @property
    def _running(self) -> State:
        if self._state is None:
            raise RuntimeError(_NOT_RUNNING)
        return self._state


def _check_number(name: str, value: float, low: float, high: float) -> None:
    if not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name}: {value!r} is not a number from {low:.0f} to {high:.0f}")


_REACHABLE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - named, not listened on
_NOT_RUNNING = "The service isn't running: use it as a context manager, or start() it"
