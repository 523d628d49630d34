"""Dry runs: the client validates its arguments, builds the artifact, and returns the request in place of sending it."""

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
    """Carries a request out of the client."""

    def __init__(self, request: images.PreparedRequest) -> None:
        super().__init__()
        self.request = request


def capture_request(options: ServiceOptions, send: Callable[[images.Image], object]) -> images.PreparedRequest:
    """Return the first request that a call would send. It needs no token.

    Args:
        options: Which service it is for.
        send: Makes the call.

    Raises:
        images.PeakImagesError: The call can't be made.
    """
    import peak_images as images

    def capture(request: images.PreparedRequest) -> None:
        raise _CapturedError(request)

    with warnings.catch_warnings():
        # The report on the artifact has them all.
        warnings.simplefilter("ignore", images.ArtifactWarning)
        with make_session(options, token=_TOKEN, progress=False, artifact_check="off") as session:
            try:
                send(images.get_client(session).with_options(dry_run=capture))
            except _CapturedError as captured:
                return captured.request
    raise AssertionError  # every call sends something
