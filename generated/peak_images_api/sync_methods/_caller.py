# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""What the documented methods call, for the client to implement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Caller:
    """Makes the calls of the documented methods."""

    def _call(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """Make a call without a body."""
        raise NotImplementedError

    def _submit(self, operation: str, arguments: Mapping[str, Any], body: Any) -> Any:
        """Make a call with a body."""
        raise NotImplementedError

    def _submit_form(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        body: Any,
        artifact: Mapping[str, Any] | None,
        on_progress: Callable[[int, int], object] | None,
    ) -> Any:
        """Make a call whose body is a form with an artifact."""
        raise NotImplementedError

    def _paginate(self, operation: str, arguments: Mapping[str, Any], *, return_iterator: bool, prefetch: bool) -> Any:
        """Return an iterator over the elements of all pages, or make a call for one page."""
        raise NotImplementedError
