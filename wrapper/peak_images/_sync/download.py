# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""From a signed URL to a file."""

from __future__ import annotations

import re
from contextlib import closing
from typing import IO, Any

from peak_images._http.retry import RetryState
from peak_images._session import Session
from peak_images._settings import CallOptions
from peak_images._sync.trying import with_retries
from peak_images.errors import ConnectionFailedError, PeakImagesError, class_for_status

_OPERATION = "get_build_logs"


def download(session: Session, options: CallOptions, url: object, file: IO[bytes]) -> int:
    """Write what is at a signed URL to a file, in chunks. The host gets no token.

    A transfer that breaks off goes on where it stopped, if the host allows that, else from the beginning.

    Returns:
        The number of bytes.

    Raises:
        PeakImagesError: It isn't an address.
        ApiError: The host answered, and not with the whole of it.
        TransportError: The transfer broke off, more often than it may be resumed.
    """
    if not isinstance(url, str) or not re.match(r"https?://[!-~]+$", url):
        raise PeakImagesError("the service's response has no downloadUrl that is an address")
    transfer = ResumableDownload(session, options, url, file)
    with_retries(RetryState(_OPERATION, "GET", options.retries), transfer.resume)
    return file.tell()


class ResumableDownload:
    """One file on its way, over as many connections as it takes.

    Args:
        session: Whose connections to use.
        options: How long to wait.
        url: Where the file is.
        file: Where it goes.
    """

    def __init__(self, session: Session, options: CallOptions, url: str, file: IO[bytes]) -> None:
        self._session = session
        self._options = options
        self._url = url
        self._file = file
        self._validator: str | None = None
        self._total: int | None = None

    def resume(self) -> None:
        """Ask for what is missing, and write it."""
        from peak_images._http.downloads import sync_download
        from peak_images._http.exceptions import map_httpx_errors

        offset = self._file.tell() if self._validator else 0
        # If-Range: what has been changed meanwhile is sent from the beginning.
        headers = {"Range": f"bytes={offset}-", "If-Range": str(self._validator)} if offset else {}
        connections, timeout = self._session._connections, self._options.timeout
        with map_httpx_errors(_OPERATION, "GET"):
            with sync_download(connections, self._url, headers, timeout) as response:
                if response.status_code == 416 and self._is_whole(response, offset):
                    return
                if response.status_code not in (200, 206):
                    response.read()
                    raise self._refused(response)
                self._consume(response, offset)

    def _consume(self, response: Any, offset: int) -> None:
        start, total = _range_of(response)
        if start not in (0, offset):
            self._validator = None
            raise self._broken("the host sent another part")
        if self._file.tell() != start:
            self._file.seek(start)
            self._file.truncate()
        is_plain = response.headers.get("content-encoding", "identity") == "identity"
        self._total = total if is_plain else None
        self._validator = response.headers.get("etag") or response.headers.get("last-modified") if is_plain else None
        # As it comes, where there is nothing to decode and nobody, a hook of a ready client say, has read it before.
        chunks: Any = response.iter_raw() if is_plain and not response.is_stream_consumed else response.iter_bytes()
        with closing(chunks):
            for chunk in chunks:
                self._file.write(chunk)
        if self._total is not None and self._file.tell() != self._total:
            raise self._broken(f"{self._file.tell()} of {self._total} bytes came")

    def _is_whole(self, response: Any, offset: int) -> bool:
        """Whether there is nothing after what has come already; otherwise it begins anew."""
        if response.headers.get("content-range") == f"bytes */{offset}" and offset:
            return True
        self._validator = None
        raise self._broken("the host has no such part")

    def _broken(self, problem: str) -> ConnectionFailedError:
        return ConnectionFailedError(problem, operation=_OPERATION, method="GET", url=self._url.partition("?")[0])

    def _refused(self, response: Any) -> Any:
        return class_for_status(response.status_code)(
            f"the log can't be downloaded: {response.reason_phrase}",
            operation=_OPERATION,
            method="GET",
            url=self._url.partition("?")[0],
            status_code=response.status_code,
            body=response.text,
            headers=dict(response.headers),
        )


def _range_of(response: Any) -> tuple[int, int | None]:
    """Where what comes begins, and how long the whole is, where the host says so."""
    if response.status_code == 206:
        found = re.match(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", ""))
        if found is None:
            return -1, None
        return int(found[1]), None if found[2] == "*" else int(found[2])
    length = response.headers.get("content-length", "")
    return 0, int(length) if length.isdigit() else None
