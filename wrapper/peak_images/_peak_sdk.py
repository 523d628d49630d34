"""Compatibility with Peak's own SDK in the same process."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, Final, cast

_COUNTERPARTS: Final = {
    "MissingTokenError": "MissingEnvironmentVariableException",
    "InvalidInputError": "BadParameterException",
    "ArtifactError": "InvalidPathException",
    "ArtifactTooLargeError": "FileLimitExceededException",
    "ApiError": "BaseHttpException",
    "BadRequestError": "BadRequestException",
    "UnauthorizedError": "UnauthorizedException",
    "ForbiddenError": "ForbiddenException",
    "NotFoundError": "NotFoundException",
    "ConflictError": "ConflictException",
    "PayloadTooLargeError": "PayloadTooLargeException",
    "UnprocessableEntityError": "UnprocessableEntityException",
    "ServerError": "InternalServerErrorException",
    "PeakImagesError": "PeakBaseException",
}
"""The counterpart of each error in ``peak.exceptions``; a subclass has that of its base."""


def beside_sdk(error: type[BaseException]) -> type[BaseException]:
    """Return the error's class, or if the SDK has been imported, one that is also its counterpart.

    An ``except`` clause needs real inheritance, and the SDK can't be a dependency, so the class with both bases is
    created for the first error of its kind.
    """
    theirs = sys.modules.get("peak.exceptions")
    for base in error.__mro__ if theirs else ():
        counterpart = getattr(theirs, _COUNTERPARTS.get(base.__name__, ""), None)
        if isinstance(counterpart, type) and issubclass(counterpart, Exception):
            classes: tuple[Any, Any] = error, counterpart
            return cast("type[BaseException]", _both(*classes))
    return error


@cache
def _both(ours: Any, theirs: Any) -> Any:
    if issubclass(ours, theirs):
        return ours
    names: dict[str, Any] = {"__module__": ours.__module__, "__doc__": ours.__doc__, "__qualname__": ours.__qualname__}
    # type(theirs), since the SDK's exception may have a metaclass.
    return type(theirs)(ours.__name__, (ours, theirs), names)


def is_dry_run() -> bool:
    """Return whether the SDK's command line makes a dry run."""
    return bool(getattr(sys.modules.get("peak.config"), "DEBUG_MODE", False))


def show(method: str, url: str, fields: list[tuple[str, Any]]) -> None:
    """Print a request that isn't sent, as the SDK's command line does."""
    sys.stdout.write(f"{method.upper()} {url}\n")
    for name, value in fields:
        sys.stdout.write(f"  {name}: {value}\n")
