"""Where the service is, who asks, and how long to wait: read from arguments, then from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from peak_images.errors import ConfigurationError, MissingTokenError, quoted

TOKEN_VARIABLES: Final = ("PEAK_AUTH_TOKEN", "API_KEY")
STAGE_VARIABLES: Final = ("PEAK__STAGE", "STAGE")
URL_VARIABLE: Final = "PEAK_IMAGES_URL"

PATH_PREFIX: Final = "/image-management/api/v2"
"""Where the API lives below the root of the service."""

_ROOTS: Final = {
    "prod": "https://service.peak.ai",
    "dev": "https://service.dev.peak.ai",
    "test": "https://service.test.peak.ai",
    "beta": "https://service.beta.peak.ai",
    "parvati": "https://service.parvati.peak.ai",
    "latest": "https://service.dev.peak.ai",
}


@dataclass(frozen=True)
class Timeout:
    """How long to wait, in seconds. ``None`` waits for ever.

    Attributes:
        connect: For a connection to be opened.
        read: For the next piece of an answer.
        write: For the next piece of a request to be taken.
        pool: For a connection to become free.
    """

    connect: float | None = 5.0
    read: float | None = 30.0
    write: float | None = 60.0
    pool: float | None = 5.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if value is not None and not (number and value > 0):
                raise ConfigurationError(f"timeout.{name}: {quoted(value)} is not a number of seconds above 0, or None")

    @classmethod
    def of(cls, value: Timeout | float | None) -> Timeout:
        """What ``timeout=`` means: a ``Timeout``, seconds for each of its four, or ``None`` for the defaults."""
        if value is None or isinstance(value, Timeout):
            return value or cls()
        return cls(value, value, value, value)


def find_token(given: str | None) -> str:
    """The token: the one given, else that of the environment.

    Raises:
        MissingTokenError: There is none.
        ConfigurationError: It can't be sent in a header.
    """
    token = given or _from_environment(TOKEN_VARIABLES)
    if not token:
        names = " or ".join(TOKEN_VARIABLES)
        raise MissingTokenError(f"No token: set the environment variable {names}, or give Session(auth_token=…)")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or token != token.strip():
        # The token itself is never shown.
        raise ConfigurationError("auth_token: a token is printable ASCII text with no white space around it")
    return token


def find_root(base_url: str | None, stage: str | None, stage_root: str | None = None) -> str:
    """The root of the service: an explicit address, else the environment's, else the stage's.

    The environment's address goes before even an explicit stage, so that a test or a demo that sets it can be sure
    that nothing reaches the platform.

    Args:
        base_url: An explicit address.
        stage: The name of a stage.
        stage_root: The address that stands for the stage, where a session of another kind knows it.

    Raises:
        ConfigurationError: The address or the stage isn't one.
    """
    if base_url:
        return _checked_root("base_url", base_url)
    if from_environment := os.environ.get(URL_VARIABLE):
        return _checked_root(URL_VARIABLE, from_environment)
    if stage_root:
        return _checked_root("base_domain", stage_root)
    stage = stage or _from_environment(STAGE_VARIABLES) or "prod"
    if stage not in _ROOTS:
        raise ConfigurationError(f"stage: {quoted(stage)} is not a stage; allowed: {', '.join(_ROOTS)}")
    return _ROOTS[stage]


def _from_environment(names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := os.environ.get(name))), None)


def _checked_root(where: str, url: str) -> str:
    problem = f"{where}: {quoted(url)} is not the root of a service, such as https://service.peak.ai"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except (ValueError, AttributeError) as error:
        raise ConfigurationError(problem) from error
    if not usable or parts.query or parts.fragment or parts.username is not None:
        raise ConfigurationError(problem)
    return url.rstrip("/").removesuffix(PATH_PREFIX)
