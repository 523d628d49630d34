"""A request of an operation, its values in the types of the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from peak_images_local.api.body import RequestBody
from peak_images_local.api.contract import load_contract
from peak_images_local.storage.database import MAX_ID

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile

    from peak_images_local.api.contract import Contract, Operation
    from peak_images_local.api.parameters import Values
    from peak_images_local.state import State


@dataclass
class RequestContext:
    """A request that conforms to the contract.

    Parameters and fields that the contract doesn't declare are ignored.

    Attributes:
        state: The state of the service.
        operation: The operation.
        parameters: The values of its parameters, with the contract's defaults, by place and name.
        origin: The scheme and host that the request was sent to.
        body: The body; empty where there is none.
        contract: The contract.
        reset_count: How often the service had been reset when the request arrived.
    """

    state: State
    operation: Operation
    parameters: Values = field(default_factory=dict)
    origin: str = ""
    body: RequestBody = field(default_factory=RequestBody)
    contract: Contract = field(default_factory=load_contract)
    reset_count: int = field(init=False)

    def __post_init__(self) -> None:
        self.reset_count = self.state.reset_count

    def path_id(self, name: str) -> object:
        """Return an id in the path, as it was given."""
        return self.parameters.get(("path", name))

    def query_list(self, name: str) -> list[Any]:
        """Return all values of a query parameter."""
        value = self.parameters.get(("query", name), [])
        return value if isinstance(value, list) else [value]

    def query_value(self, name: str) -> Any:
        """Return the value of a query parameter, `None` for nothing."""
        return self.parameters.get(("query", name))

    def query_ints(self, name: str) -> list[int]:
        """Return all values of a query parameter that are numbers."""
        return [min(value, MAX_ID) for value in self.query_list(name) if isinstance(value, int)]

    def query_int(self, name: str, default: int) -> int:
        """Return the value of a query parameter as a number; `default` where the contract has none either."""
        value = self.query_value(name)
        return value if isinstance(value, int) else default

    def form_value(self, name: str) -> Any:
        """Return a field of the body, `None` for nothing."""
        return self.body.fields.get(name)

    @property
    def artifact(self) -> UploadFile | None:
        """The uploaded build context, if there is one."""
        return self.body.files.get("artifact")
