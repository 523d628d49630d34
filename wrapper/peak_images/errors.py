"""Every error this package raises, as one tree.

::

    PeakImagesError
    ├── ConfigurationError                    also ValueError
    │   └── MissingTokenError
    ├── InvalidInputError                     also ValueError; nothing was sent
    │   └── ArtifactError
    │       └── ArtifactTooLargeError
    ├── SaveError                             also OSError; a file could not be written
    ├── BuildFailedError                      a build that was waited for failed or was stopped
    ├── DeletionFailedError                   a deletion that was waited for failed
    ├── WaitTimeoutError                      also TimeoutError; what was waited for hasn't come
    ├── TransportError                        no complete response came
    │   ├── ConnectionFailedError             also ConnectionError
    │   └── RequestTimeoutError               also TimeoutError
    └── ApiError                              a response came, and it is not a success
        ├── BadRequestError                   400
        ├── UnauthorizedError                 401
        ├── ForbiddenError                    403
        ├── NotFoundError                     404
        ├── ConflictError                     409
        ├── PayloadTooLargeError              413
        ├── UnprocessableEntityError          422
        ├── RateLimitedError                  429
        └── ServerError                       500 to 599

``except PeakImagesError`` catches all of them. A response with any other status, or a success that can't be
read (HTML from a gateway, say), is a plain ``ApiError``.

``ArtifactWarning``, a ``UserWarning``, is no error: it tells what a build would trip over, and what stays out or
travels that perhaps should not. ``UnknownFieldWarning`` is another: a field of a body looks misspelt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self, cast

from peak_images._peak_sdk import beside_sdk

__all__ = [
    "ApiError",
    "ArtifactError",
    "ArtifactTooLargeError",
    "ArtifactWarning",
    "BadRequestError",
    "BuildFailedError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "DeletionFailedError",
    "ForbiddenError",
    "InvalidInputError",
    "MissingTokenError",
    "NotFoundError",
    "PayloadTooLargeError",
    "PeakImagesError",
    "RateLimitedError",
    "RequestTimeoutError",
    "SaveError",
    "ServerError",
    "TransportError",
    "UnauthorizedError",
    "UnknownFieldWarning",
    "UnprocessableEntityError",
    "WaitTimeoutError",
]

_ENDINGS: Final = {"failed": "failed", "stopped": "was stopped"}

_VALUE_LIMIT: Final = 120
"""Longest quotation of a value in a message, in characters."""


class PeakImagesError(Exception):
    """Base of every error of this package.

    Where Peak's own SDK has been loaded in the same process, each error is also an instance of its counterpart in
    ``peak.exceptions``, so that ``except`` clauses that were written for it hold.
    """

    def __new__(cls, *_: Any, **__: Any) -> Self:  # noqa: D102
        # Without the arguments, which OSError would take for its own errno and strerror.
        return super().__new__(cast("type[Self]", beside_sdk(cls)))

    def __init__(self, *args: object) -> None:
        # Not super(): beside the SDK, its own classes stand in between.
        Exception.__init__(self, *args)

    def __str__(self) -> str:
        return Exception.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        ours = next(base for base in type(self).__mro__ if globals().get(base.__name__) is base)
        return _restored, (ours, self.args, self.__dict__)


def _restored(cls: type[PeakImagesError], args: tuple[Any, ...], state: dict[str, Any]) -> PeakImagesError:
    """An error as it was, from a pickle: its own arguments are more than its message."""
    error = cls.__new__(cls)
    Exception.__init__(error, *args)
    error.__dict__.update(state)
    return error


class ConfigurationError(PeakImagesError, ValueError):
    """A session can't be made from what it was given: a stage, a URL, a token, an option."""


class MissingTokenError(ConfigurationError):
    """No token: neither ``Session(auth_token=…)`` nor one of the environment variables gives one."""


