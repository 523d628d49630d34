"""The errors of the service, each an HTTP status with a message."""

from __future__ import annotations


class ApiError(Exception):
    """A rejected request, which is responded to with an error status.

    Attributes:
        status: The HTTP status.
        detail: The message: the field, its value, what is allowed.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class ServiceError(Exception):
    """The service can't be started: no contract, a directory in use, a port taken."""


def not_found(what: str, identifier: object, where: str = "") -> ApiError:
    """Return the error for something that doesn't exist: 404."""
    return ApiError(404, f"There is no {what} with id {str(identifier)[:80]}{where}")
