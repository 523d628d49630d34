# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""From a signed URL to a file."""

from __future__ import annotations

import re
from contextlib import closing
from typing import IO, Any

from peak_images._retrying import Tries
from peak_images._session import Session
from peak_images._settings import CallOptions
from peak_images._sync.trying import tried
from peak_images.errors import ConnectionFailedError, PeakImagesError, class_for_status

_OPERATION = "get_build_logs"


def download(session: Session, options: CallOptions, url: object, file: IO[bytes]) -> int:
    """Write what is at a signed URL to a file, piece by piece. The host gets no token.

    A transfer that breaks off goes on where it stopped, if the host allows that, else from the beginning.

    Returns:
        The number of bytes.

    Raises:
        PeakImagesError: It isn't an address.
        ApiError: The host answered, and not with the whole of it.
        TransportError: The transfer broke off, more often than it may be tried again.
    """
    if not isinstance(url, str) or not re.match(r"https?://[!-~]+$", url):
        raise PeakImagesError("the service's answer has no downloadUrl that is an address")
    transfer = Transfer(session, options, url, file)
    tried(Tries(_OPERATION, "GET", options.retries), transfer.go_on)
    return file.tell()


class Transfer:
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

    def go_on(self) -> None:
        """Ask for what is missing, and write it."""
        from peak_images._http import sync_download, translated

        have = self._file.tell() if self._validator else 0
        # If-Range: what has been changed meanwhile is sent from the beginning.
        headers = {"Range": f"bytes={have}-", "If-Range": str(self._validator)} if have else {}
        connections, timeout = self._session.connections, self._options.timeout
        with translated(_OPERATION, "GET"):
            with sync_download(connections, self._url, headers, timeout) as answer:
                if answer.status_code == 416 and self._is_whole(answer, have):
                    return
                if answer.status_code not in (200, 206):
                    answer.read()
                    raise self._refused(answer)
                self._take(answer, have)

    def _take(self, answer: Any, have: int) -> None:
        start, total = _range_of(answer)
        if start not in (0, have):
            self._validator = None
            raise self._broken("the host sent another part")
        if self._file.tell() != start:
            self._file.seek(start)
            self._file.truncate()
        is_plain = answer.headers.get("content-encoding", "identity") == "identity"
        self._total = total if is_plain else None
        self._validator = answer.headers.get("etag") or answer.headers.get("last-modified") if is_plain else None
        # As it comes, where there is nothing to decode and nobody, a hook of a ready client say, has read it before.
        pieces: Any = answer.iter_raw() if is_plain and not answer.is_stream_consumed else answer.iter_bytes()
        with closing(pieces):
            for piece in pieces:
                self._file.write(piece)
        if self._total is not None and self._file.tell() != self._total:
            raise self._broken(f"{self._file.tell()} of {self._total} bytes came")

    def _is_whole(self, answer: Any, have: int) -> bool:
        """Whether there is nothing after what has come already; otherwise it begins anew."""
        if answer.headers.get("content-range") == f"bytes */{have}" and have:
            return True
        self._validator = None
        raise self._broken("the host has no such part")

    def _broken(self, problem: str) -> ConnectionFailedError:
        return ConnectionFailedError(problem, operation=_OPERATION, method="GET", url=self._url.partition("?")[0])

    def _refused(self, answer: Any) -> Any:
        return class_for_status(answer.status_code)(
            f"the log can't be downloaded: {answer.reason_phrase}",
            operation=_OPERATION,
            method="GET",
            url=self._url.partition("?")[0],
            status_code=answer.status_code,
            body=answer.text,
            headers=dict(answer.headers),
        )


def _range_of(answer: Any) -> tuple[int, int | None]:
    """Where what comes begins, and how long the whole is, where the host says so."""
    if answer.status_code == 206:
        found = re.match(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("content-range", ""))
        if found is None:
            return -1, None
        return int(found[1]), None if found[2] == "*" else int(found[2])
    length = answer.headers.get("content-length", "")
    return 0, int(length) if length.isdigit() else None
