"""The artifact as a form field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, cast

if TYPE_CHECKING:
    from peak_images._artifact import Artifact

OnProgress = Callable[[int, int], object]
"""Called with the bytes of the artifact sent so far and in all."""


class _ReportingFile:
    """A file that tells how much of it has been read. A further try begins at 0 again."""

    def __init__(self, file: BinaryIO, size: int, on_progress: OnProgress) -> None:
        self._file = file
        self._size = size
        self._on_progress = on_progress

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        if piece:
            self._on_progress(self._file.tell(), self._size)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def pack(request: Mapping[str, Any], build_details: Mapping[str, Any] | None, limit: int | None) -> Artifact:
    """Make the artifact, after warning of what its build would trip over.

    Raises:
        ArtifactError: The artifact can't be made, or is larger than the limit.
    """
    from peak_images._artifact import build_artifact

    return build_artifact(**request, max_size=limit)


def make_form(model: str, fields: Mapping[str, Any], artifact: Artifact | None, on_progress: OnProgress | None) -> Any:
    """The model of a form, with the artifact as its file."""
    from peak_images_api import models
    from peak_images_api.types import File

    form = getattr(models, model).from_dict(fields)
    if artifact is not None:
        file: Any = artifact.file
        file.seek(0)
        if on_progress is not None:
            file = _ReportingFile(artifact.file, artifact.size, on_progress)
        form.artifact = File(payload=cast("BinaryIO", file), file_name="artifact.zip", mime_type="application/zip")
    return form
