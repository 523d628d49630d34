"""The artifact as a field of a form, and the progress of its upload."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Final

from peak_images._notebook import is_notebook, is_terminal
from peak_images_api.types import File, Model

if TYPE_CHECKING:
    from peak_images._artifacts import Artifact

OnProgress = Callable[[int, int], object]
"""Called with the bytes of the artifact sent so far, and its size."""

PROGRESS_BAR_THRESHOLD: Final = 10**6
"""The largest artifact that shows no progress bar, in bytes."""


@dataclass
class ProgressReader:
    """A file that reports how much of it has been read. A retry starts at 0 again."""

    file: BinaryIO
    size: int
    on_progress: OnProgress

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        if chunk:
            self.on_progress(self.file.tell(), self.size)
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()


@contextmanager
def reporting(on_progress: OnProgress | None, size: int, *, show: bool) -> Iterator[OnProgress | None]:
    """Yield the callback of an upload's progress: the given one, else that of a bar if the session is interactive."""
    if on_progress is not None or not show or size <= PROGRESS_BAR_THRESHOLD or not (is_notebook() or is_terminal()):
        yield on_progress
        return
    bar = _bar(size)

    def update(sent: int, _: int) -> None:
        # A retry starts at 0 again, and so does the bar. An error of the terminal must not end the upload.
        with suppress(Exception):
            bar.update(sent - bar.n)

    try:
        yield update
    finally:
        with suppress(Exception):
            bar.close()


def _bar(size: int) -> Any:
    from importlib import import_module
    from importlib.util import find_spec

    # The notebook's bar requires ipywidgets; without them the textual one is shown.
    module = "tqdm.notebook" if is_notebook() and find_spec("ipywidgets") else "tqdm.std"
    return import_module(module).tqdm(total=size, unit="B", unit_scale=True, desc="artifact", leave=False)


class _Body(Model):
    """A body whose fields are sent as they were given. A model of its own would write times in another form."""

    _names: ClassVar[dict[str, str]] = {}

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.additional_properties = dict(fields)


def make_body(
    fields: Mapping[str, Any], artifact: Artifact | None = None, on_progress: OnProgress | None = None
) -> Any:
    """Return a body for the generated calls, with the artifact as the file of a form."""
    body = _Body(fields)
    if artifact is not None:
        file: Any = artifact.file
        if on_progress is not None:
            file = ProgressReader(artifact.file, artifact.size, on_progress)
        body["artifact"] = File(payload=file, file_name="artifact.zip", mime_type="application/zip")
    return body
