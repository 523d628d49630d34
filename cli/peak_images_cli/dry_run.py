"""Dry runs: the client validates its arguments and creates the artifact, but doesn't send the request."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from peak_images_cli.options import ServiceOptions
from peak_images_cli.service import make_session

if TYPE_CHECKING:
    import peak_images as images

_TOKEN: Final = "unused"  # noqa: S105 - not a token


class _CapturedError(Exception):
    """Raised with the captured request, to leave the call."""

    def __init__(self, request: images.PreparedRequest) -> None:
        super().__init__()
        self.request = request


def capture_request(options: ServiceOptions, send: Callable[[images.Image], object]) -> images.PreparedRequest:
    """Return the first request that a call would send. It needs no token.

    Args:
        options: The service and the credentials.
        send: Makes the call.

    Raises:
        images.PeakImagesError: The call fails before a request.
    """
    import peak_images as images

    def capture(request: images.PreparedRequest) -> None:
        raise _CapturedError(request)

    with warnings.catch_warnings():
        # The report on the artifact lists all problems.
        warnings.simplefilter("ignore", images.ArtifactWarning)
        with make_session(options, token=_TOKEN, progress=False) as session:
            try:
                send(images.get_client(session).with_options(dry_run=capture))
            except _CapturedError as captured:
                return captured.request
    raise AssertionError  # every call sends something
