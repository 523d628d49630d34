"""A rehearsal: the client does all that it does, checks and packing included, and its request is caught unsent."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from peak_images_cli.options import ServiceOptions
from peak_images_cli.service import make_session

if TYPE_CHECKING:
    import httpx
    import typer

    import peak_images as images

_TOKEN: Final = "unused"  # noqa: S105 - not a token


@dataclass(frozen=True)
class CaughtRequest:
    """A request that would have been sent.

    Attributes:
        method: The HTTP method.
        url: The address, with its query.
        fields: The texts of the form, by their names.
        artifact: The artifact, zipped, if there is one.
    """

    method: str
    url: str
    fields: Mapping[str, str] = field(default_factory=dict)
    artifact: bytes | None = field(default=None, repr=False)

    def body(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The body that the form was made from, with what the client added to what was given."""
        return {
            name: text if isinstance(given.get(name), str) else json.loads(text) for name, text in self.fields.items()
        }


class _CaughtError(Exception):
    """Carries a request out of the client."""

    def __init__(self, request: CaughtRequest) -> None:
        super().__init__()
        self.request = request


def capture_request(
    context: typer.Context, options: ServiceOptions, send: Callable[[images.Image], object]
) -> CaughtRequest:
    """Make a call up to the point where its first request would be sent. It needs no token.

    Args:
        context: The context of the run.
        options: Which service it is for.
        send: Makes the call.

    Raises:
        images.PeakImagesError: The call can't be made.
    """
    return _caught(
        lambda transport: make_session(context, options, token=_TOKEN, transport=transport, progress=False), send
    )


def capture_artifact(artifact: Mapping[str, Any], details: Mapping[str, Any]) -> bytes:
    """The artifact that a create sends, zipped. It needs no service.

    Args:
        artifact: The artifact: its path, and what else there is to say of it.
        details: The build details. The Dockerfile that they name is sent even if it is ignored.

    Raises:
        images.PeakImagesError: The artifact can't be made.
    """
    import peak_images as images

    given = {name: value for name, value in details.items() if value is not None}
    body = {"name": "packed", "type": "api", "buildDetails": {"source": "upload", **given}}
    caught = _caught(
        lambda transport: images.Session(_TOKEN, base_url="http://localhost", transport=transport, progress=False),
        lambda client: client.create_image(body, dict(artifact)),
    )
    return caught.artifact or b""


def _caught(
    make: Callable[[httpx.BaseTransport], images.Session], send: Callable[[images.Image], object]
) -> CaughtRequest:
    import httpx

    import peak_images as images

    class Catch(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise _CaughtError(_read(request.method, str(request.url), request.headers, request.read()))

    with warnings.catch_warnings():
        # The report on the artifact has them all.
        warnings.simplefilter("ignore", UserWarning)
        with make(Catch()) as session:
            try:
                send(images.get_client(session))
            except _CaughtError as caught:
                return caught.request
    raise AssertionError  # every call sends something


def _read(method: str, url: str, headers: Mapping[str, str], content: bytes) -> CaughtRequest:
    kind, _, boundary = headers.get("content-type", "").partition("; boundary=")
    if kind != "multipart/form-data":
        return CaughtRequest(method, url)
    fields, artifact = {}, None
    for part in content.split(b"--" + boundary.encode())[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        value = value.removesuffix(b"\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode()
        if b"filename=" in head:
            artifact = value
        else:
            fields[name] = value.decode()
    return CaughtRequest(method, url, fields, artifact)