class InvalidInputError(PeakImagesError, ValueError):
    """An argument that can't be right. Raised before anything is sent.

    Attributes:
        field: Where it stands, such as ``body.buildDetails.source``.
        value: What stands there; ``None`` where it is missing.
        allowed: The values that are allowed there, when they can be listed.

    Example:
        >>> try:
        ...     client.create_image({"name": "an-image", "type": "wokflow"})
        ... except images.InvalidInputError as error:
        ...     print(error.field, error.value)
        body.type wokflow
    """

    def __init__(self, field: str, problem: str, value: object = None, allowed: Iterable[object] | None = None) -> None:
        self.field = field
        self.value = value
        self.allowed = None if allowed is None else tuple(allowed)
        message = f"{field}: {problem}"
        if self.allowed is not None:
            message += f"; allowed: {', '.join(map(str, self.allowed))}"
        super().__init__(message)


class ArtifactError(InvalidInputError):
    """The build context can't be made into an artifact. The message names the path.

    Attributes:
        path: The file or directory in question.
        problems: What was found before sending, if that stopped the call: each with ``kind``, ``message`` and ``path``.
    """

    def __init__(
        self, path: object, problem: str, *, field: str = "artifact.path", problems: Iterable[Any] = ()
    ) -> None:
        super().__init__(field, problem, value=path)
        self.path = path
        self.problems = tuple(problems)


class ArtifactTooLargeError(ArtifactError):
    """The artifact is larger than the service takes. Raised before anything is sent.

    Attributes:
        limit: The limit in bytes, zipped.
        largest: The largest files, as pairs of name and size in bytes, unzipped, largest first.
    """

    def __init__(self, path: object, problem: str, *, limit: int, largest: Iterable[tuple[str, int]]) -> None:
        super().__init__(path, problem)
        self.limit = limit
        self.largest = tuple(largest)


class UnknownFieldWarning(UserWarning):
    """A field of a body that isn't known, and looks like a misspelling of one that is. It is sent all the same.

    Example:
        >>> import warnings
        >>> warnings.simplefilter("error", images.UnknownFieldWarning)
    """


class ArtifactWarning(UserWarning):
    """The build context can be sent, and something in it looks like a mistake."""


