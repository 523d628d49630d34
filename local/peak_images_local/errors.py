"""The errors of the service, each an HTTP status with a sentence that says what is wrong."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal: what the service responds with in place of a result.

    Attributes:
        status: The HTTP status.
        detail: What is wrong, in words: the field, its value, what is allowed.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class ServiceError(Exception):
    """The service can't be started: no contract, a directory in use, a port taken."""


def malformed(detail: str) -> ApiError:
    """400: the request can't be read."""
    return ApiError(400, detail)


def unauthorized(detail: str) -> ApiError:
    """401: the token is missing or wrong."""
    return ApiError(401, detail)


def forbidden(detail: str) -> ApiError:
    """403: the token doesn't allow this."""
    return ApiError(403, detail)


def not_found(what: str, identifier: object, where: str = "") -> ApiError:
    """404: there is no such thing."""
    return ApiError(404, f"There is no {what} with id {str(identifier)[:80]}{where}")


def conflict(detail: str) -> ApiError:
    """409: it collides with what is there."""
    return ApiError(409, detail)


def too_large(detail: str) -> ApiError:
    """413: more than the service takes."""
    return ApiError(413, detail)


def unacceptable(detail: str) -> ApiError:
    """422: a value can't be accepted."""
    return ApiError(422, detail)
