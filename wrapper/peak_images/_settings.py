"""Address, token and options, from arguments and the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from peak_images._values import validate_count, validate_seconds
from peak_images.errors import ConfigurationError, InvalidInputError, MissingTokenError, quoted

if TYPE_CHECKING:
    import ssl

    import httpx

    from peak_images._dry_run import DryRun

TOKEN_VARIABLES: Final = ("PEAK_AUTH_TOKEN", "API_KEY")
STAGE_VARIABLES: Final = ("PEAK__STAGE", "STAGE")
URL_VARIABLE: Final = "PEAK_IMAGES_URL"

PATH_PREFIX: Final = "/image-management/api/v2"
"""The path of the API below the address of the service."""

DEFAULT_MAX_ARTIFACT_SIZE: Final = 10 * 2**20
"""The largest artifact that the service accepts, in bytes, zipped."""

ARTIFACT_CHECKS: Final = ("error", "warn", "off", "strict")
"""How problems of a build context are handled."""

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
    """Timeouts in seconds; ``None`` for no limit.

    Attributes:
        connect: To open a connection.
        read: To receive the next chunk of a response.
        write: To send the next chunk of a request.
        pool: To get a free connection of the pool.
        total: For one attempt of a call in all, since the others restart with each chunk. The download of a log has no
            such limit, nor have the headers of the response to a synchronous call.

    Example:
        >>> session = images.Session(timeout=images.Timeout(read=60, total=900))
    """

    connect: float | None = 5.0
    read: float | None = 30.0
    write: float | None = 60.0
    pool: float | None = 60.0
    total: float | None = 300.0

    def __post_init__(self) -> None:
        with readable_settings():
            for name, given in tuple(vars(self).items()):
                if given is not None:
                    object.__setattr__(self, name, validate_seconds(f"timeout.{name}", given))


def as_timeout(value: Timeout | float | None) -> Timeout:
    """Return a ``Timeout`` from one, from seconds for each wait, or from ``None`` for the defaults.

    Raises:
        ConfigurationError: The value is none of these.
    """
    if value is None or isinstance(value, Timeout):
        return value or Timeout()
    each = Timeout(value, value, value, value, value)
    return replace(each, total=max(each.total or 0, Timeout.total or 0))


@dataclass(frozen=True)
class CallOptions:
    """Options of a session, which ``with_options`` overrides for some calls.

    Attributes:
        timeout: The timeouts.
        retries: The maximum number of retries after a transient error.
        headers: Additional headers, by lower-case name.
        dry_run: Called with each request in place of sending it.
    """

    timeout: Timeout = field(default_factory=Timeout)
    retries: int = 3
    headers: Mapping[str, str] = field(default_factory=dict)
    dry_run: DryRun | None = None

    def changed(self, *, timeout: Any, retries: Any, headers: Any, dry_run: DryRun | None = None) -> CallOptions:
        """Return these options with the given ones in their place, and the headers added.

        Raises:
            ConfigurationError: An option is invalid.
        """
        with readable_settings():
            return CallOptions(
                self.timeout if timeout is None else as_timeout(timeout),
                self.retries if retries is None else validate_count("retries", retries),
                {**self.headers, **_validate_headers(headers or {})},
                dry_run or self.dry_run,
            )


@dataclass(frozen=True)
class HttpOptions:
    """Overrides of httpx's defaults.

    Attributes:
        transport: A transport, for one flavour or for both.
        http_client: A custom client, for one flavour; its owner closes it.
        proxy: The address of a proxy.
        ca_bundle: A file of certificates, or an SSL context.
    """

    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None
    http_client: httpx.Client | httpx.AsyncClient | None
    proxy: str | None
    ca_bundle: str | os.PathLike[str] | ssl.SSLContext | None

    def __post_init__(self) -> None:
        others = self.proxy is not None or self.ca_bundle is not None
        if self.http_client is not None and (others or self.transport is not None):
            raise ConfigurationError("http_client: can't be combined with proxy, ca_bundle or transport")
        if self.transport is not None and others:
            raise ConfigurationError("transport: can't be combined with proxy or ca_bundle")
        if self.proxy is not None and not (isinstance(self.proxy, str) and "://" in self.proxy):
            raise ConfigurationError(
                f"proxy: {quoted(strip_userinfo(self.proxy))} is not an address such as http://proxy:3128"
            )
        bundle = self.ca_bundle
        if isinstance(bundle, (str, bytes, os.PathLike)):
            if not os.path.exists(bundle):  # noqa: PTH110 - may be bytes
                raise ConfigurationError(f"ca_bundle: {quoted(os.fspath(bundle))} doesn't exist")
        elif bundle is not None and not hasattr(bundle, "wrap_socket"):
            raise ConfigurationError(f"ca_bundle: {quoted(bundle)} is not a path or an ssl.SSLContext")


@contextmanager
def readable_settings() -> Iterator[None]:
    """Raise ``ConfigurationError`` for a value that is invalid or can't be read."""
    try:
        yield
    except ConfigurationError:
        raise
    except InvalidInputError as error:
        raise ConfigurationError(str(error)) from None
    except Exception as error:
        raise ConfigurationError(f"a setting can't be read: {error}") from error


