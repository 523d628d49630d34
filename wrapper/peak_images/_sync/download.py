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
from peak_images.errors import ConnectionFailedError, class_for_status

_OPERATION = "get_build_logs"


def download(session: Session, options: CallOptions, url: str, file: IO[bytes]) -> int:
    """Write what is at a signed URL to a file, piece by piece. The host gets no token.

    A transfer that breaks off goes on where it stopped, if the host allows that, else from the beginning.

    Returns:
        The number of bytes.

    Raises:
        ApiError: The host answered, and not with the whole of it.
        TransportError: The transfer broke off, more often than it may be tried again.
    """
    validator: dict[str, str] = {}
    tried(Tries(_OPERATION, "GET", options.retries), lambda: _go_on(session, options, url, file, validator))
    return file.tell()


def _go_on(session: Session, options: CallOptions, url: str, file: IO[bytes], validator: dict[str, str]) -> None:
    from peak_images._http import sync_download, translated

    have = file.tell() if validator else 0
    # If-Range: what has been changed meanwhile is sent from the beginning.
    headers = {"Range": f"bytes={have}-", **validator} if have else {}
    with translated(_OPERATION, "GET"):
        with sync_download(session.connections, url, headers, options.timeout) as answer:
            if answer.status_code not in (200, 206):
                answer.read()
                raise _refused(answer, url)
            goes_on = answer.status_code == 206 and _starts_at(answer, have)
            file.seek(have if goes_on else 0)
            file.truncate()
            validator.clear()
            if entity := answer.headers.get("etag") or answer.headers.get("last-modified"):
                validator["If-Range"] = entity
            raw: Any = answer.iter_raw()
            with closing(raw) as pieces:
                for piece in pieces:
                    file.write(piece)
    if answer.status_code == 206 and not goes_on:
        # A part that wasn't asked for.
        file.seek(0)
        raise ConnectionFailedError("the host sent another part", operation=_OPERATION, method="GET", url=_bare(url))


def _starts_at(answer: Any, offset: int) -> bool:
    found = re.match(r"bytes (\d+)-", answer.headers.get("content-range", ""))
    return found is not None and int(found[1]) == offset


def _bare(url: str) -> str:
    return url.partition("?")[0]


def _refused(answer: Any, url: str) -> Any:
    return class_for_status(answer.status_code)(
        f"the log can't be downloaded: {answer.reason_phrase}",
        operation=_OPERATION,
        method="GET",
        url=_bare(url),
        status_code=answer.status_code,
        body=answer.text,
        headers=dict(answer.headers),
    )
