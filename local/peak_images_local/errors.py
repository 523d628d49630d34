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


def not_found(what: str, identifier: object, where: str = "") -> ApiError:
    """Return the error of something that isn't there: 404."""
    return ApiError(404, f"There is no {what} with id {str(identifier)[:80]}{where}")
