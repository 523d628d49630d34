# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""Download a file from a signed URL, and resume interrupted transfers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import count
from typing import IO, Any, Final

from peak_images._http.responses import summarize
from peak_images._http.retry import RetryState
from peak_images._session import Session
from peak_images._settings import CallOptions
from peak_images._sync._base import with_retries
from peak_images.errors import ApiError, ConnectionFailedError, PeakImagesError, class_for_status

_OPERATION: Final = "get_build_logs"

_EXPIRED: Final = frozenset({400, 401, 403, 410})
"""The statuses by which storage rejects a link that has expired."""

MAX_ERROR_BODY: Final = 64 * 2**10
"""The largest part of an error's body to read, in bytes."""


class ResumableDownload:
    """A download of a file in chunks, over one or more connections. The host gets no token.

    An interrupted transfer is resumed if the host allows that, and restarted otherwise. A link that has expired is
    renewed.

    Args:
        session: The session whose connections to use.
        options: The timeouts and the number of retries.
        get_url: Requests a link.
        file: The file to write to.
    """

    def __init__(self, session: Session, options: CallOptions, get_url: Callable[[], object], file: IO[bytes]) -> None:
        self._session = session
        self._options = options
        self._get_url = get_url
        self._file = file
        self._url = ""
        self._validator: str | None = None
        self._total: int | None = None

    def run(self) -> int:
        """Download the file, and return the number of its bytes.

        Raises:
            PeakImagesError: The service sent no URL.
            ApiError: The host responded, and not with the whole file.
            TransportError: The transfer was interrupted, and there are no retries left.
        """
        progress = -1
        while True:
            url = self._get_url()
            if not isinstance(url, str) or not re.match(r"https?://[!-~]+$", url):
                raise PeakImagesError("the service's response has no downloadUrl that is an address")
            self._url = url
            rejection = with_retries(RetryState(_OPERATION, "GET", self._options.retries), self._resume)
            if rejection is None:
                return self._file.tell()
            if self._file.tell() <= progress:
                # A new link was rejected at once.
                raise rejection
            progress = self._file.tell()

    def _resume(self) -> ApiError | None:
        """Request the missing part and write it; return the rejection if the link has expired."""
        offset = self._file.tell() if self._validator else 0
        # If-Range: a file that has changed meanwhile is sent from the start.
        headers = {"Range": f"bytes={offset}-", "If-Range": str(self._validator)} if offset else {}
        with closing(self._open(headers)) as response:
            if response.status_code == 416 and self._is_complete(response, offset):
                return None
            if response.status_code not in (200, 206):
                rejection = self._rejection(response)
                if response.status_code in _EXPIRED:
                    return rejection
                raise rejection
            self._consume(response, offset)
            return None

    def _open(self, headers: Mapping[str, str]) -> Any:
        """Return the response, redirects followed; its body is still to be read."""
        from peak_images._http.downloads import SEND_OPTIONS, download_request, redirect_url
        from peak_images._http.logging import hide_signed_urls

        url: Any = self._url
        for redirects in count():
            request = download_request(url, headers, self._options.timeout)
            with hide_signed_urls():
                response = self._session._connections.sync_client().send(request, **SEND_OPTIONS)
            if not response.has_redirect_location:
                break
            response.close()
            url = redirect_url(response, redirects)
        return response

    def _consume(self, response: Any, offset: int) -> None:
        start, total = _range_of(response)
        if start not in (0, offset) or (start and self._total and total not in (None, self._total)):
            self._validator = None
            raise self._broken("the host sent another range")
        if self._file.tell() != start:
            self._file.seek(start)
            self._file.truncate()
        is_plain = response.headers.get("content-encoding", "identity") == "identity"
        self._total = total if is_plain else None
        self._validator = _strong_validator(response) if is_plain else None
        # Raw, if there is nothing to decode and no event hook of a custom client has read it already.
        chunks: Any = response.iter_raw() if is_plain and not response.is_stream_consumed else response.iter_bytes()
        with closing(chunks):
            for chunk in chunks:
                self._file.write(chunk)
        if self._total is not None and self._file.tell() != self._total:
            raise self._broken(f"received {self._file.tell()} of {self._total} bytes")

    def _is_complete(self, response: Any, offset: int) -> bool:
        """Whether nothing is missing; if the host has no such range, the transfer restarts."""
        is_whole = self._total in (None, offset)
        if response.headers.get("content-range") == f"bytes */{offset}" and offset and is_whole:
            return True
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
