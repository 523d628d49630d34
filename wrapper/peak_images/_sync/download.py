# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""Download a file from a signed URL, and resume interrupted transfers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import IO, Any, Final

from peak_images._http.responses import summarize
from peak_images._http.retry import RetryState
from peak_images._payload import require
from peak_images._session import Session
from peak_images._settings import CallOptions
from peak_images._sync._base import with_retries
from peak_images.errors import ApiError, ConnectionFailedError, PeakImagesError, class_for_status

_OPERATION: Final = "get_build_logs"

_EXPIRED: Final = frozenset({400, 401, 403, 410})
"""The statuses by which storage rejects a link that has expired."""

MAX_ERROR_BODY: Final = 64 * 2**10
"""The largest part of an error's body to read, in bytes."""


@dataclass
class ResumableDownload:
    """A download of a file in chunks, over one or more connections. The host gets no token.

    An interrupted transfer is resumed if the host allows that, and restarted otherwise. A link that has expired is
    renewed.

    Attributes:
        session: The session whose connections to use.
        options: The timeouts and the number of retries.
        get_link: Requests a link; the response has it as ``downloadUrl``.
        file: The file to write to.
        response: The response with the last link.
    """

    session: Session
    options: CallOptions
    get_link: Callable[[], Any]
    file: IO[bytes]
    response: Any = None
    _url: str = ""
    _validator: str | None = None
    _total: int | None = None

    def run(self) -> int:
        """Download the file, and return the number of its bytes.

        Raises:
            PeakImagesError: The service sent no URL.
            ApiError: The host responded, and not with the whole file.
            TransportError: The transfer was interrupted, and there are no retries left.
        """
        progress = -1
        while True:
            self.response = self.get_link()
            url = require(self.response, "downloadUrl")
            if not isinstance(url, str) or not re.match(r"(?i:https?)://[!-~]+$", url):
                raise PeakImagesError("the service's response has no downloadUrl that is an address")
            self._url = url
            rejection = with_retries(RetryState(_OPERATION, "GET", self.options.retries), self._resume)
            if rejection is None:
                return self.file.tell()
            if self.file.tell() <= progress:
                # The host rejects fresh links too, so another one wouldn't help.
                raise rejection
            progress = self.file.tell()

    def _resume(self) -> ApiError | None:
        """Request the missing part and write it; return the rejection if the link has expired."""
        offset = self.file.tell() if self._validator else 0
        # If-Range: a file that has changed meanwhile is sent from the start.
        headers = {"Range": f"bytes={offset}-", "If-Range": str(self._validator)} if offset else {}
        with closing(self._open(headers)) as response:
            if response.status_code in (200, 206):
                self._consume(response, offset)
            elif response.status_code == 416:
                self._check_complete(response, offset)
            else:
                rejection = self._rejection(response)
                if response.status_code not in _EXPIRED:
                    raise rejection
                return rejection
        return None

    def _open(self, headers: Mapping[str, str]) -> Any:
        """Return the response, redirects followed; its body is still to be read."""
        from peak_images._http.downloads import SEND_OPTIONS, download_request, redirect_url
        from peak_images._http.logging import hide_signed_urls

        url: Any = self._url
        for redirects in count():
            request = download_request(url, headers, self.options.timeout)
            with hide_signed_urls():
                response = self.session._connections.sync_client().send(request, **SEND_OPTIONS)
            if not response.has_redirect_location:
                break
            response.close()
            url = redirect_url(response, redirects)
        return response

    def _consume(self, response: Any, offset: int) -> None:
        start, total = _range_of(response)
        is_same = total in (None, self._total or total) and _strong_validator(response) in (None, self._validator)
        if start not in (0, offset) or (start and not is_same):
            self._validator = None
            raise self._broken("the host sent another range")
        if self.file.tell() != start:
            self.file.seek(start)
            self.file.truncate()
        is_plain = response.headers.get("content-encoding", "identity") == "identity"
        self._total = total if is_plain else None
        self._validator = _strong_validator(response) if is_plain else None
        # Raw, if there is nothing to decode and no event hook of a custom client has read it already.
        chunks: Any = response.iter_raw() if is_plain and not response.is_stream_consumed else response.iter_bytes()
        with closing(chunks):
            for chunk in chunks:
                self.file.write(chunk)
        if self._total is not None and self.file.tell() != self._total:
            raise self._broken(f"received {self.file.tell()} of {self._total} bytes")

    def _check_complete(self, response: Any, offset: int) -> None:
        """Raise unless nothing is missing, so that the transfer restarts."""
        is_whole = self._total in (None, offset)
        if not (response.headers.get("content-range") == f"bytes */{offset}" and offset and is_whole):
            self._validator = None
            raise self._broken("the host has no such range")

    def _broken(self, problem: str) -> ConnectionFailedError:
        return ConnectionFailedError(problem, operation=_OPERATION, method="GET", url=self._url.partition("?")[0])

    def _rejection(self, response: Any) -> ApiError:
        body = b""
        chunks: Any = response.iter_bytes()
        with closing(chunks):
            for chunk in chunks:
                body += chunk
                if len(body) >= MAX_ERROR_BODY:
                    break
        text = body[:MAX_ERROR_BODY].decode("utf-8", errors="replace")
        message = f"the log can't be downloaded: {response.reason_phrase}"
        return class_for_status(response.status_code)(
            f"{message}: {summarize(text)}" if text.strip() else message,
            operation=_OPERATION,
            method="GET",
            url=self._url.partition("?")[0],
            status_code=response.status_code,
            body=text,
            headers=dict(response.headers),
        )


def _strong_validator(response: Any) -> str | None:
    etag = response.headers.get("etag")
    if etag and not etag.startswith("W/"):
        return str(etag)
    return response.headers.get("last-modified")  # type: ignore[no-any-return]


def _range_of(response: Any) -> tuple[int, int | None]:
    """Return the offset of the body, and the size of the whole file if the host states it."""
    if response.status_code == 206:
        found = re.match(r"bytes ([0-9]{1,18})-[0-9]+/([0-9]{1,18}|\*)$", response.headers.get("content-range", ""))
        if found is None:
            return -1, None
        return int(found[1]), None if found[2] == "*" else int(found[2])
    length = response.headers.get("content-length", "")
    return 0, int(length) if re.fullmatch("[0-9]{1,18}", length) else None
