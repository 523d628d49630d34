"""What has been received, noted for tests and people to look at, with the secrets masked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from peak_images_local.forms import FILE_FIELD, Form
from peak_images_local.state import ReceivedRequest

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request
    from starlette.types import Scope

    from peak_images_local.state import State

_MASK = "***"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_SECRET_PARAMETERS = frozenset({"signature"})
_KEY = "peak_images_local.record"


@dataclass
class Record:
    """A request while it is being served."""

    scope: Scope
    state: State
    status: int = 0
    problems: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    finished: bool = False

    def __post_init__(self) -> None:
        self.scope[_KEY] = self
        # A reset begins another list: what was on its way by then isn't of the time after it.
        self._requests = self.state.requests

    def finish(self, status: int) -> None:
        """Notes the request with its status, once."""
        if self.finished:
            return
        self.finished = True
        self._requests.append(
            ReceivedRequest(
                method=self.scope["method"],
                path=self.scope["path"],
                query=tuple(_mask_query(self.scope["query_string"])),
                headers=dict(_mask_headers(self.scope["headers"])),
                fields=self.fields,
                files=self.files,
                status=status,
                problems=tuple(self.problems),
            )
        )


def note(
    request: Request, *, problem: str | None = None, form: Form | None = None, fields: Collection[str] = ()
) -> None:
    """Adds to what is known of a request.

    Args:
        request: The request.
        problem: What the contract finds wrong with it.
        form: Its form.
        fields: The fields that the contract gives the form.
    """
    record: Record = request.scope[_KEY]
    if problem:
        record.problems.append(problem)
    if form is None:
        return
    record.fields = {name: _mask_arguments(value) for name, value in form.values.items()}
    record.problems += [
        f"{name}: a field that the contract doesn't declare" for name in sorted(form.text) if name not in fields
    ]
    if form.artifact is not None:
        file = form.artifact
        record.files[FILE_FIELD] = (file.filename or "", file.content_type or "", file.size or 0)
        if file.content_type != "application/zip":
            record.problems.append(f"{FILE_FIELD}: its type is {file.content_type}, not application/zip")


def gone(request: Request) -> None:
    """Notes that the client has gone away before it could be answered."""
    record: Record = request.scope[_KEY]
    record.finish(0)


def _mask_query(query: bytes) -> list[tuple[str, str]]:
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return [(name, _MASK if name in _SECRET_PARAMETERS else value) for name, value in pairs]


def _mask_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    return [(name, _MASK if name in _SECRET_HEADERS else value) for name, value in pairs]


def _mask_arguments(value: Any) -> Any:
    """Build details without the values of their arguments, which may be secrets."""
    if not isinstance(value, dict) or not isinstance(value.get("buildArguments"), list):
        return value
    masked = [
        {**argument, "value": _MASK} if isinstance(argument, dict) and "value" in argument else argument
        for argument in value["buildArguments"]
    ]
    return {**value, "buildArguments": masked}
