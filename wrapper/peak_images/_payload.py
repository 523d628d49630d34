"""Responses: payloads, and saved logs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from peak_images._secrets import redact
from peak_images.errors import PeakImagesError, quoted
from peak_images_api.payload import Payload
from peak_images_api.responses import BuildLogs

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from peak_images_api.operations import Operation, Response

__all__ = ["Payload", "SavedLog", "make_payload", "require", "require_elements"]

M = TypeVar("M")


class _YamlHook:
    """A finder that registers payloads as dictionaries with PyYAML when it is imported."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        spec = PathFinder.find_spec(name) if name == "yaml" else None
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                if module.__name__ == name:  # a zip file's modules share one loader
                    _register(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _register(yaml: Any) -> None:
    for representer in (yaml.representer.SafeRepresenter, yaml.representer.Representer):
        for kind in (representer, *representer.__subclasses__()):
            kind.add_multi_representer(Payload, yaml.representer.SafeRepresenter.represent_dict)


if "yaml" in sys.modules:
    _register(sys.modules["yaml"])
else:
    sys.meta_path.insert(0, _YamlHook())


def make_payload(fields: Mapping[str, Any], operation: Operation) -> Payload[Any]:
    """Return a response as a payload with the model that the contract states; for a union, that of its member.

    The elements of a page are payloads too.
    """
    response, pagination = operation["response"], operation["pagination"]
    if pagination is not None and isinstance(elements := fields.get(pagination["items"]), list):
        model = pagination["model"]
        # Not Payload[Any](…): that alias takes four times as long, and a list has thousands.
        typed: list[Any] = [Payload(one, model) if isinstance(one, dict) else one for one in elements]
        fields = {**fields, pagination["items"]: typed}
    return Payload(fields, response["model"] or _matching_model(fields, response))


def _matching_model(fields: Mapping[str, Any], response: Response) -> str | None:
    discriminator = response["discriminator"]
    if discriminator and (model := discriminator["mapping"].get(str(fields.get(discriminator["field"])))):
        return model
    fitting = [
        member
        for member in response["members"]
        if all(name in fields for name in member["required"])
        and all(fields.get(name, value) == value for name, value in member["fixed"].items())
    ]
    # Of several that fit, the one that declares most of the fields.
    best = max(fitting, key=lambda member: len(fields.keys() & set(member["fields"])), default=None)
    return best["model"] if best else None


def require(fields: Mapping[str, Any], name: str) -> Any:
    """Return a field that this package requires.

    Args:
        fields: The response.
        name: The field.

    Raises:
        PeakImagesError: The response doesn't have it.
    """
    if name not in fields:
        raise _missing(name, fields)
    return fields[name]


def require_elements(fields: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the elements of a page of a list or of a chunk of a log; none for null.

    Raises:
        PeakImagesError: The response doesn't have them.
    """
    elements = [] if name in fields and fields[name] is None else fields.get(name)
    if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
        raise _missing(f"list of {name}", fields)
    return elements


def _missing(what: str, fields: Mapping[str, Any]) -> PeakImagesError:
    shown = quoted(redact(dict(fields))) if fields else "it is empty, as every response of a dry run is"
    return PeakImagesError(f"the service's response has no {what}: {shown}")


def _payload_html(fields: Mapping[str, Any]) -> str:
    from peak_images._notebook import payload_html

    return payload_html(fields)


Payload._to_html = _payload_html
Payload._redact = redact


class SavedLog(BuildLogs, Generic[M]):
    """The response to a request for a whole log, with where the log was saved.

    Its ``repr`` has the path and the size. The dictionary has the signed URL of the log.

    Attributes:
        path: The file.
        size: Its size in bytes.

    Example:
        >>> saved = client.get_build_logs(image_id, build_id, save=True, file_name="build.log")
        >>> saved.path.name
        'build.log'
    """

    # To type checkers it can stand where a chunk of the log can, as in documented code.

    __slots__ = ("path", "size")

    if TYPE_CHECKING:

        @property
        def model(self) -> M: ...  # type: ignore[override]

    def __init__(self, fields: Mapping[str, Any], model_name: str, path: Path, size: int) -> None:
        super().__init__(fields, model_name)
        self.path = path
        self.size = size

    def __repr__(self) -> str:
        # The dictionary only has the signed URL, which gives access to the log.
        return f"SavedLog(path={str(self.path)!r}, size={self.size} bytes)"

    def _repr_html_(self) -> str:
        from peak_images._notebook import payload_html

        return payload_html({"path": str(self.path), "size": f"{self.size:,} bytes"})

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self), self._model_name, self.path, self.size)