def _validate_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers by lower-case name."""
    if not isinstance(headers, Mapping):
        raise ConfigurationError(f"headers: {quoted(headers)} is not a dictionary")
    for name, value in headers.items():
        if not isinstance(name, str) or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise ConfigurationError(f"headers: {quoted(name)} is not the name of a header")
        if not isinstance(value, str) or not re.fullmatch(r"([!-~]([\t -~]*[!-~])?)?", value):
            # The value is never shown, since it may be a key.
            raise ConfigurationError(
                f"headers: the value of {name} must be printable ASCII text without white space around it"
            )
        if name.lower() == "authorization":
            raise ConfigurationError("headers: Authorization is set by Session(auth_token=…)")
        if name.lower() in ("content-length", "content-type", "transfer-encoding"):
            raise ConfigurationError(f"headers: {name} is set by each request")
    return {name.lower(): value for name, value in headers.items()}


def resolve_token(given: str | None) -> str:
    """Return the token: the argument, else that of the environment.

    Raises:
        MissingTokenError: No token is set.
        ConfigurationError: It can't be sent in a header.
    """
    where = "auth_token" if given else next((name for name in TOKEN_VARIABLES if os.environ.get(name)), "")
    token = given or os.environ.get(where)
    if not token:
        names = " or ".join(TOKEN_VARIABLES)
        raise MissingTokenError(f"No token: set the environment variable {names}, or pass Session(auth_token=…)")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or token != token.strip():
        # The token itself is never shown.
        raise ConfigurationError(f"{where}: must be printable ASCII text without white space around it")
    return token


def resolve_base_url(base_url: str | None, stage: str | None, stage_root: str | None = None) -> str:
    """Return the address of the service: an explicit one, else the environment's, else the stage's.

    The environment's address overrides even an explicit stage, so that a test or a demo that sets it can be sure that
    nothing reaches the platform.

    Args:
        base_url: An explicit address.
        stage: The name of a stage.
        stage_root: The address of the stage, if a session of another kind has it.

    Raises:
        ConfigurationError: The address or the stage is invalid.
    """
    given = {"base_url": base_url, URL_VARIABLE: os.environ.get(URL_VARIABLE), "base_domain": stage_root}
    for source, url in given.items():
        if url:
            return _validate_base_url(source, url)
    where = "stage" if stage else next((name for name in STAGE_VARIABLES if os.environ.get(name)), "")
    stage = stage or os.environ.get(where, "prod")
    if not isinstance(stage, str) or stage not in _ROOTS:
        raise ConfigurationError(f"{where}: {quoted(stage)} is not a stage; allowed: {', '.join(_ROOTS)}")
    return _ROOTS[stage]


def strip_userinfo(url: object) -> object:
    """Return an address without its user name and password, for messages."""
    # To the last @: a password may contain one, or a slash.
    return re.sub(r"^(\w+://)?.*@", r"\1***@", url, flags=re.DOTALL) if isinstance(url, str) else url


def _validate_base_url(where: str, url: str) -> str:
    problem = f"{where}: {quoted(strip_userinfo(url))} is not the address of a service, such as https://service.peak.ai"
    try:
        parts = urlsplit(url if isinstance(url, str) and re.fullmatch(r"[!-~]+", url) else "")
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
        if parts.netloc.startswith("[") or re.fullmatch(r"[0-9]+(\.[0-9]+){3}", parts.hostname or ""):
            ip_address(str(parts.hostname).replace("%25", "%"))
        elif parts.hostname:
            # Names that DNS doesn't allow, such as one with an empty label, raise UnicodeError.
            parts.hostname.encode("idna").decode("idna")
    except ValueError:  # its message may contain a part of the password
        raise ConfigurationError(problem) from None
    if not usable or parts.query or parts.fragment or parts.username is not None:
        raise ConfigurationError(problem)
    return url.rstrip("/").removesuffix(PATH_PREFIX)
