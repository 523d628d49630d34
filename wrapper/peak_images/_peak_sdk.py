"""Peak's own SDK in the same process: what it, and code written for it, expects of a client."""

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
"""By the name of an error, the name of its counterpart in ``peak.exceptions``; a subclass has that of its base."""


def beside_sdk(error: type[BaseException]) -> type[BaseException]:
    """The class, or where the SDK has been loaded, one that is its counterpart too.

    An ``except`` clause asks for real inheritance, and the SDK can't be a dependency: so the class that has both is
    made when the first error of its kind is.
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
    # The metaclass is theirs where they have one of their own.
    return type(theirs)(ours.__name__, (ours, theirs), names)


def is_dry_run() -> bool:
    """Whether the SDK's command line was asked to show what it would send and send nothing of it."""
    return bool(getattr(sys.modules.get("peak.config"), "DEBUG_MODE", False))


def show(method: str, url: str, fields: list[tuple[str, Any]]) -> None:
    """Print a request that isn't sent, as the SDK's command line does."""
    sys.stdout.write(f"{method.upper()} {url}\n")
    for name, value in fields:
        sys.stdout.write(f"  {name}: {value}\n")
