"""Requests of dry runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from peak_images._secrets import redact, redact_url


@dataclass(frozen=True)
class PreparedRequest:
    """A request that a call would send, as ``with_options(dry_run=...)`` reports it.

    ``body`` and ``url`` have their secrets, ``repr`` masks them.

    Attributes:
        operation: The operation, such as ``create_image``.
        method: The HTTP method.
        url: The address, with its query.
        body: The fields of the body, with what the client adds to them; ``None`` if there is no body.
        artifact_size: The size of the zipped artifact in bytes; ``None`` if there is none.
    """

    operation: str
    method: str
    url: str
    body: Mapping[str, Any] | None = None
    artifact_size: int | None = None

    def __repr__(self) -> str:
        shown = {**vars(self), "url": redact_url(self.url), "body": redact(self.body)}
        return f"PreparedRequest({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


DryRun = Callable[[PreparedRequest], object]
"""Called with each request in place of sending it. An exception that it raises ends the call."""
