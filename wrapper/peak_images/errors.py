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
    ├── WaitTimeoutError                      also TimeoutError; timed out, and the operation continues
    ├── TransportError                        no response, or an incomplete one
    │   ├── ConnectionFailedError             also ConnectionError
    │   └── RequestTimeoutError               also TimeoutError
    └── ApiError                              an unsuccessful response
        ├── BadRequestError                   400
        ├── UnauthorizedError                 401
        ├── ForbiddenError                    403
        ├── NotFoundError                     404
        ├── ConflictError                     409
        ├── PayloadTooLargeError              413
        ├── UnprocessableEntityError          422
        ├── RateLimitedError                  429
        └── ServerError                       500 to 599

``except PeakImagesError`` catches all of them. A response with any other status, or a successful
one that can't be parsed (such as HTML from a gateway), is a plain ``ApiError``.

``ArtifactWarning``, a ``UserWarning``, reports files that are missing in a build, or included or excluded by mistake.
``UnknownFieldWarning`` reports a field of a body that looks misspelt.
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

_VALUE_LIMIT: Final = 120
"""The longest text of a value in a message, in characters."""


class PeakImagesError(Exception):
    """Base of every error of this package.

    If Peak's own SDK has been imported, each error is also an instance of its counterpart in ``peak.exceptions``, so
    that ``except`` clauses that were written for the SDK catch it.
    """

    def __new__(cls, *_: Any, **__: Any) -> Self:  # noqa: D102
        # Without the arguments, which OSError would take for its own errno and strerror.
        return super().__new__(cast("type[Self]", beside_sdk(cls)))

    def __init__(self, *args: object) -> None:
        # Not super(): beside the SDK, its classes are in the MRO.
        Exception.__init__(self, *args)

    def __str__(self) -> str:
        return Exception.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        ours = next(base for base in type(self).__mro__ if globals().get(base.__name__) is base)
        # Not the class itself, which takes other arguments than its message.
        return ours.__new__, (ours,), {**self.__dict__, "args": self.args}


class ConfigurationError(PeakImagesError, ValueError):
    """A stage, a URL, a token or an option of a session is invalid."""


class MissingTokenError(ConfigurationError):
    """No token is set, neither by ``Session(auth_token=…)`` nor by an environment variable."""


class InvalidInputError(PeakImagesError, ValueError):
    """Invalid argument. Raised before anything is sent.

    Attributes:
        field: The argument or field, such as ``body.buildDetails.source``.
        value: Its value; ``None`` if it is missing.
        allowed: The allowed values, if they can be listed.

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
    """The build context can't be zipped. The message names the path.

    Attributes:
        path: The file or directory in question.
        problems: The problems of the build context that stopped the call, each with ``kind``, ``message`` and ``path``.
    """

    def __init__(
        self, path: object, problem: str, *, field: str = "artifact.path", problems: Iterable[Any] = ()
    ) -> None:
        super().__init__(field, problem, value=path)
        self.path = path
        self.problems = tuple(problems)


class ArtifactTooLargeError(ArtifactError):
    """The artifact is larger than the service accepts. Raised before anything is sent.

    Attributes:
        limit: The limit in bytes, zipped.
        largest: The largest files, as pairs of name and size in bytes, unzipped, largest first.
    """

    def __init__(self, path: object, problem: str, *, limit: int, largest: Iterable[tuple[str, int]]) -> None:
        super().__init__(path, problem)
        self.limit = limit
        self.largest = tuple(largest)


class UnknownFieldWarning(UserWarning):
    """An unknown field of a body looks like a misspelling of a known one. It is sent anyway.

    Example:
        >>> import warnings
        >>> warnings.simplefilter("error", images.UnknownFieldWarning)
    """


class ArtifactWarning(UserWarning):
    """The build context can be uploaded, but has a likely mistake."""


class SaveError(PeakImagesError, OSError):
    """A file can't be written. A file of this name that existed before is unchanged.

    Attributes:
        path: The file.
    """

    def __init__(self, path: object, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class BuildFailedError(PeakImagesError):
    """The build failed or was stopped.

    Attributes:
        status: ``failed`` or ``stopped``.
        image_id: The image.
        version_id: The version that was built.
        build_id: The numeric id of the build; ``None`` if the service doesn't list it.
        log: The last lines of the build's log.
    """

    def __init__(
        self,
        status: str,
        *,
        image_id: int,
        version_id: int,
        build_id: int | str | None,
        log: Iterable[str],
        name: str = "",
    ) -> None:
        self.status = status
        self.image_id = image_id
        self.version_id = version_id
        self.build_id = build_id
        self.log = tuple(log)
        ending = "was stopped" if status == "stopped" else status
        ids = f"version {version_id} of image {image_id}"
        message = f"the build of {name} {ending} ({ids})" if name else f"the build of {ids} {ending}"
        super().__init__("\n  ".join([message, *self.log]))


class DeletionFailedError(PeakImagesError):
    """The deletion failed.

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
    """Timed out; the operation continues.

    Attributes:
        image_id: The image, if the wait was for the build of a version; else ``None``.
        version_id: The version, likewise.
        name: Their names, such as ``weather:0.0.1``, if the service has given them.
    """

    def __init__(
        self, message: str, *, image_id: int | None = None, version_id: int | None = None, name: str | None = None
    ) -> None:
        super().__init__(message)
        self.image_id = image_id
        self.version_id = version_id
        self.name = name


class _RequestError(PeakImagesError):
    """Base of the errors of requests that were sent."""

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
        attempts: The number of attempts.
        outcome_unknown: Whether the service may have applied a change nevertheless.
    """


class ConnectionFailedError(TransportError, ConnectionError):
    """The connection couldn't be opened, or was lost before the response was complete."""


class RequestTimeoutError(TransportError, TimeoutError):
    """Connecting, sending or receiving timed out."""


class ApiError(_RequestError):
    """The response isn't a success, or can't be parsed.

    Attributes:
        operation: The operation, such as ``create_image``.
        method: The HTTP method.
        url: The address, without its query.
        status_code: The HTTP status.
        detail: The ``detail`` of the response, or a summary of a response that isn't JSON.
        body: The response's body: parsed when it is JSON, else text.
        headers: The response's headers, by lower-case name.
        request_id: The request id of the service or a gateway, if any, for a support ticket.
        attempts: The number of attempts.
        outcome_unknown: Whether the service may have applied a change nevertheless.

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
    """403: the token doesn't permit this."""


class NotFoundError(ApiError):
    """404: the image, version or build doesn't exist."""


class ConflictError(ApiError):
    """409: conflict, such as a name that is taken or a version in use."""


class PayloadTooLargeError(ApiError):
    """413: the artifact is larger than the service accepts."""


class UnprocessableEntityError(ApiError):
    """422: the request is well formed, but a value in it is invalid."""


class RateLimitedError(ApiError):
    """429: too many requests."""


class ServerError(ApiError):
    """500 to 599: the service or a gateway failed."""


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
    """Return the error class of an HTTP status."""
    if 500 <= status_code <= 599:
        return ServerError
    return _BY_STATUS.get(status_code, ApiError)


def quoted(value: object) -> str:
    """Return the ``repr`` of a value for a message, on one line and truncated if it is long."""
    try:
        text = " ".join(repr(value).splitlines())
    except Exception:  # noqa: BLE001 - an object that can't be shown is named by its type
        text = f"<{type(value).__name__} object>"
    return text if len(text) <= _VALUE_LIMIT else text[: _VALUE_LIMIT - 1] + "…"
