"""Read the body of a request: files to disk, with an error as soon as it is too large."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from peak_images_local.api.contract import is_json
from peak_images_local.api.parameters import coerce, parse_json
from peak_images_local.api.validation_messages import find_problems
from peak_images_local.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from starlette.requests import Request

    from peak_images_local.api.contract import Body, Contract, Operation
    from peak_images_local.api.schemas import Schemas

MAX_TEXT_BYTES = 1 << 20
"""The maximum size of a text field, and of a body that isn't a multipart form."""

MAX_FORM_TEXT_BYTES = 4 << 20
MAX_PARTS = 100
MULTIPART = "multipart/form-data"
URL_ENCODED = "application/x-www-form-urlencoded"


@dataclass
class RequestBody:
    """A body that has been read.

    Attributes:
        value: The whole body: an object for a form, without its files.
        files: The uploaded files by their fields.
        schema: The schema of the body.
    """

    value: Any = None
    files: dict[str, UploadFile] = field(default_factory=dict)
    schema: Any = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a body that is an object."""
        return self.value if isinstance(self.value, dict) else {}


class _Parser(MultiPartParser):
    """Starlette's parser, with limits on sizes, and a check that the form is complete."""

    def __init__(self, request: Request, file_limit: int) -> None:
        super().__init__(
            request.headers,
            request.stream(),
            max_files=MAX_PARTS,
            max_fields=MAX_PARTS,
            max_part_size=MAX_TEXT_BYTES,
        )
        self._file_limit = file_limit
        self._file_size = 0
        self._text_size = 0
        self._ended = False

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is not None:
            self._file_size += end - start
            if self._file_size > self._file_limit:
                raise ApiError(413, f"The artifact is larger than {self._file_limit} bytes")
        else:
            self._add_text(end - start)
        super().on_part_data(data, start, end)

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._add_text(end - start)
        super().on_header_value(data, start, end)

    def _add_text(self, size: int) -> None:
        self._text_size += size
        if self._text_size > MAX_FORM_TEXT_BYTES:
            raise ApiError(413, f"The fields of the form are larger than {MAX_FORM_TEXT_BYTES} bytes")

    def on_end(self) -> None:
        self._ended = True
        super().on_end()

    async def parse(self) -> FormData:
        """Parse the form; on an error its files are closed, which some versions of Starlette don't do."""
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(self._close_files)
            parts = await super().parse()
            if not self._ended:
                raise MultiPartException("it ends before its last boundary")
            on_failure.pop_all()
        return parts

    def _close_files(self) -> None:
        for file in self._files_to_close_on_error:
            file.close()


@contextlib.asynccontextmanager
async def read_body(
    request: Request, contract: Contract, operation: Operation, file_limit: int
) -> AsyncIterator[RequestBody]:
    """Read the body of a request, in the types that the contract gives its fields; its files are closed afterwards.

    Args:
        request: The request.
        contract: The contract.
        operation: The operation, which has a body.
        file_limit: The largest artifact, in bytes.

    Raises:
        ApiError: 400, it can't be read; 413, it is too large; 422, a file in place of text or vice versa.
    """
    kind = _media_type(request)
    length = request.headers.get("content-length", "")
    is_empty = length == "0" or (not length and "transfer-encoding" not in request.headers)
    if not kind and is_empty and not operation.body_required:
        yield RequestBody()
        return
    declared = _declared_body(operation, kind)
    if declared is None:
        raise ApiError(400, f"The body is {kind or 'of no type'}; {' or '.join(operation.bodies)} is expected")
    if kind in {MULTIPART, URL_ENCODED}:
        parts = await read_form(request, file_limit)
        try:
            fields = [(name, await _as_text(declared, name, part)) for name, part in parts.multi_items()]
            yield _to_body(contract.schemas, declared, fields)
        finally:
            await parts.close()
        return
    content = await read_all(request)
    value = parse_json("The body", content) if is_json(kind) else content.decode(errors="replace")
    yield RequestBody(value, schema=declared.schema)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def body_problems(contract: Contract, body: RequestBody) -> list[ApiError]:
    """Return the violations of the contract by a body."""
    if body.schema is None:
        return []
    # Files are validated as empty text; that they are files has been checked.
    value = {**body.fields, **dict.fromkeys(body.files, "")} if body.files else body.value
    return find_problems(contract.schemas, body.schema, value)


