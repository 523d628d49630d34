"""One call of an operation: what was asked for, in the types that the contract gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from peak_images_local.api.forms import Form
from peak_images_local.storage.database import MAX_ID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from peak_images_local.state import State


@dataclass
class RequestContext:
    """A request that the contract has found no fault with.

    Attributes:
        state: The state of the service.
        path: The values in the path.
        query: The query, in its order.
        form: The form; empty where the operation has none.
        origin: The scheme and host that the request was sent to.
    """

    state: State
    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    origin: str
    form: Form = field(default_factory=Form)

    def path_id(self, name: str) -> int:
        """An id in the path. What is no number is no id of anything: 0."""
        text = self.path[name]
        return int(text) if text.isascii() and text.lstrip("+").isdecimal() else 0

    def query_list(self, name: str) -> list[str]:
        """All values of a query parameter."""
        return [value for key, value in self.query if key == name]

    def query_value(self, name: str) -> str:
        """The last value of a query parameter; empty where there is none."""
        return (self.query_list(name) or [""])[-1]

    def query_ints(self, name: str) -> list[int]:
        """All values of a query parameter, as numbers."""
        return [min(int(value), MAX_ID) for value in self.query_list(name)]

    def query_int(self, name: str, default: int) -> int:
        """The last value of a query parameter, as a number."""
        text = self.query_value(name)
        return int(text) if text else default

    def form_value(self, name: str) -> Any:
        """A field of the form; `None` where there is none."""
        return self.form.values.get(name)
