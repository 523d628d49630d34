# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""What responses come as."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Generic, TypeVar, cast

M = TypeVar("M")


class Payload(dict[str, Any], Generic[M]):
    """A response of the service: a dictionary, with ``model`` as its typed view.

    It contains exactly what the service sent, unknown fields included, with dates as text. ``model`` is an attrs class,
    with dates as ``datetime``.

    Example:
        >>> version = client.describe_version(image_id=image_id, version_id=version_id)
        >>> version["status"] == version.model.status
        True
    """

    __slots__ = ("_model", "_model_name")

    _to_html: ClassVar[Callable[[Mapping[str, Any]], str] | None] = None
    """How a notebook shows a payload. The client sets it; this layer doesn't depend on notebooks."""

    _redact: ClassVar[Callable[[Any], Any] | None] = None
    """Returns a copy without secrets, for ``repr``. The client sets it."""

    # Of one argument, perhaps pairs: dataclasses.asdict, for one, copies dictionaries by their type.
    def __init__(self, fields: Mapping[str, Any] | Iterable[tuple[str, Any]], model_name: str | None = None) -> None:
        dict.__init__(self, fields)  # not super(): thousands are created for a long list
        self._model_name = model_name

    @property
    def model(self) -> M:
        """The response as a class of ``peak_images_api.models``, parsed on first use.

        A value that doesn't match the contract is kept as the service sent it. A response without a documented model
        stays a dictionary.
        """
        if self._model_name is None:
            return cast("M", dict(self))
        try:
            return self._model
        except AttributeError:
            from peak_images_api import models

            self._model: M = cast("M", getattr(models, self._model_name).from_dict(self))
        return self._model

    def __repr__(self) -> str:
        redact = type(self)._redact
        return repr(redact(dict(self)) if redact else dict(self))

    def _repr_html_(self) -> str | None:
        to_html = type(self)._to_html
        return to_html(self) if to_html else None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self), self._model_name)
