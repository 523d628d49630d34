"""What responses come as."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from peak_images.errors import PeakImagesError, quoted

M = TypeVar("M")


def register_yaml() -> None:
    """Let PyYAML, where it has been loaded, write payloads as the dictionaries that they are."""
    yaml: Any = sys.modules.get("yaml")
    for dumper in (yaml.SafeDumper, yaml.Dumper) if yaml else ():
        if Payload not in dumper.yaml_representers:
            dumper.add_representer(Payload, yaml.SafeDumper.represent_dict)
            dumper.add_representer(SavedLog, yaml.SafeDumper.represent_dict)


class Payload(dict[str, Any], Generic[M]):
    """A response of the service: the documented dictionary, and typed when asked.

    It *is* a dictionary, with exactly what the service sent: fields that this version doesn't know included, dates as
    text. ``model`` gives the same as an attrs class, with dates as ``datetime``.

    Example:
        >>> version = client.describe_version(image_id=image_id, version_id=version_id)
        >>> version["status"] == version.model.status
        True
    """

    __slots__ = ("_model", "_model_name")

    def __init__(self, fields: Mapping[str, Any], model_name: str) -> None:
        dict.__init__(self, fields)  # not super(): thousands are made of a long list
        self._model_name = model_name

    @property
    def model(self) -> M:
        """The response as a class of ``peak_images_api.models``, parsed on first use.

        A value that isn't of the documented form is found there as the service sent it.
        """
        try:
            return self._model
        except AttributeError:
            from peak_images_api import models

            self._model: M = cast("M", getattr(models, self._model_name).from_dict(self))
        return self._model

    def _repr_html_(self) -> str:
        from peak_images._notebook import payload_html

        return payload_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self), self._model_name)

    def _require(self, name: str) -> Any:
        """A field that this package can't go on without.

        Args:
            name: The field.

        Raises:
            PeakImagesError: The service didn't send it.
        """
        if name not in self:
            raise PeakImagesError(f"the service's response has no {name}: {quoted(dict(self))}")
        return self[name]


class SavedLog(Payload[M]):
    """The response to a request for a whole log, with where the log was saved.

    It shows its path and its size. The dictionary has the signed address that the log came from.

    Attributes:
        path: The file.
        size: Its size in bytes.

    Example:
        >>> saved = client.get_build_logs(image_id, build_id, save=True, file_name="build.log")
        >>> saved.path.name
        'build.log'
    """

    __slots__ = ("path", "size")

    def __init__(self, fields: Mapping[str, Any], model_name: str, path: Path, size: int) -> None:
        super().__init__(fields, model_name)
        self.path = path
        self.size = size

    def __repr__(self) -> str:
        # The dictionary has but the address that the log came from, which is signed, and as good as a key to the log.
        return f"SavedLog(path={str(self.path)!r}, size={self.size} bytes)"

    def _repr_html_(self) -> str:
        from peak_images._notebook import payload_html

        return payload_html({"path": str(self.path), "size": f"{self.size:,} bytes"})

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self), self._model_name, self.path, self.size)
