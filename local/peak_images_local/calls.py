"""One call of an operation: what was asked for, in the types that the contract gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from peak_images_local.database import LARGEST_ID
from peak_images_local.forms import Form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from peak_images_local.state import State


@dataclass
class Call:
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

    def id(self, name: str) -> int:
        """An id in the path. What is no number is no id of anything: 0."""
        text = self.path[name]
        return int(text) if text.isascii() and text.lstrip("+").isdecimal() else 0

    def many(self, name: str) -> list[str]:
        """All values of a query parameter."""
        return [value for key, value in self.query if key == name]

    def one(self, name: str) -> str:
        """The last value of a query parameter; empty where there is none."""
        return (self.many(name) or [""])[-1]

    def numbers(self, name: str) -> list[int]:
        """All values of a query parameter, as numbers."""
        return [min(int(value), LARGEST_ID) for value in self.many(name)]

    def number(self, name: str, default: int) -> int:
        """The last value of a query parameter, as a number."""
        text = self.one(name)
        return int(text) if text else default

    def value(self, name: str) -> Any:
        """A field of the form; `None` where there is none."""
        return self.form.values.get(name)