def _declared_body(operation: Operation, kind: str) -> Body | None:
    ranges = (kind, f"{kind.partition('/')[0]}/*", "*/*")
    by_kind = {declared.partition(";")[0].strip().lower(): body for declared, body in operation.bodies.items()}
    return next((by_kind[name] for name in ranges if kind and name in by_kind), None)


async def read_all(request: Request, limit: int = MAX_TEXT_BYTES) -> bytes:
    """Return the whole body of a request.

    Raises:
        ApiError: 413, it is larger than the limit.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise ApiError(413, f"The body is larger than {limit} bytes")
    return bytes(content)


async def read_form(request: Request, file_limit: int, text_limit: int = MAX_TEXT_BYTES) -> FormData:
    """Read a form: multipart, or else URL-encoded.

    Args:
        request: The request.
        file_limit: The maximum size of a file, in bytes.
        text_limit: The maximum size of a URL-encoded form.

    Raises:
        ApiError: 400, it can't be read; 413, it is too large.
    """
    if _media_type(request) != MULTIPART:
        content = await read_all(request, text_limit)
        try:
            return FormData([*parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=MAX_PARTS)])
        except ValueError as error:
            raise ApiError(400, f"The form can't be read: {error}") from error
    # Text parts and boundaries add to that; a much larger body is rejected before it is read.
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > file_limit + MAX_FORM_TEXT_BYTES):
        raise ApiError(413, f"The artifact is larger than {file_limit} bytes")
    parser = _Parser(request, file_limit)
    try:
        return await parser.parse()
    except (MultiPartException, FormParserError, UnicodeError) as error:  # by the charset that the request names
        raise ApiError(400, f"The form can't be read: {getattr(error, 'message', error)}") from error


async def _as_text(declared: Body, name: str, part: str | UploadFile) -> str | UploadFile:
    """Return a part; a JSON field as text, although browsers send it as a file (a blob)."""
    if not isinstance(part, UploadFile) or name not in declared.json_fields or not is_json(part.content_type or ""):
        return part
    if (part.size or 0) > MAX_TEXT_BYTES:
        raise ApiError(413, f"{name}: larger than {MAX_TEXT_BYTES} bytes")
    try:
        return (await part.read()).decode()
    except UnicodeDecodeError as error:
        raise ApiError(400, f"{name}: not UTF-8 text: {error}") from error


def _to_body(schemas: Schemas, declared: Body, pairs: Iterable[tuple[str, str | UploadFile]]) -> RequestBody:
    """Return the fields of a form, in the types of their schemas."""
    body = RequestBody({}, schema=declared.schema)
    texts: dict[str, list[str]] = {}
    for name, value in pairs:
        if isinstance(value, UploadFile):
            if name not in declared.properties:
                continue
            if value.size == 0 and value.filename in {"", "blob"}:
                continue  # browsers send this if no file was chosen
            if name not in declared.files:
                raise ApiError(422, f"{name}: a file; text is expected")
            if name in body.files:
                raise ApiError(400, f"{name}: given more than once")
            body.files[name] = value
        elif name in declared.files:
            raise ApiError(422, f"{name}: text; a file is expected")
        else:
            texts.setdefault(name, []).append(value)
    for name, values in texts.items():
        if name in declared.properties:
            body.value[name] = _field_value(schemas, declared, name, values)
        else:
            body.value[name] = values[0]
    return body


def _field_value(schemas: Schemas, declared: Body, name: str, values: list[str]) -> Any:
    schema = declared.properties[name]
    if "array" in schemas.types(schema) and name not in declared.json_fields:
        items = schemas.items(schema)
        return [coerce(schemas, items, value) for value in values]
    if len(values) > 1:
        raise ApiError(400, f"{name}: given more than once")
    return parse_json(name, values[0]) if name in declared.json_fields else coerce(schemas, schema, values[0])
