"""Requests of dry runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PreparedRequest:
    """A request that a call would send, as ``with_options(dry_run=...)`` reports it.

    Secrets in the body aren't redacted.

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


DryRun = Callable[[PreparedRequest], object]
"""Called with each request in place of sending it. An exception that it raises ends the call."""
