"""Multipart forms: read to disk as they arrive, and refused as soon as they are too large."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from peak_images_local.errors import ApiError, malformed, too_large, unacceptable

if TYPE_CHECKING:
    from starlette.requests import Request

    from peak_images_local.api.contract import Operation

_TEXT_LIMIT = 1 << 20
MAX_PARTS = 100
FILE_FIELD = "artifact"
"""The one field that is a file."""


@dataclass
class Form:
    """A form that has been read.

    Attributes:
        text: The text fields, as they were sent.
        values: The same, with those that travel as JSON parsed.
        artifact: The uploaded file, if there is one.
        parts: All parts, as they came.
    """

    text: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    artifact: UploadFile | None = None
    parts: FormData = field(default_factory=FormData)

    async def close(self) -> None:
        """Gives the space of uploaded files back."""
        await self.parts.close()


class _Parser(MultiPartParser):
    """Starlette's parser, with a limit on files, and an eye on whether the form's end has come."""

    def __init__(self, request: Request, file_limit: int) -> None:
        super().__init__(
            request.headers,
            request.stream(),
            max_files=MAX_PARTS,
            max_fields=MAX_PARTS,
            max_part_size=_TEXT_LIMIT,
        )
        self._file_limit = file_limit
        self._file_size = 0
        self.ended = False

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is not None:
            self._file_size += end - start
            if self._file_size > self._file_limit:
                raise too_large(f"The artifact is larger than {self._file_limit} bytes")
        super().on_part_data(data, start, end)

    def on_end(self) -> None:
        self.ended = True
        super().on_end()

    def close(self) -> None:
        """Gives the space of files back that belong to no form yet; not every Starlette does that itself."""
        for file in self._files_to_close_on_error:
            file.close()


async def read_form(request: Request, operation: Operation, file_limit: int) -> Form:
    """Reads the form of a request.

    Args:
        request: The request.
        operation: What it asks for.
        file_limit: The largest artifact, in bytes.

    Raises:
        ApiError: 400, it isn't a form that can be read; 413, the artifact is too large; 422, a file where text
            belongs or the other way round.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise malformed(f"The body is {kind or 'of no type'}; multipart/form-data is expected")
    # Text parts and boundaries come on top; what is far beyond is refused before it is read.
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > file_limit + _TEXT_LIMIT:
        raise too_large(f"The artifact is larger than {file_limit} bytes")
    parser = _Parser(request, file_limit)
    try:
        form = Form(parts=await parser.parse())
    except (MultiPartException, FormParserError) as error:
        parser.close()
        raise malformed(f"The form can't be read: {getattr(error, 'message', error)}") from error
    except BaseException:
        parser.close()
        raise
    try:
        if not parser.ended:
            raise malformed("The form can't be read: it ends before its last boundary")
        for name, value in form.parts.multi_items():
            _take(form, operation, name, value)
    except ApiError:
        await form.close()
        raise
    return form


def _take(form: Form, operation: Operation, name: str, value: str | UploadFile) -> None:
    known = operation.fields or frozenset()
    if name in known and (name in form.text or (name == FILE_FIELD and form.artifact is not None)):
        raise malformed(f"{name}: given more than once")
    if isinstance(value, UploadFile):
        if name not in known:
            form.text[name] = ""
            return
        if name != FILE_FIELD:
            raise unacceptable(f"{name}: a file; text is expected")
        form.artifact = value
        return
    if name == FILE_FIELD:
        raise unacceptable(f"{name}: text; a file is expected")
    form.text[name] = value
    form.values[name] = _parse(name, value) if name in operation.json_fields else value


def _parse(name: str, text: str) -> Any:
    try:
        value = json.loads(text)
        # Python reads more than JSON has, and what can't be written again can't be answered with.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise malformed(f"{name}: not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise malformed(f"{name}: nested too deeply") from error
    except ValueError as error:
        raise malformed(f"{name}: not JSON: {error}") from error
    return value
