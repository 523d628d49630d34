"""An embedded Peak Images service, which validates requests and responses against the contract.

`LocalService` starts it in a test, a script or a notebook; `python -m peak_images_local` serves it.
It imports nothing of the client, so that it can check what the client sends.

Its dependencies come with the extra `peak-images[local]`, and are imported when a name is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from peak_images_local.errors import ServiceError
    from peak_images_local.faults import Fault
    from peak_images_local.request_log import ReceivedRequest
    from peak_images_local.service import LocalService
    from peak_images_local.storage.archive import ArchiveLimits
    from peak_images_local.testing.control import Control

__all__ = ["ArchiveLimits", "Control", "Fault", "LocalService", "ReceivedRequest", "ServiceError"]

_HOMES = {
    "ArchiveLimits": "storage.archive",
    "Control": "testing.control",
    "Fault": "faults",
    "LocalService": "service",
    "ReceivedRequest": "request_log",
    "ServiceError": "errors",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = importlib.import_module(f"{__name__}.{home}")
    except ModuleNotFoundError as error:
        raise ImportError(
            f"The local service needs {error.name}, which comes with: pip install 'peak-images[local]'", name=error.name
        ) from error
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