class SaveError(PeakImagesError, OSError):
    """A file can't be written where it was asked for. Nothing is left under its name that wasn't there before.

    Attributes:
        path: The file that was asked for.
    """

    def __init__(self, path: object, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class BuildFailedError(PeakImagesError):
    """A build that was waited for failed or was stopped.

    Attributes:
        status: ``failed`` or ``stopped``.
        image_id: The image.
        version_id: The version that was built.
        build_id: The build, as the list of builds gives it; ``None`` if it isn't in there.
        log: The last lines of the build's log.
    """

    def __init__(
        self, status: str, *, image_id: int, version_id: int, build_id: int | str | None, log: Iterable[str]
    ) -> None:
        self.status = status
        self.image_id = image_id
        self.version_id = version_id
        self.build_id = build_id
        self.log = tuple(log)
        message = f"the build of version {version_id} of image {image_id} {_ENDINGS.get(status, status)}"
        super().__init__("\n  ".join([message, *self.log]))


class DeletionFailedError(PeakImagesError):
    """A deletion that was waited for failed.

    Attributes:
        image_id: The image.
        version_ids: The versions whose state is ``delete-failed``.
    """

    def __init__(self, *, image_id: int, version_ids: Iterable[int]) -> None:
        self.image_id = image_id
        self.version_ids = tuple(version_ids)
        versions = ", ".join(map(str, self.version_ids))
        super().__init__(f"image {image_id}: the deletion of these versions failed: {versions}")


class WaitTimeoutError(PeakImagesError, TimeoutError):
    """What was waited for hasn't come in the time allowed. The service goes on with it.

    Attributes:
        image_id: The image, if it is the build of a version that was waited for; else ``None``.
        version_id: The version, likewise.
    """

    def __init__(self, message: str, *, image_id: int | None = None, version_id: int | None = None) -> None:
        super().__init__(message)
        self.image_id = image_id
        self.version_id = version_id


class _RequestError(PeakImagesError):
    """What errors about a request that was sent have in common."""

    def __init__(self, message: str, *, operation: str, method: str, url: str) -> None:
        super().__init__(message)
        self.operation = operation
        self.method = method
        self.url = url
        self.attempts = 1
        self.outcome_unknown = False

    def __str__(self) -> str:
        text = f"{self.operation}: {super().__str__()}"
        if self.attempts > 1:
            text += f" (after {self.attempts} attempts)"
        if self.outcome_unknown:
            text += "; the request may have succeeded; check before retrying"
        return text


class TransportError(_RequestError):
    """No response, or an incomplete one.

    Attributes:
        operation: The operation, such as ``create_image``.
        method: The HTTP method.
        url: The address, without its query.
        attempts: How many times it was tried.
        outcome_unknown: ``True`` if the service may have carried out a change all the same.
    """


class ConnectionFailedError(TransportError, ConnectionError):
    """The connection could not be opened, or broke before the whole response had come."""


class RequestTimeoutError(TransportError, TimeoutError):
    """Nothing came, or nothing could be sent, within the time allowed."""


class ApiError(_RequestError):
    """The service answered, and not with a success that can be read.

    Attributes:
        operation: The operation, such as ``create_image``.
        method: The HTTP method.
        url: The address, without its query.
        status_code: The HTTP status.
        detail: What the service said is wrong; for a response that isn't the service's own JSON, a summary of it.
        body: The response's body: parsed when it is JSON, else text.
        headers: The response's headers, by lower-case name.
        request_id: The id the service or a gateway gave the request, if any, for a support ticket.
        attempts: How many times it was tried.
        outcome_unknown: ``True`` if the service may have carried out a change all the same.

    Example:
        >>> try:
        ...     client.describe_image(9999)
        ... except images.NotFoundError as error:
        ...     print(error.status_code, error.operation)
        404 describe_image
    """

    def __init__(
        self,
        detail: str,
        *,
        operation: str,
        method: str,
        url: str,
        status_code: int,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        request_id: str | None = None,
    ) -> None:
        message = f"{status_code}: {detail}"
        if request_id:
            message += f" [request id {request_id}]"
        super().__init__(message, operation=operation, method=method, url=url)
        self.detail = detail
        self.status_code = status_code
        self.body = body
        self.headers = dict(headers or {})
        self.request_id = request_id


class BadRequestError(ApiError):
    """400: the request is malformed."""


class UnauthorizedError(ApiError):
    """401: the token is missing, wrong or expired."""


class ForbiddenError(ApiError):
    """403: the token doesn't allow this."""


class NotFoundError(ApiError):
    """404: there is no such image, version or build."""


class ConflictError(ApiError):
    """409: it collides with what is there: a name already taken, a version in use."""


class PayloadTooLargeError(ApiError):
    """413: the artifact is larger than the service takes."""


class UnprocessableEntityError(ApiError):
    """422: the request is well formed and a value in it can't be accepted."""


class RateLimitedError(ApiError):
    """429: too many requests."""


class ServerError(ApiError):
    """500 to 599: the service, or a gateway before it, failed."""


_BY_STATUS: Final[dict[int, type[ApiError]]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    413: PayloadTooLargeError,
    422: UnprocessableEntityError,
    429: RateLimitedError,
}


def class_for_status(status_code: int) -> type[ApiError]:
    """The class of error for an HTTP status."""
    if 500 <= status_code <= 599:
        return ServerError
    return _BY_STATUS.get(status_code, ApiError)


def quoted(value: object) -> str:
    """Return a value as a message shows it: its ``repr``, cut where it gets long."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - an object that can't be shown is named by its type
        text = f"<{type(value).__name__} object>"
    return text if len(text) <= _VALUE_LIMIT else text[: _VALUE_LIMIT - 1] + "…"
