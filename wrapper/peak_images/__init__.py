"""Python client of Peak's Images service.

``get_client()`` returns the client. ``Session`` has the address, the token and the options; ``Payload`` is a response;
``inspect_artifact`` reports what would be uploaded of a directory, and ``build_artifact`` zips it. The errors are
described in ``peak_images.errors``. ``peak.resources.images`` has the same names.

Names are loaded on first use, so that importing this package costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers treat it as true; importing typing would take longer than the rest of this module
if TYPE_CHECKING:
    from typing import Any

    from peak_build_context import ArtifactReport
    from peak_images import types
    from peak_images._artifacts import Artifact, build_artifact, inspect_artifact
    from peak_images._async.client import AsyncImage, get_async_client
    from peak_images._build_steps import BuildStep, BuildSteps
    from peak_images._dry_run import PreparedRequest
    from peak_images._payload import Payload, SavedLog
    from peak_images._reports import Deployment, PruneReport
    from peak_images._session import Session
    from peak_images._settings import Timeout
    from peak_images._sync.client import Image, get_client
    from peak_images._version import __version__
    from peak_images.errors import *
    from peak_images_api import models

__all__ = [
    "ApiError",
    "Artifact",
    "ArtifactError",
    "ArtifactReport",
    "ArtifactTooLargeError",
    "ArtifactWarning",
    "AsyncImage",
    "BadRequestError",
    "BuildFailedError",
    "BuildStep",
    "BuildSteps",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "DeletionFailedError",
    "Deployment",
    "ForbiddenError",
    "Image",
    "InvalidInputError",
    "MissingTokenError",
    "NotFoundError",
    "Payload",
    "PayloadTooLargeError",
    "PeakImagesError",
    "PreparedRequest",
    "PruneReport",
    "RateLimitedError",
    "RequestTimeoutError",
    "SaveError",
    "SavedLog",
    "ServerError",
    "Session",
    "Timeout",
    "TransportError",
    "UnauthorizedError",
    "UnknownFieldWarning",
    "UnprocessableEntityError",
    "WaitTimeoutError",
    "__version__",
    "build_artifact",
    "get_async_client",
    "get_client",
    "inspect_artifact",
    "models",
    "types",
]

_MODULES = {
    "._artifacts": ("Artifact", "build_artifact", "inspect_artifact"),
    "._async.client": ("AsyncImage", "get_async_client"),
    "._build_steps": ("BuildStep", "BuildSteps"),
    "._dry_run": ("PreparedRequest",),
    "._payload": ("Payload", "SavedLog"),
    "._reports": ("Deployment", "PruneReport"),
    "._session": ("Session",),
    "._settings": ("Timeout",),
    "._sync.client": ("Image", "get_client"),
    "._version": ("__version__",),
    "peak_build_context": ("ArtifactReport",),
}
"""The public names of each module; all others are error classes."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if name in ("models", "types"):
        value = globals()[name] = import_module("peak_images_api.models" if name == "models" else ".types", __name__)
        return value
    home = next((module for module, names in _MODULES.items() if name in names), ".errors")
    value = globals()[name] = getattr(import_module(home, __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
